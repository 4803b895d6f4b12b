import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { OffsiteBackups } from "../../components/offsiteBackups";

const ARGS = { bucket: "example-backups", region: "fra1", repository: "s3:https://fra1.example/example-backups" };
const ANSWERS: Readonly<Record<string, object>> = {
    "backups-bucket": {},
    "backups-key": { accessKey: "KEYID", secretKey: "canary-51c7" },
};

const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

describe("the bucket for backups", () => {
    const made = new Map<string, { inputs: unknown; options: pulumi.CustomResourceOptions | undefined }>();
    let backups: OffsiteBackups;

    before(async () => {
        const options = new Map<string, pulumi.CustomResourceOptions>();
        await pulumi.runtime.setMocks(
            {
                call: ({ token }) => assert.fail(token),
                newResource: ({ name, inputs, custom }) => {
                    if (!custom) {
                        return { id: "", state: {} };
                    }
                    made.set(name, { inputs: inputs as unknown, options: options.get(name) });
                    const answer = ANSWERS[name] ?? assert.fail(`nothing is known of ${name}`);
                    return { id: `${name}-id`, state: { ...(inputs as object), ...answer } };
                },
            },
            "specivo",
            "test",
        );
        backups = new OffsiteBackups("backups", ARGS, {
            transformations: [({ name, opts }) => void options.set(name, opts)],
        });
        await pulumi.runtime.disconnect();
    });

    it("is private, keeps what was deleted for a while, and never lets go of what is there", () => {
        assert.deepEqual(made.get("backups-bucket")?.inputs, {
            name: "example-backups",
            region: "fra1",
            acl: "private",
            versioning: { enabled: true },
            lifecycleRules: [
                { enabled: true, abortIncompleteMultipartUploadDays: 7, noncurrentVersionExpiration: { days: 30 } },
            ],
            forceDestroy: false,
        });
    });

    it("is protected, from another name too; its key can be made again", () => {
        const { protect, replaceOnChanges } = made.get("backups-bucket")?.options ?? {};
        assert.deepEqual([protect, replaceOnChanges], [true, ["name"]]);
        assert.ok(!made.get("backups-key")?.options?.protect);
    });

    it("has a key that may read and write it, and nothing else", () => {
        const grants = [{ bucket: "example-backups", permission: "readwrite" }];
        assert.deepEqual(made.get("backups-key")?.inputs, { name: "example-backups", grants });
    });

    it("gives away its repository and the key, the secret part as a secret", async () => {
        assert.equal(await valueOf(backups.repository), ARGS.repository);
        const { accessKeyId, secretAccessKey } = backups.key;
        assert.deepEqual([await valueOf(accessKeyId), await valueOf(secretAccessKey)], ["KEYID", "canary-51c7"]);
        assert.ok(await pulumi.isSecret(secretAccessKey));
    });
});
