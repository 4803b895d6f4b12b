import assert from "node:assert/strict";
import { cleanUp } from "../support/clean-up";
import { type AccessKey, Account } from "../support/cloud";
import { Stack } from "../support/stack";

const NAME = "e2e-bucket";
const BUCKET = `${NAME}-${Date.now()}`;

interface Outputs {
    readonly address: string;
    readonly hostKey: string;
    readonly offsiteRepository: string;
    readonly offsiteAccessKeyId: string;
    readonly offsiteSecretAccessKey: string;
}

/** The bucket for backups, made with its key in the lab's cloud, and tried from outside. */
describe("a stack that makes the bucket for its backups", function () {
    this.timeout(300_000);
    let account: Account;
    let stack: Stack;
    let outputs: Outputs;
    let key: AccessKey;

    before(async () => {
        account = await Account.create(NAME);
        stack = await Stack.create(NAME, account.access);
        await account.configure(stack, 0);
        await account.configureBackups(stack, BUCKET);
        const { status, output } = await stack.up();
        assert.equal(status, 0, output);
        const { stdout } = await stack.succeed(["stack", "output", "--json", "--show-secrets", "--stack", NAME]);
        outputs = JSON.parse(stdout) as Outputs;
        key = { accessKeyId: outputs.offsiteAccessKeyId, secretAccessKey: outputs.offsiteSecretAccessKey };
    });

    after(() =>
        cleanUp(
            () => stack?.remove(),
            () => Account.remove(NAME),
        ),
    );

    const status = async (...request: Parameters<Account["s3"]>) => (await account.s3(...request)).status;

    it("has restic make a repository in it from the droplet, back up and read back, with its own key", async () => {
        const { status: ended, output } = await account.on(
            outputs,
            "bash -es",
            `export RESTIC_REPOSITORY='${outputs.offsiteRepository}' RESTIC_PASSWORD='a password for backups'
            export AWS_ACCESS_KEY_ID='${key.accessKeyId}' AWS_SECRET_ACCESS_KEY='${key.secretAccessKey}'
            restic init
            restic backup /etc/hostname
            restic check --read-data
            diff <(restic dump latest /etc/hostname) /etc/hostname`,
        );
        assert.equal(ended, 0, output);
    });

    it("lets nobody in without a key", async () => {
        assert.equal(await status(undefined, "GET", BUCKET), 403);
        assert.equal(await status(undefined, "GET", `${BUCKET}/config`), 403);
        assert.equal(await status(undefined, "PUT", `${BUCKET}/planted`, "x"), 403);
    });

    it("has a key that opens no other bucket, and changes no rule of its own", async () => {
        const other = `${BUCKET}-other`;
        assert.equal(await status(account.owner, "PUT", other), 200);
        assert.equal(await status(account.owner, "PUT", `${other}/theirs`, "x"), 200);
        assert.equal(await status(key, "GET", other), 403);
        assert.equal(await status(key, "GET", `${other}/theirs`), 403);
        assert.equal(await status(key, "PUT", `${other}/planted`, "x"), 403);
        assert.equal(await status(key, "PUT", `${BUCKET}-third`), 403);
        const suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
        assert.equal(await status(key, "PUT", `${BUCKET}?versioning`, suspended), 403);
        assert.equal(await status(key, "DELETE", BUCKET), 403);
    });

    it("has what was deleted, for a while", async () => {
        assert.equal(await status(key, "PUT", `${BUCKET}/locks/one`, "kept"), 200);
        assert.equal(await status(key, "DELETE", `${BUCKET}/locks/one`), 204);
        assert.equal(await status(key, "GET", `${BUCKET}/locks/one`), 404);
        const versions = await (await account.s3(key, "GET", `${BUCKET}?versions&prefix=locks/one`)).text();
        const [, id] = /<Version>[^]*?<VersionId>([^<]+)<\/VersionId>/.exec(versions) ?? [];
        const old = await account.s3(key, "GET", `${BUCKET}/locks/one?versionId=${id}`);
        assert.deepEqual([old.status, await old.text()], [200, "kept"], versions);
    });

    it("changes nothing when run again, nor for a refresh", async () => {
        const again = await stack.up("--refresh", "--expect-no-changes");
        assert.equal(again.status, 0, again.output);
    });

    it("refuses another name, or another region, as that would be another bucket", async () => {
        for (const [setting, value, before] of [
            ["backupBucket", `${BUCKET}-new`, BUCKET],
            ["backupRegion", "ams3", ""],
        ] as const) {
            await stack.set({ [setting]: value });
            const refused = await stack.up();
            await stack.set({ [setting]: before });
            assert.notEqual(refused.status, 0, setting);
            assert.match(
                refused.output,
                /unable to replace resource .*specivo-backups-bucket"\s+as it is currently marked/,
            );
        }
        assert.equal(await status(key, "GET", `${BUCKET}/config`), 200);
        assert.equal((await stack.preview("--expect-no-changes")).status, 0);
    });

    it("has the secret key in clear neither in its state nor in what it shows", async () => {
        assert.ok(!(await stack.export()).includes(key.secretAccessKey));
        const { stdout } = await stack.succeed(["stack", "output", "--json", "--stack", NAME]);
        assert.ok(!stdout.includes(key.secretAccessKey));
    });

    it("is not destroyed while it is protected, and then not while it holds anything", async () => {
        const refused = await stack.pulumi(["destroy", "--yes"]);
        assert.notEqual(refused.status, 0);
        assert.match(refused.output, /specivo-backups-bucket" cannot be deleted\s+because it is protected/);
        await stack.succeed(["state", "unprotect", "--all", "--yes"]);
        const full = await stack.pulumi(["destroy", "--yes"]);
        assert.notEqual(full.status, 0);
        assert.match(full.output, /BucketNotEmpty/);
        assert.equal(await status(account.owner, "GET", `${BUCKET}/config`), 200);
        // The key went before the bucket.
        assert.equal(await status(key, "GET", BUCKET), 403);
    });
});
