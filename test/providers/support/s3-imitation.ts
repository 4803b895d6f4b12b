import { createServer, type IncomingMessage, type Server } from "node:http";
import type { SpacesKey } from "../../../lab/cloud/account";
import { bytesOf } from "../../../lab/cloud/answers";
import type { ObjectStore } from "../../../lab/cloud/object-store";
import { bucketOf } from "../../../lab/cloud/spaces";
import { listen } from "./listen";

const MISSING: Record<string, string> = {
    versioning: "<VersioningConfiguration/>",
    location: "<LocationConstraint></LocationConstraint>",
};

/**
 * The part of S3's API that settings of buckets need: what was put is what is got. Like the lab's S3 server it has no lifecycle
 * rules. Signatures are not looked at; who may use what is only noted.
 */
export class S3Imitation implements ObjectStore {
    /** Settings of each bucket. */
    readonly buckets = new Map<string, Map<string, string>>();
    /** Keys that are known, and the grants they came with. */
    readonly users = new Map<string, SpacesKey["grants"]>();
    /** Keys that may use each bucket. */
    readonly shared = new Map<string, string[]>();

    private constructor(
        private readonly server: Server,
        readonly endpoint: string,
    ) {}

    static async start(): Promise<S3Imitation> {
        const server = createServer();
        const imitation = new S3Imitation(server, `http://127.0.0.1:${await listen(server)}`);
        server.on("request", (request: IncomingMessage, response) => {
            void bytesOf(request).then((body) => {
                const [status, text] = imitation.answer(request, body.toString());
                response.writeHead(status, { "content-type": "application/xml" }).end(text);
            });
        });
        return imitation;
    }

    stop(): void {
        this.server.closeAllConnections();
        this.server.close();
    }

    async putUser({ accessKey, grants }: SpacesKey): Promise<void> {
        this.users.set(accessKey, grants);
    }

    async removeUser(accessKey: string): Promise<void> {
        this.users.delete(accessKey);
    }

    async share(bucket: string, keys: readonly SpacesKey[]): Promise<void> {
        if (this.buckets.has(bucket)) {
            this.shared.set(
                bucket,
                keys.map(({ accessKey }) => accessKey),
            );
        }
    }

    private answer(request: IncomingMessage, body: string): [number, string] {
        const { method } = request;
        const { bucket: name, setting } = bucketOf(request);
        const bucket = this.buckets.get(name);
        if (method === "PUT" && setting === "") {
            this.buckets.set(name, bucket ?? new Map<string, string>());
            return [200, ""];
        }
        if (bucket === undefined) {
            return [404, "<Error><Code>NoSuchBucket</Code></Error>"];
        }
        if (setting === "lifecycle") {
            return [501, "<Error><Code>NotImplemented</Code></Error>"];
        }
        if (method === "PUT") {
            bucket.set(setting, body);
        } else if (method === "DELETE") {
            this.buckets.delete(name);
        } else if (setting !== "") {
            return [200, bucket.get(setting) ?? MISSING[setting] ?? ""];
        }
        return [200, ""];
    }
}
