import assert from "node:assert/strict";
import { cleanUp } from "../support/clean-up";
import { Account } from "../support/cloud";
import { type Ended, run, succeed } from "../support/run";

const NAME = "stand-in-cloud";

interface Droplet {
    readonly id: number;
    readonly status: string;
    readonly networks: { readonly v4: readonly { readonly ip_address: string }[] };
}

/** What the cloud's resources are in the lab: seen from outside, and on the droplet. */
describe("a droplet of the lab's cloud", function () {
    this.timeout(180_000);
    let account: Account;
    let droplet: Droplet;
    let address: string;

    const post = async <T>(path: string, name: string, body: object): Promise<T> => {
        const answer = await account.request("POST", path, body);
        assert.ok(answer.status < 300, JSON.stringify(answer.body));
        return (answer.body as Record<string, T>)[name] as T;
    };

    /** Begins an action, and waits for its end. */
    async function act(path: string, body: object): Promise<void> {
        const { id } = await post<{ id: number }>(`${path}/actions`, "action", body);
        let status = "in-progress";
        while (status === "in-progress") {
            await new Promise((resolve) => setTimeout(resolve, 200));
            const answer = await account.request("GET", `/v2/actions/${id}`);
            ({ status } = (answer.body as { action: { status: string } }).action);
        }
        assert.equal(status, "completed");
    }

    async function on(command: string): Promise<Ended> {
        const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "BatchMode=yes"];
        const args = ["-F", "none", ...options.flatMap((option) => ["-o", option]), `root@${address}`, command];
        return run("ssh", args, { env: { ...process.env, SSH_AUTH_SOCK: account.access.agentSocket } });
    }

    /** As soon as it answers: after a reboot that takes a while. */
    async function soonOn(command: string): Promise<string> {
        for (let tries = 60; ; tries--) {
            const ended = await on(command);
            if (ended.status === 0) {
                return ended.stdout.trim();
            }
            assert.ok(tries > 0, ended.output);
            await new Promise((resolve) => setTimeout(resolve, 500));
        }
    }

    before(async () => {
        account = await Account.create(NAME);
        const key = await post<{ id: number }>("/v2/account/keys", "ssh_key", {
            name: "ops",
            public_key: account.publicKey,
        });
        const volume = await post<{ id: string }>("/v2/volumes", "volume", {
            name: "data",
            region: "fra1",
            size_gigabytes: 1,
            filesystem_type: "ext4",
        });
        const { id } = await post<Droplet>("/v2/droplets", "droplet", {
            name: "try",
            region: "fra1",
            size: "s-1vcpu-1gb",
            image: "ubuntu-24-04-x64",
            ssh_keys: [key.id],
            volumes: [volume.id],
            user_data: "#!/bin/bash\nid -un >>/root/ran\nls /dev/disk/by-id >>/root/ran\n",
        });
        do {
            const answer = await account.request("GET", `/v2/droplets/${id}`);
            ({ droplet } = answer.body as { droplet: Droplet });
        } while (droplet.status !== "active");
        ({ ip: address } = await post<{ ip: string }>("/v2/reserved_ips", "reserved_ip", { region: "fra1" }));
        await act(`/v2/reserved_ips/${address}`, { type: "assign", droplet_id: id });
        await post("/v2/firewalls", "firewall", {
            name: "fw",
            droplet_ids: [id],
            inbound_rules: [
                { protocol: "tcp", ports: "22", sources: { addresses: [`${account.access.subnet}.1/32`] } },
            ],
            outbound_rules: [
                { protocol: "tcp", ports: "7070", destinations: { addresses: [`${account.access.subnet}.0/24`] } },
            ],
        });
    });

    after(() => cleanUp(() => Account.remove(NAME)));

    it("has run its user data, with its volume in place", async () => {
        assert.equal(await soonOn("cat /root/ran"), "root\nscsi-0DO_Volume_data");
    });

    it("lets in the account's keys alone, and nobody by a password", async () => {
        assert.equal(await soonOn("cat /root/.ssh/authorized_keys"), account.publicKey);
        assert.equal(await soonOn("sshd -T | grep -i ^passwordauthentication"), "passwordauthentication no");
    });

    it("may go out only where its firewall lets it", async () => {
        const reach = (port: number) =>
            on(`timeout 5 bash -c '</dev/tcp/${account.access.subnet}.${port === 7070 ? 4 : 3}/${port}'`);
        assert.equal((await reach(7070)).status, 0);
        assert.notEqual((await reach(22)).status, 0);
    });

    it("comes back from a reboot with all of it, and does not run its user data again", async () => {
        await soonOn("mount /dev/disk/by-id/scsi-0DO_Volume_data /mnt && echo kept >/mnt/file");
        await act(`/v2/droplets/${droplet.id}`, { type: "reboot" });
        const found = "mount /dev/disk/by-id/scsi-0DO_Volume_data /mnt && cat /mnt/file && wc -l </root/ran";
        assert.equal(await soonOn(found), "kept\n2");
        assert.ok(!(await account.opensForNeighbour(address, 22)));
    });

    it("leaves nothing on this machine when it goes, also when it is the lab that takes it", async () => {
        const own = droplet.networks.v4[0]?.ip_address ?? "";
        const traces = async () => {
            const rules = (await succeed("iptables", ["-w", "-t", "mangle", "-S"])).stdout.split("\n");
            const devices = (await succeed("losetup", ["--list", "--noheadings", "--output", "BACK-FILE"])).stdout;
            return [
                ...rules.filter((rule) => rule.includes(`${own}/32`) || rule.includes(`${address}/32`)),
                ...devices.split("\n").filter((file) => file.includes(`/clouds/${NAME}/`)),
            ];
        };
        assert.equal((await traces()).length, 4);
        await succeed("lab/lab", ["down", "--name", `${NAME}-${droplet.id}`]);
        assert.deepEqual(await traces(), []);
    });
});
