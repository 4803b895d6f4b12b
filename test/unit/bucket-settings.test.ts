import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { readBucket } from "../../bucketSettings";
import { Reader } from "../../settingsReader";

const LEAST = { backupBucket: "example-backups", backupRegion: "fra1" };

function read(config: Readonly<Record<string, string>>) {
    const named = Object.entries(config).map(([key, value]) => [`specivo:${key}`, value]);
    pulumi.runtime.setAllConfig(Object.fromEntries(named) as Record<string, string>);
    const reader = new Reader();
    return { bucket: readBucket(reader), mistakes: reader.mistakes };
}

describe("the settings of the bucket for backups", () => {
    before(() => pulumi.runtime.setMocks({ call: () => ({}), newResource: () => ({ id: "", state: {} }) }, "specivo"));

    it("are none without a name", () => {
        assert.deepEqual(read({ backupRegion: "fra1" }), { bucket: undefined, mistakes: [] });
    });

    it("have Spaces' own address, and the droplet's region unless it has one of its own", () => {
        const repository = "s3:https://fra1.digitaloceanspaces.com/example-backups";
        const bucket = { bucket: "example-backups", region: "fra1", repository };
        assert.deepEqual(read(LEAST), { bucket, mistakes: [] });
        assert.deepEqual(read({ backupBucket: "example-backups", dropletRegion: "fra1" }), { bucket, mistakes: [] });
        assert.deepEqual(read({ ...LEAST, dropletRegion: "ams3" }), { bucket, mistakes: [] });
        const elsewhere = read({ ...LEAST, backupEndpoint: "http://192.0.2.1:7070" });
        assert.equal(elsewhere.bucket?.repository, "s3:http://192.0.2.1:7070/example-backups");
    });

    for (const [key, value] of [
        ["backupBucket", "My.Backups"],
        ["backupBucket", "ab"],
        ["backupRegion", ""],
        ["backupRegion", "Frankfurt 1"],
        ["backupEndpoint", "fra1.digitaloceanspaces.com"],
        ["backupEndpoint", "https://fra1.digitaloceanspaces.com/"],
    ] as const) {
        it(`tell what is wrong with ${key} ${JSON.stringify(value)} in one sentence`, () => {
            const [first = "", ...more] = read({ ...LEAST, [key]: value }).mistakes;
            assert.deepEqual(more, []);
            const what = value === "" ? "is not set" : `is ${JSON.stringify(value)}`;
            assert.ok(first.startsWith(`specivo:${key} ${what}: give `), first);
            assert.ok(first.endsWith("."), first);
        });
    }

    it("allow no other place beside it, and show no secret", () => {
        const other = {
            offsiteRepository: "s3:https://fra1.example/specivo",
            offsiteAccessKeyId: "KEYID",
            offsiteSecretAccessKey: "canary-2e9d",
        };
        assert.deepEqual(read({ ...LEAST, ...other }).mistakes, [
            "specivo:backupBucket has the stack make the place for backups and its key, so offsiteRepository and offsiteAccessKeyId and offsiteSecretAccessKey can't name another: take one or the other out with `pulumi config rm`.",
        ]);
    });
});
