import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { SpecivoDroplet, type SpecivoDropletArgs } from "../../components/droplet";

const PRIVATE = "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary-8e13\n-----END OPENSSH PRIVATE KEY-----";
const KNOWN = "ecdsa-sha2-nistp256 AAAAE2V";
const OWN = "ssh-ed25519 AAAAC3N";

const ARGS: SpecivoDropletArgs = {
    name: "specivo",
    region: "fra1",
    size: "s-1vcpu-2gb",
    image: "ubuntu-24-04-x64",
    sshPublicKey: "ssh-ed25519 AAAAOPS ops\n",
    sshFrom: ["192.0.2.0/24", "2001:db8::/32"],
    webFrom: ["0.0.0.0/0", "::/0"],
    webPort: 9933,
    volumeSize: 20,
    volumeMount: "/opt/specivo",
    tags: ["specivo"],
    monitoring: true,
    allowReplacement: false,
    waitForFirstBoot: true,
};

const ANSWERS: Readonly<Record<string, object>> = {
    "server-ssh-key": {},
    "server-address": { ipAddress: "203.0.113.10" },
    "server-volume": {},
    "server-first-boot-key-make": { stdout: `${KNOWN} specivo-first-boot\n${PRIVATE}\n` },
    "server-droplet": { ipv4Address: "198.51.100.7" },
    "server-firewall": { status: "succeeded" },
    "server-assignment": {},
    "server-first-boot-host-key": { stdout: `${OWN} root@specivo\n` },
    "server-first-boot-end": { stdout: "7d6e5f4a3b2c\n" },
};
const IDS: Readonly<Record<string, string>> = { "server-droplet": "1003", "server-ssh-key": "1001" };

interface Made {
    readonly inputs: Record<string, unknown>;
    readonly options: pulumi.CustomResourceOptions;
}

const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

/** Makes a droplet against answers, strictly, of which that of `slow` takes longest. */
async function make(changes: Partial<SpecivoDropletArgs> = {}, slow = "") {
    const made = new Map<string, Made>();
    const events: string[] = [];
    const options = new Map<string, pulumi.CustomResourceOptions>();
    await pulumi.runtime.setMocks(
        {
            call: ({ token }) => assert.fail(token),
            newResource: async ({ name, inputs, custom }) => {
                if (!custom) {
                    return { id: "", state: {} };
                }
                assert.ok(!made.has(name), name);
                made.set(name, { inputs: inputs as Record<string, unknown>, options: options.get(name) ?? {} });
                const answer = ANSWERS[name] ?? assert.fail(`nothing is known of ${name}`);
                events.push(`${name} begins`);
                await new Promise((resolve) => setTimeout(resolve, name === slow ? 50 : 5));
                events.push(`${name} ends`);
                return { id: IDS[name] ?? `${name}-id`, state: { ...(inputs as object), ...answer } };
            },
        },
        "specivo",
        "test",
    );
    const droplet = new SpecivoDroplet(
        "server",
        { ...ARGS, ...changes },
        { transformations: [({ name, opts }) => void options.set(name, opts)] },
    );
    await pulumi.runtime.disconnect();
    const inputs = (name: string) => made.get(name)?.inputs ?? assert.fail(`${name} was not made`);
    return { droplet, made, events, inputs, options: (name: string) => options.get(name) ?? assert.fail(name) };
}

