import assert from "node:assert/strict";
import { cleanUp } from "../support/clean-up";
import { Account } from "../support/cloud";
import { Stack } from "../support/stack";

const NAME = "e2e-nothing";

/** An empty account, and one stack: the droplet and Specivo on it, in the lab's cloud. */
describe("a stack that begins with nothing", function () {
    this.timeout(400_000);
    let account: Account;
    let stack: Stack;

    before(async () => {
        account = await Account.create(NAME);
        stack = await Stack.create(NAME, account.access);
        await account.configure(stack, 2);
        await stack.set({
            adminEmail: "admin@example.org",
            specivoVersion: "0.1.10",
            allowOnHostBackupOnly: "true",
            rollbackWindow: "1d",
            changelog: "",
        });
        await stack.setSecret("backupPassword", "a password for backups");
    });

    after(() =>
        cleanUp(
            () => stack?.remove(),
            () => Account.remove(NAME),
        ),
    );

    const outputs = async () => (await stack.outputs()) as { address: string; hostKey: string };

    async function upTo(version: string): Promise<string> {
        const output = await stack.upTo(version);
        const { address } = await outputs();
        const { status: answered } = await fetch(`http://${address}:9933/`, { redirect: "manual" });
        assert.equal(answered, 302);
        return output;
    }

    /** Status of a sign-in of the administrator, with the password that is on the server. */
    async function signIn(password: string): Promise<number> {
        const body = JSON.stringify({ login: "admin", password });
        const headers = { "content-type": "application/json" };
        const { address } = await outputs();
        return (await fetch(`http://${address}:9933/api/v1/auth/login/`, { method: "POST", headers, body })).status;
    }

    it("is announced by preview, without anything to look at yet", async () => {
        const { status, output } = await stack.preview();
        assert.equal(status, 0, output);
        assert.match(output, /install: Specivo 0\.1\.10 in \/opt\/specivo/);
    });

    it("has a droplet and a Specivo after an up that failed at its first backup", async () => {
        await stack.set({
            offsiteRepository: "sftp:backup@198.51.100.7:/srv/specivo",
            offsiteSshKnownHosts: "198.51.100.7 ssh-ed25519 AAAA",
        });
        await stack.setSecret("offsiteSshPrivateKey", "-----BEGIN OPENSSH PRIVATE KEY-----");
        const { status, output } = await stack.up();
        assert.notEqual(status, 0, output);
        assert.match(output, /the SSH key for the backup target is no private key/);
        assert.deepEqual(await stack.outputs(), {});
    });

    it("has them verified after the next one, which begins a transition of its own on the same droplet", async () => {
        const droplets = await account.all<{ id: number }>("/v2/droplets", "droplets");
        await stack.succeed(["config", "rm", "offsiteRepository"]);
        const preview = await stack.preview();
        assert.equal(preview.status, 0, preview.output);
        assert.match(preview.output, /transition 0\.1\.10-to-0\.1\.10#2/);
        const output = await upTo("0.1.10");
        assert.match(output, /transition 0\.1\.10-to-0\.1\.10#2/);
        assert.deepEqual(
            (await account.all<{ id: number }>("/v2/droplets", "droplets")).map(({ id }) => id),
            droplets.map(({ id }) => id),
        );
        assert.match(output, /backup [0-9a-f]{8} in .* is proven/);
    });

    it("is as it was at a second up, and after a refresh", async () => {
        for (const more of [[], ["--refresh"]]) {
            const { status, output } = await stack.up("--expect-no-changes", ...more);
            assert.equal(status, 0, output);
        }
    });

    it("is upgraded and rolled back like any other", async () => {
        assert.match(await upTo("0.2.0"), /upgrade: Specivo 0\.1\.10 -> 0\.2\.0/);
        assert.match(await upTo("0.1.10"), /rollback: Specivo 0\.2\.0 -> 0\.1\.10/);
    });

    it("comes back with its data, on its volume, when the droplet was lost", async () => {
        const before = await outputs();
        const password = (await account.on(before, "cat /opt/specivo/.admin-password")).stdout.trim();
        assert.equal(await signIn(password), 200);
        const [droplet] = await account.all<{ id: number }>("/v2/droplets", "droplets");
        await account.request("DELETE", `/v2/droplets/${droplet?.id}`);
        await stack.succeed(["refresh", "--yes", "--target", "**specivo-server-droplet"]);
        const { status, output } = await stack.preview();
        assert.equal(status, 0, output);
        assert.match(output, /\+ {2}digitalocean:index:Droplet specivo-server-droplet create/);
        for (const told of [output, await upTo("0.1.10")]) {
            assert.match(told, /start: Specivo in \/opt\/specivo, as it lies there/);
            assert.match(told, /The stack's own droplet does not answer, and another one takes its place/);
        }
        assert.equal((await outputs()).address, before.address);
        assert.notEqual((await outputs()).hostKey, before.hostKey);
        assert.equal(await signIn(password), 200);
        const again = await stack.up("--expect-no-changes");
        assert.equal(again.status, 0, again.output);
    });
});
