import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { cleanUp } from "../support/clean-up";
import { Account } from "../support/cloud";
import { run } from "../support/run";
import { Stack } from "../support/stack";
import { until } from "../support/until";

const NAME = "e2e-import";

interface View {
    readonly id: number;
    readonly status: string;
    readonly networks: { readonly v4: readonly { readonly type: string; readonly ip_address: string }[] };
}

/** A droplet that somebody made in the web console, whose key is known, and that a stack takes over. */
describe("a droplet that was made by hand", function () {
    this.timeout(400_000);
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "import-"));
    let account: Account;
    let stack: Stack;
    let made: View;
    let server: { address: string; hostKey: string };

    before(async () => {
        account = await Account.create(NAME);
        const { body: key } = await account.request("POST", "/v2/account/keys", {
            name: "by hand",
            public_key: account.publicKey,
        });
        const { ssh_key } = key as { ssh_key: { id: number } };
        const { body } = await account.request("POST", "/v2/droplets", {
            ...{ name: "tracker", region: "fra1", size: "s-1vcpu-2gb", image: "ubuntu-24-04-x64" },
            ...{ ssh_keys: [ssh_key.id], tags: ["specivo"], monitoring: true },
        });
        const { id } = (body as { droplet: View }).droplet;
        await until(120, "the droplet being active", async () => {
            made = ((await account.request("GET", `/v2/droplets/${id}`)).body as { droplet: View }).droplet;
            return made.status === "active";
        });
        const address = made.networks.v4.find(({ type }) => type === "public")?.ip_address ?? "";
        let scanned = "";
        await until(60, "its SSH server", async () => {
            scanned = (await run("ssh-keyscan", ["-t", "ed25519", address])).stdout.trim();
            return scanned !== "";
        });
        fs.writeFileSync(path.join(directory, "known_hosts"), `${scanned}\n`);
        server = { address, hostKey: scanned.split(" ").slice(1).join(" ") };

        stack = await Stack.create(NAME, account.access);
        await account.configure(stack, 0);
        await account.configureBackups(stack, `${NAME}-${Date.now()}`);
        await stack.set({
            ...{ host: address, sshKnownHostsPath: path.join(directory, "known_hosts") },
            ...{ dropletName: "tracker", adminEmail: "admin@example.org", specivoVersion: "0.1.10", changelog: "" },
        });
        const file = path.join(directory, "import.json");
        const droplet = { type: "specivo:index:SpecivoDroplet", name: "specivo-server", component: true };
        const of = (type: string, name: string, number: number) => ({
            ...{ type: `digitalocean:index/${type}`, name: `specivo-server-${name}`, id: String(number) },
            parent: "specivo-server",
        });
        const resources = [droplet, of("droplet:Droplet", "droplet", id), of("sshKey:SshKey", "ssh-key", ssh_key.id)];
        fs.writeFileSync(file, JSON.stringify({ resources }));
        await stack.succeed(["import", "--file", file, "--yes", "--generate-code=false"]);
    });

    after(() =>
        cleanUp(
            () => stack?.remove(),
            () => Account.remove(NAME),
            () => Promise.resolve(fs.rmSync(directory, { recursive: true })),
        ),
    );

    const boot = async () =>
        (await account.on(server, "cat /proc/sys/kernel/random/boot_id; ls -di /sbin/init")).stdout;

    it("is neither replaced nor restarted by the first up, which gives it address, firewall and Specivo", async () => {
        const before = await boot();
        const preview = await stack.preview();
        assert.equal(preview.status, 0, preview.output);
        assert.doesNotMatch(preview.output, /Droplet specivo-server-droplet (replace|create|update|delete)/);
        const { status, output } = await stack.up();
        assert.equal(status, 0, output);
        const droplets = await account.all<View>("/v2/droplets", "droplets");
        assert.deepEqual(
            droplets.map(({ id }) => id),
            [made.id],
        );
        assert.equal(await boot(), before);
        const { address, version } = (await stack.outputs()) as { address: string; version: string };
        assert.equal(version, "0.1.10");
        for (const at of [address, server.address]) {
            assert.equal((await fetch(`http://${at}:9933/`, { redirect: "manual" })).status, 302);
        }
        assert.equal((await account.all("/v2/firewalls", "firewalls")).length, 1);
    });

    it("is as it was at a second up, and after a refresh", async () => {
        for (const more of [[], ["--refresh"]]) {
            const { status, output } = await stack.up("--expect-no-changes", ...more);
            assert.equal(status, 0, output);
        }
    });
});