/** What is marked as secret, as it goes to the engine. */
function secretOf(value: unknown): unknown {
    const { value: inner, ...mark } = value as Record<string, unknown>;
    assert.deepEqual(mark, { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" });
    return inner;
}

describe("the droplet", () => {
    let all: Awaited<ReturnType<typeof make>>;
    before(async () => (all = await make()));

    it("is made as it is asked for, with the one key, and its volume from the start", () => {
        const { userData, ...inputs } = all.inputs("server-droplet");
        assert.ok(userData !== undefined);
        assert.deepEqual(inputs, {
            name: "specivo",
            region: "fra1",
            size: "s-1vcpu-2gb",
            image: "ubuntu-24-04-x64",
            monitoring: true,
            tags: ["specivo"],
            sshKeys: ["1001"],
            volumeIds: ["server-volume-id"],
        });
        assert.equal(all.inputs("server-ssh-key").publicKey, "ssh-ed25519 AAAAOPS ops");
        assert.deepEqual(all.inputs("server-volume"), {
            name: "specivo-data",
            region: "fra1",
            size: 20,
            initialFilesystemType: "ext4",
            tags: ["specivo"],
        });
    });

    it("has no volume where none is asked for", async () => {
        const without = await make({ volumeSize: 0 });
        assert.ok(!without.made.has("server-volume"));
        assert.equal(without.inputs("server-droplet").volumeIds, undefined);
        assert.match(String(secretOf(without.inputs("server-droplet").userData)), /^SPECIVO_VOLUME=$/m);
    });

    it("is open for SSH and Specivo from where they are allowed, and for nothing else", async () => {
        const { inboundRules, outboundRules, dropletIds } = all.inputs("server-firewall");
        assert.deepEqual(dropletIds, [1003]);
        assert.deepEqual(inboundRules, [
            { protocol: "tcp", portRange: "22", sourceAddresses: ["192.0.2.0/24", "2001:db8::/32"] },
            { protocol: "tcp", portRange: "9933", sourceAddresses: ["0.0.0.0/0", "::/0"] },
        ]);
        const moved = (await make({ sshPort: 2222 })).inputs("server-firewall").inboundRules;
        assert.deepEqual(
            (moved as { portRange: string }[]).map(({ portRange }) => portRange),
            ["2222", "9933"],
        );
        const protocols = (outboundRules as { protocol: string }[]).map(({ protocol }) => protocol);
        assert.deepEqual(protocols, ["tcp", "udp", "icmp"]);
    });

    it("protects what can't be made again, and the droplet unless its replacement is allowed", async () => {
        const kept = (run: typeof all) =>
            [...run.made].filter(([, { options }]) => options.protect).map(([name]) => name);
        assert.deepEqual(kept(all).sort(), ["server-address", "server-droplet", "server-volume"]);
        assert.deepEqual(kept(await make({ allowReplacement: true })).sort(), ["server-address", "server-volume"]);
    });

    it("ignores later changes of what matters only when it is made", () => {
        const ignored = all.options("server-droplet").ignoreChanges;
        assert.deepEqual(ignored, ["image", "sshKeys", "userData", "monitoring"]);
    });

    it("is verified at the first connection by a key in its user data, and by its own key after that", () => {
        const first = all.inputs("server-first-boot-host-key");
        assert.deepEqual(first.environment, { ADDRESS: "203.0.113.10", KNOWN_KEY: KNOWN });
        assert.match(String(first.create), /StrictHostKeyChecking=yes/);
        const then = secretOf(all.inputs("server-first-boot-end").connection) as Record<string, unknown>;
        assert.deepEqual([then.host, then.hostKey], ["203.0.113.10", OWN]);
        const script = String(secretOf(all.inputs("server-droplet").userData));
        const [, encoded = ""] = /^SPECIVO_HOST_KEY=(\S+)$/m.exec(script) ?? [];
        assert.equal(Buffer.from(encoded, "base64").toString(), `${PRIVATE}\n`);
    });

    it("connects only when address and firewall are in place, and again for another droplet", async () => {
        for (const before of ["server-assignment", "server-firewall", "server-droplet"]) {
            const { events } = await make({}, before);
            const first = events.indexOf("server-first-boot-host-key begins");
            assert.ok(events.slice(0, first).includes(`${before} ends`), before);
        }
        for (const name of ["server-first-boot-host-key", "server-first-boot-end"]) {
            assert.deepEqual(all.inputs(name).triggers, ["1003"]);
        }
        // For any other reason it gives the answer of before: the server has put the known key away.
        assert.equal(all.inputs("server-first-boot-host-key").update, 'printf %s "$PULUMI_COMMAND_STDOUT"');
    });

    it("keeps the private key a secret, out of the log too", () => {
        const { additionalSecretOutputs } = all.options("server-first-boot-key-make");
        assert.deepEqual(additionalSecretOutputs, ["stdout", "stderr"]);
        assert.equal(all.inputs("server-first-boot-key-make").logging, "none");
        for (const [name, { inputs }] of all.made) {
            const text = JSON.stringify({ ...inputs, userData: "" });
            assert.doesNotMatch(text, /canary-8e13/, name);
            assert.ok(!text.includes(Buffer.from(PRIVATE).toString("base64").slice(0, 40)), name);
        }
    });

    it("does not wait for the first boot of one that was made elsewhere", async () => {
        const { made, droplet } = await make({ waitForFirstBoot: false });
        assert.deepEqual(
            [...made.keys()].filter((name) => name.startsWith("server-first-boot")),
            ["server-first-boot-key-make"],
        );
        assert.equal(await valueOf(droplet.hostKey), "");
    });

    it("gives away its reserved address and its own key", async () => {
        assert.equal(await valueOf(all.droplet.address), "203.0.113.10");
        assert.equal(await valueOf(all.droplet.hostKey), OWN);
    });
});
