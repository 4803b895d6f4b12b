import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

import program from "../../index";
import type { Facts } from "../../plan/facts";
import { asTransition } from "../../plan/ledger";
import { begun, facts, IMAGE_0_1_10, INSTANCE, upgraded } from "./support/facts";

const CONFIG = {
    "specivo:specivoVersion": "0.1.10",
    "specivo:host": "203.0.113.10",
    "specivo:backupPassword": "canary-90cc",
    "specivo:allowOnHostBackupOnly": "true",
    "specivo:changelog": "",
};

const DROPLET = {
    "specivo:dropletRegion": "fra1",
    "specivo:dropletSshPublicKey": "ssh-ed25519 AAAAC3N ops",
    "specivo:dropletSshFrom": "192.0.2.0/24",
};
const KEY = { accessKey: "KEYID", secretKey: "KEYSECRET" };

describe("the program", () => {
    const { PATH: oldPath, SSH_AUTH_SOCK: oldAgent } = process.env;
    const log = { info: pulumi.log.info, warn: pulumi.log.warn };
    let directory: string;
    let made: string[];
    /** What the server is told of the backups. */
    let credentials: unknown;
    let said: string[];

    /** A server that shows these facts, and answers every step. */
    function server(shown: Facts) {
        writeFileSync(path.join(directory, "facts"), JSON.stringify(shown));
        writeFileSync(path.join(directory, "ssh"), `#!/bin/sh\ncat >/dev/null\ncat ${directory}/facts\n`);
        chmodSync(path.join(directory, "ssh"), 0o755);
    }

    /** What resources are told, in a preview nothing of a droplet that is to be made; and what the last `up` left. */
    function mock(preview = false, last = {}): Promise<void> {
        const answer = {
            ...{ transition: "0.1.9-to-0.1.10#1", id: "b4ck0b", version: "0.1.10", restorePoint: "9o1n7" },
            ...{ transitions: [{ text: "how it went" }], instance: INSTANCE },
        };
        const learned = { ipAddress: "203.0.113.20", status: "succeeded", stdout: "ssh-ed25519 AAAAC3N root@specivo" };
        return pulumi.runtime.setMocks(
            {
                call: ({ token }) => assert.fail(token),
                newResource: ({ name, type, inputs }) => {
                    if (type === "pulumi:pulumi:StackReference") {
                        return { id: name, state: { outputs: last, secretOutputNames: [] } };
                    }
                    made.push(name);
                    if (name === "specivo-host-offsite") {
                        credentials = ((inputs as Record<string, unknown>).stdin as { value: unknown }).value;
                    }
                    if (name.startsWith("specivo-server-")) {
                        return { id: "1", state: preview ? {} : learned };
                    }
                    const state = { stdout: JSON.stringify(answer), imageId: "sha256:0110", ...KEY };
                    return { id: `${name}-id`, state };
                },
            },
            "specivo",
            "test",
            preview,
            "nobody",
        );
    }

    beforeEach(async () => {
        directory = mkdtempSync(path.join(tmpdir(), "program-"));
        process.env.PATH = `${directory}:${oldPath}`;
        process.env.SSH_AUTH_SOCK = path.join(directory, "agent");
        [made, said] = [[], []];
        await mock();
        pulumi.runtime.setAllConfig(CONFIG, ["specivo:backupPassword"]);
        const hear = (text: string) => Promise.resolve(void said.push(text));
        Object.assign(pulumi.log, { info: hear, warn: hear });
    });
    afterEach(() => {
        process.env.PATH = oldPath;
        if (oldAgent === undefined) {
            delete process.env.SSH_AUTH_SOCK;
        } else {
            process.env.SSH_AUTH_SOCK = oldAgent;
        }
        Object.assign(pulumi.log, log);
        rmSync(directory, { recursive: true });
    });

    async function outputs(): Promise<Record<string, unknown>> {
        const result = await program();
        await pulumi.runtime.disconnect();
        return new Promise((resolve) => pulumi.output(result).apply(resolve));
    }

    it("says what it will do, does it, and tells what came of it", async () => {
        server(facts({ target: { version: "0.1.10", imageId: IMAGE_0_1_10, registry: "not asked", digest: null } }));
        assert.deepEqual(await outputs(), {
            version: "0.1.10",
            transition: "0.1.9-to-0.1.10#1",
            direction: "upgrade",
            backup: "b4ck0b",
            restorePoint: "9o1n7",
            history: ["how it went"],
            plan: {
                transition: {
                    id: "0.1.9-to-0.1.10#1",
                    instance: INSTANCE,
                    direction: "upgrade",
                    from: "0.1.9",
                    to: "0.1.10",
                },
                hostKey: "ssh-ed25519 AAAAC3N",
                machine: facts().machine,
            },
        });
        assert.ok(made.includes("specivo-verify-run"));
        assert.match(said[0] ?? "", /^upgrade: Specivo 0\.1\.9 -> 0\.1\.10/);
    });

    it("says no more than its standing warning, and tells the same, when nothing is to be done", async () => {
        server(facts({ target: { version: "0.1.10", imageId: IMAGE_0_1_10, registry: "not asked", digest: null } }));
        const first = await outputs();
        said = [];
        server(upgraded());
        assert.deepEqual(await outputs(), first);
        assert.match(said.join("\n"), /^Backups stay on the server [^\n]*$/);
    });

    it("makes the droplet alone where there is a region and no host", async () => {
        pulumi.runtime.setAllConfig(DROPLET);
        assert.deepEqual(Object.keys(await outputs()), ["address", "hostKey"]);
        assert.ok(made.includes("specivo-server-droplet"));
        assert.ok(!made.includes("specivo"));
    });

    it("makes the droplet once, and plans by what is on it, where an update finds it by its own outputs alone", async () => {
        server(facts({ target: { version: "0.1.10", imageId: IMAGE_0_1_10, registry: "not asked", digest: null } }));
        const config = { ...CONFIG, ...DROPLET, "specivo:host": "", "specivo:adminEmail": "admin@example.org" };
        pulumi.runtime.setAllConfig(config, ["specivo:backupPassword"]);
        const { address, transition } = await outputs();
        assert.deepEqual([address, transition], ["203.0.113.20", "0.1.9-to-0.1.10#1"]);
        assert.equal(made.filter((name) => name === "specivo-server-droplet").length, 1);

        await mock(true);
        made = [];
        const planned = (await program()) as Record<string, unknown>;
        await pulumi.runtime.disconnect();
        assert.equal(planned.transition, "0.1.10-to-0.1.10#1");
        assert.equal(made.filter((name) => name === "specivo-server-droplet").length, 1);
    });

    it("makes the bucket for backups, has it used with its own key, and gives both away", async () => {
        server(facts({ target: { version: "0.1.10", imageId: IMAGE_0_1_10, registry: "not asked", digest: null } }));
        const bucket = { "specivo:backupBucket": "backups", "specivo:backupRegion": "fra1" };
        pulumi.runtime.setAllConfig({ ...CONFIG, ...bucket }, ["specivo:backupPassword"]);
        const { offsiteRepository, offsiteAccessKeyId } = await outputs();
        assert.deepEqual(
            [offsiteRepository, offsiteAccessKeyId],
            ["s3:https://fra1.digitaloceanspaces.com/backups", "KEYID"],
        );
        const given = JSON.parse(String(credentials)) as Record<string, unknown>;
        assert.equal(given.repository, offsiteRepository);
        assert.deepEqual(given.s3, { accessKeyId: "KEYID", secretAccessKey: "KEYSECRET" });
        // Also where the stack keeps no Specivo.
        pulumi.runtime.setAllConfig({ ...DROPLET, "specivo:backupBucket": "backups" });
        made = [];
        assert.equal((await outputs()).offsiteAccessKeyId, "KEYID");
        assert.ok(made.includes("specivo-server-droplet") && made.includes("specivo-backups-bucket"));
    });

    for (const [name, shown, config, sentence] of [
        ["config is wrong", facts(), { "specivo:specivoVersion": "latest" }, /^specivo:specivoVersion is "latest": /],
        ["the plan refuses", facts(), { "specivo:specivoVersion": "0.8.0" }, /^Going from 0\.1\.9 to 0\.8\.0 skips/],
        ["the server has no host key", facts({ hostKeys: [] }), {}, /^203\.0\.113\.10 has no SSH host key/],
        [
            "adminEmail was taken out of a stack that keeps a Specivo on its droplet",
            facts(),
            { ...DROPLET, "specivo:host": "" },
            /^This stack keeps a Specivo on its droplet, and adminEmail, .* set it again/,
        ],
    ] as const) {
        it(`makes nothing when ${name}`, async () => {
            server(shown);
            const plan = { transition: asTransition(begun()), hostKey: "ssh-ed25519 AAAAC3N" };
            await mock(false, { plan, address: "203.0.113.10", hostKey: "ssh-ed25519 AAAAC3N" });
            pulumi.runtime.setAllConfig({ ...CONFIG, ...config }, ["specivo:backupPassword"]);
            await assert.rejects(program(), (error: Error) => {
                assert.ok(pulumi.RunError.isInstance(error), String(error));
                assert.match(error.message, sentence);
                assert.equal(error.stack, "", "Pulumi would take half a minute to format it");
                return true;
            });
            assert.deepEqual(made, []);
        });
    }
});
