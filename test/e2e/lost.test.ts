import assert from "node:assert/strict";
import { cleanUp } from "../support/clean-up";
import { Account } from "../support/cloud";
import { COLLECT, differences } from "../support/lab";
import { Stack } from "../support/stack";

const NAME = "e2e-lost";

/** A droplet without a volume: what was on it is gone with it, but for the backups. */
describe("a droplet that is lost with its disk", function () {
    this.timeout(400_000);
    let account: Account;
    let stack: Stack;
    let atBackup: string;

    before(async () => {
        account = await Account.create(NAME);
        stack = await Stack.create(NAME, account.access);
        await account.configure(stack, 0);
        await account.configureBackups(stack, `${NAME}-${Date.now()}`);
        await stack.set({ adminEmail: "admin@example.org", changelog: "" });
        await stack.upTo("0.1.9");
    });

    after(() =>
        cleanUp(
            () => stack?.remove(),
            () => Account.remove(NAME),
        ),
    );

    const outputs = async () => (await stack.outputs()) as { address: string; hostKey: string };

    async function on(command: string, input?: string): Promise<string> {
        const ended = await account.on(await outputs(), command, input);
        assert.equal(ended.status, 0, ended.output);
        return ended.stdout;
    }

    const fingerprint = () => on("bash -s /opt/specivo", COLLECT);

    /** A project with an issue and a file, as the administrator writes them. */
    async function write(): Promise<void> {
        const api = `http://${(await outputs()).address}:9933/api/v1`;
        const password = (await on("cat /opt/specivo/.admin-password")).trim();
        const post = async (to: string, body: object, token = "") => {
            const form = body instanceof FormData;
            const headers = {
                ...(form ? {} : { "content-type": "application/json" }),
                ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
            };
            const answer = await fetch(api + to, { method: "POST", headers, body: form ? body : JSON.stringify(body) });
            assert.ok(answer.ok, `${to}: ${answer.status}`);
            return (await answer.json()) as { id: number; access_token: string };
        };
        const { access_token: token } = await post("/auth/login/", { login: "admin", password });
        await post("/projects/", { key: "OPS", name: "Operations" }, token);
        const { id } = await post("/issues/", { project: "OPS", subject: "not to be lost" }, token);
        const form = new FormData();
        form.set("file", new Blob([crypto.getRandomValues(new Uint8Array(30_000))]), "attached.bin");
        form.set("container_type", "issue");
        form.set("container_id", String(id));
        await post("/attachments/", form, token);
    }

    it("has a backup of each upgrade off the droplet", async () => {
        await write();
        atBackup = await fingerprint();
        assert.match(await stack.upTo("0.1.10"), /backup [0-9a-f]{8} in s3:.* is proven/);
    });

    it("is not made anew, and empty, by an up that nobody meant so", async () => {
        const before = await outputs();
        const [droplet] = await account.all<{ id: number }>("/v2/droplets", "droplets");
        await account.request("DELETE", `/v2/droplets/${droplet?.id}`);
        await stack.succeed(["refresh", "--yes", "--target", "**specivo-server-droplet"]);
        for (const run of [() => stack.preview(), () => stack.up(), () => stack.up("--skip-preview")]) {
            const { status, output } = await run();
            assert.notEqual(status, 0, output);
            assert.match(output, /own droplet does not answer\. [^]*`pulumi config set restoreFrom latest`/);
        }
        assert.deepEqual(await account.all("/v2/droplets", "droplets"), []);
        assert.equal((await outputs()).address, before.address);
    });

    it("comes back at its address with the newest backup's data and ledger, and is upgraded anew", async () => {
        const before = await outputs();
        await stack.set({ restoreFrom: "latest" });
        const preview = await stack.preview();
        assert.equal(preview.status, 0, preview.output);
        assert.match(preview.output, /\+ {2}digitalocean:index:Droplet specivo-server-droplet create/);
        // It is made, and its data brought back, by an up that fails then: the stack's outputs are still those of the lost one.
        await stack.set({ smokeUser: "nobody" });
        await stack.setSecret("smokePassword", "of nobody");
        const { status, output } = await stack.up();
        assert.notEqual(status, 0, output);
        assert.match(output, /bringing back backup [0-9a-f]{8} of .*, Specivo 0\.1\.9/);
        assert.match(output, /the smoke test fails already on 0\.1\.9/);
        assert.equal((await outputs()).hostKey, before.hostKey);

        await stack.succeed(["config", "rm", "smokeUser"]);
        assert.doesNotMatch(await stack.upTo("0.1.10"), /bringing back|does not answer|another host key/);
        assert.equal((await outputs()).address, before.address);
        assert.notEqual((await outputs()).hostKey, before.hostKey);
        assert.equal(await differences(atBackup, await fingerprint()), "");
        const history = await on("specivo-host history");
        assert.match(history, /0\.1\.9-to-0\.1\.9#1[^]*0\.1\.9-to-0\.1\.10#2[^]*0\.1\.9-to-0\.1\.10#3/);
        const again = await stack.up("--expect-no-changes");
        assert.equal(again.status, 0, again.output);
    });
});
