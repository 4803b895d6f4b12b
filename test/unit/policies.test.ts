import type {
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationPolicy,
} from "@pulumi/policy";
import assert from "node:assert/strict";

import { sshOptions } from "../../components/connection";
import { policies } from "../../policy/policies";

const DIGEST = `sha256:${"d".repeat(64)}`;
const SSH = { host: "203.0.113.10", port: 22, user: "root", knownHostsPath: "~/.ssh/known_hosts" };
const connection = { ...SSH, hostKey: "ssh-ed25519 AAAAC3N" };

function named<T>(name: string): T {
    return policies.find((policy) => policy.name === name) as T;
}

/** What that policy has to say of one resource; none for a good one. */
function violations(policy: string, type: string, props: object, opts: object = {}, config: object = {}): string[] {
    const said: string[] = [];
    const args = { type, props, opts, name: "it", urn: `urn::${type}::it`, getConfig: () => config };
    const { validateResource } = named<ResourceValidationPolicy>(policy);
    assert.ok(typeof validateResource === "function");
    void validateResource(args as unknown as ResourceValidationArgs, (message) => void said.push(message));
    return said;
}

describe("the policies", () => {
    const COMMAND = "command:remote:Command";
    const DOCKER = "pulumi:providers:docker";

    describe("pinned-version", () => {
        const image = (name: string | undefined) =>
            violations("pinned-version", "docker:index/remoteImage:RemoteImage", { name });

        for (const name of [
            "specivo/specivo:0.1.10",
            "registry.example:5000/specivo:1.2.3",
            `specivo/specivo@${DIGEST}`,
            undefined,
        ]) {
            it(`takes ${name}`, () => assert.deepEqual(image(name), []));
        }
        for (const name of [
            "specivo/specivo",
            "specivo/specivo:latest",
            "specivo/specivo:0.1",
            "registry.example:5000/specivo",
        ]) {
            it(`refuses ${name}`, () => assert.match(image(name)[0] ?? "", new RegExp(`^The image is ${name}: set `)));
        }
    });

    describe("off-host-backup", () => {
        const offsite = (repository: string) =>
            violations("off-host-backup", COMMAND, {
                create: "sudo -n /usr/local/sbin/specivo-host offsite",
                stdin: JSON.stringify({ repository, password: "canary" }),
            });

        it("takes a repository elsewhere, and one that is not known yet", () => {
            assert.deepEqual(offsite("sftp:backup@198.51.100.7:/srv/specivo"), []);
            const unknown = { create: "/usr/local/sbin/specivo-host offsite", stdin: undefined };
            assert.deepEqual(violations("off-host-backup", COMMAND, unknown), []);
        });

        it("refuses one on the server, without a word of the password", () => {
            assert.match(
                offsite("local").join("|"),
                /^Backups stay on the server: set specivo:offsiteRepository[^|]*$/,
            );
            assert.doesNotMatch(offsite("local").join(), /canary/);
        });
    });

    describe("host-key-set", () => {
        const check = (type: string, props: object) => violations("host-key-set", type, props);

        it("takes connections to a known server", () => {
            assert.deepEqual(check(COMMAND, { connection }), []);
            assert.deepEqual(check("command:remote:CopyToRemote", { connection }), []);
            assert.deepEqual(check(DOCKER, { host: "ssh://root@203.0.113.10:22", sshOpts: sshOptions(SSH) }), []);
            assert.deepEqual(check(DOCKER, { host: "ssh://root@h", sshOpts: JSON.stringify(sshOptions(SSH)) }), []);
        });

        it("refuses those to any", () => {
            for (const hostKey of [undefined, "", "unknown"]) {
                assert.equal(check(COMMAND, { connection: { ...connection, hostKey } }).length, 1, hostKey);
            }
            assert.equal(check("command:remote:CopyToRemote", { connection: SSH }).length, 1);
            assert.equal(check(DOCKER, { host: "ssh://root@h" }).length, 1);
            const lax = ["-o", "StrictHostKeyChecking=accept-new"];
            assert.equal(check(DOCKER, { host: "ssh://root@h", sshOpts: lax }).length, 1);
        });

        it("has nothing to say of an engine on this machine", () => {
            assert.deepEqual(check(DOCKER, { host: "unix:///var/run/docker.sock" }), []);
        });
    });

    describe("backup-before-pull", () => {
        const resource = (type: string, name: string, create = "") =>
            ({
                type,
                name,
                urn: `urn::${name}`,
                props: { create },
                dependencies: [],
                propertyDependencies: {},
            }) as unknown as PolicyResource;
        const backup = resource(COMMAND, "backup", "/usr/local/sbin/specivo-host backup");
        const other = resource(COMMAND, "pin", "/usr/local/sbin/specivo-host pin");

        function check(pull: PolicyResource, needed: PolicyResource[]): string[] {
            const said: string[] = [];
            const waiting = { ...pull, propertyDependencies: { triggers: needed } };
            const args = { resources: [backup, other, waiting] };
            const { validateStack } = named<StackValidationPolicy>("backup-before-pull");
            void validateStack(args as never, (message) => void said.push(message));
            return said;
        }

        for (const pull of [
            resource("docker:index/remoteImage:RemoteImage", "image"),
            resource(COMMAND, "load", "sudo -n /usr/local/sbin/specivo-host load"),
        ]) {
            it(`takes ${pull.name} that needs the backup's outcome, and no other`, () => {
                assert.deepEqual(check(pull, [backup]), []);
                assert.match(check(pull, []).join("|"), new RegExp(`^${pull.name} does not wait for a backup: `));
                assert.equal(check(pull, [other]).length, 1);
            });
        }
    });

    it("protected-droplet wants a droplet protected", () => {
        const check = (protect: boolean) =>
            violations(
                "protected-droplet",
                "digitalocean:index/droplet:Droplet",
                { image: "debian-13-x64" },
                { protect },
            );
        assert.deepEqual(check(true), []);
        assert.match(check(false)[0] ?? "", /^The droplet it is not protected: /);
    });

    describe("closed-firewall", () => {
        const check = (rule: object, config?: object) =>
            violations("closed-firewall", "digitalocean:index/firewall:Firewall", { inboundRules: [rule] }, {}, config);
        const world = { protocol: "tcp", sourceAddresses: ["0.0.0.0/0", "::/0"] };

        it("lets everybody see the web, and ping", () => {
            assert.deepEqual(check({ ...world, portRange: "443" }), []);
            assert.deepEqual(check({ ...world, protocol: "icmp" }), []);
            assert.deepEqual(check({ protocol: "tcp", portRange: "22", sourceAddresses: ["198.51.100.7"] }), []);
        });

        it("keeps everybody from all else", () => {
            assert.match(check({ ...world, portRange: "22" })[0] ?? "", /lets 0\.0\.0\.0\/0 and ::\/0 reach tcp 22: /);
            for (const portRange of ["all", undefined, "1-65535", "5432"]) {
                assert.equal(check({ ...world, portRange }).length, 1, portRange);
            }
        });

        it("can be told of other public ports", () => {
            assert.deepEqual(check({ ...world, portRange: "8443" }, { publicPorts: ["8443"] }), []);
        });
    });
});
