import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { ArgsReader } from "../../argsReader";
import { readSettings } from "../../settings";

const GIVEN = {
    host: "203.0.113.10",
    specivoVersion: "0.1.10",
    backupPassword: "canary-3d11",
    offsiteRepository: "sftp:backup@198.51.100.7:/srv/specivo",
    offsiteSshPrivateKey: pulumi.secret("-----BEGIN OPENSSH PRIVATE KEY-----\ncanary-3d11"),
    offsiteSshKnownHosts: "198.51.100.7 ssh-ed25519 AAAAC3N",
};

const read = (changes: object = {}) =>
    readSettings({ SSH_AUTH_SOCK: "/run/agent" }, new ArgsReader("tracker", { ...GIVEN, ...changes }));

describe("arguments in the place of config", () => {
    it("give the same settings, with secrets as secrets", async () => {
        const settings = read({ sshPort: 2222, backupKeepDays: 0, allowOnHostBackupOnly: false });
        assert.equal(settings.ssh.port, 2222);
        assert.equal(settings.ssh.user, "root");
        assert.equal(settings.backup.keepDays, 0);
        for (const output of [settings.backup.password, settings.backup.sftp?.privateKey]) {
            assert.equal(await (output as unknown as { isSecret: Promise<boolean> }).isSecret, true);
        }
    });

    for (const [changes, sentence] of [
        [{ host: undefined }, /^tracker\.host is not set: give the server's name/],
        [{ sshPort: 0 }, /^tracker\.sshPort is "0": give a whole number/],
        [{ backupPassword: "" }, /^tracker\.backupPassword is not set: choose one[^`]*\.$/],
        [{ offsiteSshPrivateKey: "canary-3d11" }, /^tracker\.offsiteSshPrivateKey is not what it should be: /],
        [{ specivoVersion: pulumi.output("0.1.10") }, /^tracker\.specivoVersion has to be known/m],
    ] as const) {
        it(`are refused in one sentence: ${String(sentence)}`, () => {
            assert.throws(
                () => read(changes),
                ({ message }: Error) =>
                    sentence.test(message) && !message.includes("canary") && !message.includes("\n"),
            );
        });
    }
});
