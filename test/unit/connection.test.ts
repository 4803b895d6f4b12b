import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { chooseHostKey, connectionArgs, sshOptions } from "../../components/connection";

const ssh = { host: "203.0.113.10", port: 2222, user: "deploy", knownHostsPath: "~/.ssh/known_hosts" };
const ed25519 = "ssh-ed25519 AAAAC3N";
const rsa = "ssh-rsa AAAAB3N";
const ecdsa256 = "ecdsa-sha2-nistp256 AAAAE2V";
const ecdsa521 = "ecdsa-sha2-nistp521 AAAAE2V";

describe("the host key", () => {
    for (const [keys, chosen] of [
        [[ed25519], ed25519],
        [[rsa, ecdsa521], ecdsa521],
        [[rsa, ecdsa521, ecdsa256], ecdsa256],
        [[rsa, ecdsa256, ed25519], ed25519],
    ] as const) {
        it(`of ${keys.map((key) => key.split(" ")[0]).join(", ")} is the one the Command provider can check`, () => {
            assert.equal(chooseHostKey(ssh, keys), chosen);
            assert.equal(chooseHostKey(ssh, [...keys].reverse()), chosen);
        });
    }

    it("is asked for in one sentence when the server has none of use", () => {
        for (const keys of [[], [rsa]]) {
            assert.throws(
                () => chooseHostKey(ssh, keys),
                (error: Error) =>
                    pulumi.RunError.isInstance(error) &&
                    /^203\.0\.113\.10 has no SSH host key .*\.$/.test(error.message),
            );
        }
    });
});

describe("the connection", () => {
    it("is verified, and holds no key and no path of this machine", () => {
        assert.deepEqual(connectionArgs(ssh, ssh.host, ed25519), {
            host: "203.0.113.10",
            port: 2222,
            user: "deploy",
            hostKey: ed25519,
            dialErrorLimit: 10,
            perDialTimeout: 15,
        });
    });

    it("of the ssh client is as strict, and asks nothing", () => {
        const options = sshOptions(ssh).join(" ");
        for (const option of ["BatchMode=yes", "StrictHostKeyChecking=yes", "UserKnownHostsFile=~/.ssh/known_hosts"]) {
            assert.ok(options.includes(`-o ${option}`), option);
        }
    });

    it("of the ssh client takes one key alone, where that is known", () => {
        const options = sshOptions({ ...ssh, hostKey: ed25519 });
        assert.ok(options.includes("StrictHostKeyChecking=yes") && options.includes("UserKnownHostsFile=none"));
        assert.ok(options.includes(`KnownHostsCommand=/bin/echo %H ${ed25519}`));
    });
});
