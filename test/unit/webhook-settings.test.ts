import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { Reader } from "../../settingsReader";
import { readWebhook } from "../../webhookSettings";

const CANARY = "canary-webhook-secret";

function read(webhook: string, webhookSecret?: string) {
    const config = { "specivo:webhook": webhook, ...(webhookSecret && { "specivo:webhookSecret": webhookSecret }) };
    pulumi.runtime.setAllConfig(config, ["specivo:webhookSecret"]);
    const reader = new Reader();
    return { settings: readWebhook(reader), mistakes: reader.mistakes };
}

describe("the webhook's settings", () => {
    before(() => pulumi.runtime.setMocks({ call: () => ({}), newResource: () => ({ id: "", state: {} }) }, "specivo"));

    it("are none by default", () => assert.deepEqual(read(""), { settings: undefined, mistakes: [] }));

    for (const url of [
        "https://hooks.example/specivo?to=ops",
        "https://198.51.100.7:8443",
        "http://localhost:8080/specivo",
        "http://127.0.0.1",
        "http://[::1]:8080/",
    ]) {
        it(`take ${url}`, () => {
            const { settings, mistakes } = read(url, CANARY);
            assert.deepEqual([settings?.url, mistakes], [url, []]);
        });
    }

    for (const url of [
        "http://hooks.example/specivo",
        "http://localhost.example/",
        "http://127.0.0.1.example/",
        "https://me:pass@hooks.example/",
        "hooks.example",
        'https://hooks.example/"',
    ]) {
        it(`refuse ${url} in one sentence`, () => {
            const [sentence = "", ...more] = read(url, CANARY).mistakes;
            assert.match(sentence, /^specivo:webhook is ".*": give an address that begins with https:\/\/.*\.$/);
            assert.deepEqual(more, []);
        });
    }

    it("need a secret that is long enough, and never show it", () => {
        assert.match(read("https://hooks.example").mistakes.join(), /^specivo:webhookSecret is not set: choose 16/);
        assert.match(
            read("https://hooks.example", "canary").mistakes.join(),
            /^specivo:webhookSecret is not what it should be: (?!.*canary)/,
        );
    });
});
