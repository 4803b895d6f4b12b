import assert from "node:assert/strict";
import { cleanUp } from "../support/clean-up";
import { Account } from "../support/cloud";
import { Stack } from "../support/stack";

const NAME = "e2e-droplet";

/** A droplet from nothing, in the lab's cloud: made, kept, lost, brought back and taken away. */
describe("a stack that makes its droplet", function () {
    this.timeout(300_000);
    let account: Account;
    let stack: Stack;

    before(async () => {
        account = await Account.create(NAME);
        stack = await Stack.create(NAME, account.access);
        await account.configure(stack, 1);
    });

    after(() =>
        cleanUp(
            () => stack?.remove(),
            () => Account.remove(NAME),
        ),
    );

    const outputs = async () => (await stack.outputs()) as { address: string; hostKey: string };

    const on = async (command: string) => account.on(await outputs(), command);

    async function upWith(...args: string[]): Promise<string> {
        const { status, output } = await stack.up(...args);
        assert.equal(status, 0, output);
        return output;
    }

    const dropletId = async () => {
        const droplets = await account.all<{ id: number }>("/v2/droplets", "droplets");
        assert.equal(droplets.length, 1);
        return droplets[0]?.id;
    };

    it("is reached at its reserved address, by the host key in the outputs, with all that Specivo needs", async () => {
        await upWith();
        const needs = "docker compose version && restic version && jq --version && findmnt -no SOURCE /opt/specivo";
        const { status, output } = await on(needs);
        assert.equal(status, 0, output);
        assert.equal((await on("date +%s%N >/opt/specivo/kept")).status, 0);
    });

    it("keeps no private key in the state, and none on the server that the user data knew", async () => {
        const state = await stack.export();
        assert.ok(state.includes("specivo-server-first-boot-key-make"));
        // In any base64, as the state's own files have it, a key begins so.
        assert.doesNotMatch(state, /PRIVATE KEY|LS0tLS1CRUdJTi|SPECIVO_HOST_KEY/);
        const { stdout } = await on(
            "cat /etc/ssh/ssh_host_ecdsa_key.pub /var/lib/specivo-first-boot/known-key.pub | cut -d ' ' -f 2 | uniq -d",
        );
        assert.equal(stdout, "");
    });

    it("lets in by SSH and to Specivo from where it is told, and nothing else", async () => {
        const { address } = await outputs();
        const listening = await on("for port in 9933 9934; do /usr/sbin/sshd -p $port; done");
        assert.equal(listening.status, 0, listening.output);
        assert.ok(await account.opensFromHere(address, 22));
        assert.ok(!(await account.opensForNeighbour(address, 22)));
        assert.ok(await account.opensForNeighbour(address, 9933));
        assert.ok(!(await account.opensFromHere(address, 9934)));
        const own = await on("hostname -I");
        assert.ok(!(await account.opensForNeighbour(own.stdout.split(" ")[0] ?? "", 22)));
    });

    it("changes nothing when run again, and nothing has changed for a refresh", async () => {
        const { output } = await stack.up("--expect-no-changes");
        assert.match(output, /13 unchanged/);
        // One more: what the stack reads of its own outputs.
        assert.match((await stack.succeed(["refresh", "--yes", "--expect-no-changes"])).output, /14 unchanged/);
        const { status, output: preview } = await stack.preview("--expect-no-changes");
        assert.equal(status, 0, preview);
    });

    it("does not notice changes of what matters only when it is made", async () => {
        await stack.set({ dropletImage: "debian-13-x64", dropletMonitoring: "false" });
        const { status, output } = await stack.preview("--expect-no-changes");
        assert.equal(status, 0, output);
    });

    it("shows what would replace it, and refuses that", async () => {
        const before = await dropletId();
        await stack.set({ dropletRegion: "ams3" });
        const { status, output } = await stack.up();
        await stack.set({ dropletRegion: "fra1" });
        assert.notEqual(status, 0);
        assert.match(output, /unable to replace resource .*specivo-server-droplet"\s+as it is currently marked for/);
        assert.match(output, /\[diff: ~region/);
        assert.equal(await dropletId(), before);
    });

    it("comes back when it was lost, at its address, with its volume, and is verified again", async () => {
        const [before, kept] = [await outputs(), (await on("cat /opt/specivo/kept")).stdout];
        await account.request("DELETE", `/v2/droplets/${await dropletId()}`);
        const { output: preview } = await stack.preview("--refresh");
        assert.match(preview, /\+ {2}digitalocean:index:Droplet specivo-server-droplet create/);
        await upWith("--refresh");
        const after = await outputs();
        assert.equal(after.address, before.address);
        assert.notEqual(after.hostKey, before.hostKey);
        const found = await on("cat /opt/specivo/kept");
        assert.equal(found.stdout, kept, found.output);
        assert.equal((await stack.preview("--expect-no-changes")).status, 0);
    });

    it("is not destroyed while it is protected, which is told with the way out, and then leaves nothing", async () => {
        const refused = await stack.pulumi(["destroy", "--yes"]);
        assert.notEqual(refused.status, 0);
        assert.match(refused.output, /specivo-server-droplet" cannot be deleted\s+because it is protected/);
        assert.match(refused.output, /`pulumi state unprotect /);
        await dropletId();
        await stack.succeed(["state", "unprotect", "--all", "--yes"]);
        await stack.succeed(["destroy", "--yes"]);
        for (const [kind, name] of [
            ["/v2/droplets", "droplets"],
            ["/v2/volumes", "volumes"],
            ["/v2/reserved_ips", "reserved_ips"],
            ["/v2/firewalls", "firewalls"],
            ["/v2/account/keys", "ssh_keys"],
        ] as const) {
            assert.deepEqual(await account.all(kind, name), [], kind);
        }
    });
});
