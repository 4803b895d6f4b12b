import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { readDropletSettings } from "../../dropletSettings";

const LEAST = {
    dropletRegion: "fra1",
    dropletSshPublicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ops@example.org",
    dropletSshFrom: "203.0.113.0/24, 2001:db8::/32",
};

function read(config: Readonly<Record<string, string>>) {
    const named = Object.entries(config).map(([key, value]) => [`specivo:${key}`, value]);
    pulumi.runtime.setAllConfig(Object.fromEntries(named) as Record<string, string>);
    return readDropletSettings();
}

function mistakes(config: Readonly<Record<string, string>>): string[] {
    try {
        read(config);
    } catch (error) {
        assert.ok(pulumi.RunError.isInstance(error), String(error));
        return error.message.split("\n");
    }
    return [];
}

describe("the droplet's settings", () => {
    before(() => pulumi.runtime.setMocks({ call: () => ({}), newResource: () => ({ id: "", state: {} }) }, "specivo"));

    it("are none without a region", () => {
        assert.equal(read({ dropletSize: "s-1vcpu-2gb", host: "203.0.113.10" }), undefined);
    });

    it("need little, and default the rest", () => {
        assert.deepEqual(read(LEAST), {
            droplet: {
                name: "specivo",
                region: "fra1",
                size: "s-1vcpu-2gb",
                image: "ubuntu-24-04-x64",
                sshPublicKey: LEAST.dropletSshPublicKey,
                sshFrom: ["203.0.113.0/24", "2001:db8::/32"],
                webFrom: ["0.0.0.0/0", "::/0"],
                webPort: 9933,
                sshPort: 22,
                volumeSize: 0,
                volumeMount: "/opt/specivo",
                tags: ["specivo"],
                monitoring: true,
                allowReplacement: false,
                waitForFirstBoot: true,
            },
            keeps: "nothing",
        });
        // Where Specivo is kept on it, its host key has to be learned.
        for (const [more, keeps, waitForFirstBoot] of [
            [{ adminEmail: "admin@example.org" }, "Specivo", true],
            [{ adminEmail: "admin@example.org", host: "203.0.113.10" }, "another server", false],
        ] as const) {
            const found = read({ ...LEAST, ...more });
            assert.deepEqual([found?.keeps, found?.droplet.waitForFirstBoot], [keeps, waitForFirstBoot]);
        }
    });

    for (const [key, value] of [
        ["dropletRegion", "Frankfurt 1"],
        ["dropletName", "My Droplet"],
        ["dropletSize", "small!"],
        ["dropletImage", "Ubuntu 24.04"],
        ["dropletSshFrom", ""],
        ["dropletSshFrom", "203.0.113.7"],
        ["dropletSshFrom", "203.0.113.256/32"],
        ["dropletSshFrom", "203.0.113.0/33"],
        ["dropletWebFrom", "anywhere"],
        ["webPort", "0"],
        ["dropletVolumeSize", "20GB"],
        ["dropletVolumeMount", "opt/specivo"],
        ["dropletTags", "a,b c!"],
        ["dropletMonitoring", "yes"],
        ["allowDropletReplacement", "1"],
    ] as const) {
        it(`tell what is wrong with ${key} ${JSON.stringify(value)} in one sentence`, () => {
            const [first = "", ...more] = mistakes({ ...LEAST, [key]: value });
            assert.deepEqual(more, []);
            const what = value === "" ? "is not set" : `is ${JSON.stringify(value)}`;
            assert.ok(first.startsWith(`specivo:${key} ${what}: give `), first);
            assert.ok(first.endsWith("."), first);
        });
    }

    it("tell what is no public key, and do not show it", () => {
        const [first = "", ...more] = mistakes({
            ...LEAST,
            dropletSshPublicKey: "-----BEGIN OPENSSH PRIVATE KEY-----",
        });
        assert.deepEqual(more, []);
        assert.match(first, /^specivo:dropletSshPublicKey is no public key: give the one line, .*\.$/);
        assert.ok(!first.includes("BEGIN"));
    });

    it("refuse a place for Specivo that is not on its volume, where it has one", () => {
        const kept = { ...LEAST, adminEmail: "admin@example.org", dropletVolumeSize: "20" };
        for (const [installDir, dropletVolumeMount] of [
            ["/srv/specivo", "/opt/specivo"],
            ["/opt/specivo2", "/opt/specivo"],
            ["/opt/specivo", "/mnt/data"],
        ] as const) {
            assert.deepEqual(mistakes({ ...kept, installDir, dropletVolumeMount }), [
                `specivo:installDir is ${installDir}, which is not on the volume at ${dropletVolumeMount}: give specivo:dropletVolumeMount, or a directory in it.`,
            ]);
        }
        for (const right of [
            {},
            { installDir: "/opt/specivo/app" },
            { installDir: "/srv/specivo", dropletVolumeSize: "0" },
            { installDir: "/srv/specivo", host: "203.0.113.10" },
            { installDir: "/srv/specivo", adminEmail: "" },
        ]) {
            assert.deepEqual(mistakes({ ...kept, ...right }), []);
        }
    });

    it("tell everything at once", () => {
        assert.equal(mistakes({ dropletRegion: "fra1" }).length, 2);
    });
});
