import type * as pulumi from "@pulumi/pulumi";

import type { Reader } from "./settingsReader";

/** Who is told how a transition ended. */
export interface WebhookSettings {
    /** Address that the server posts to. */
    readonly url: string;
    /** What it signs with. */
    readonly secret: pulumi.Output<string>;
}

const HTTPS = /^https:\/\/[A-Za-z0-9.[\]:-]+(\/[^\s"\\]*)?$/;
/** On the server itself nobody listens in. */
const ON_SERVER = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/[^\s"\\]*)?$/;

/** Undefined without a `webhook`. */
export function readWebhook(reader: Reader): WebhookSettings | undefined {
    if (reader.value("webhook") === "") {
        return undefined;
    }
    return {
        url: reader.matching("webhook", (value) => HTTPS.test(value) || ON_SERVER.test(value)),
        secret: reader.secret("webhookSecret", (value) => value.length >= 16),
    };
}
