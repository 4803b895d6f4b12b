import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { readSettings } from "../../settings";

const CANARY = "canary-7b1f";
const SECRETS = ["backupPassword", "offsiteSecretAccessKey", "offsiteSshPrivateKey", "smokePassword"];
const AGENT = { SSH_AUTH_SOCK: "/run/agent" };

const S3: Readonly<Record<string, string>> = {
    specivoVersion: "0.1.10",
    host: "203.0.113.10",
    backupPassword: `${CANARY}-password`,
    offsiteRepository: "s3:https://fra1.example/specivo",
    offsiteAccessKeyId: "KEYID",
    offsiteSecretAccessKey: `${CANARY}-s3`,
};
const SFTP: Readonly<Record<string, string>> = {
    specivoVersion: "0.1.10",
    host: "203.0.113.10",
    backupPassword: `${CANARY}-password`,
    offsiteRepository: "sftp:backup@198.51.100.7:/srv/specivo",
    offsiteSshPrivateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${CANARY}\n-----END OPENSSH PRIVATE KEY-----\n`,
    offsiteSshKnownHosts: "198.51.100.7 ssh-ed25519 AAAAC3N",
};

function read(config: Readonly<Record<string, string>>, environment: NodeJS.ProcessEnv = AGENT, secrets = SECRETS) {
    const named = Object.entries(config).map(([key, value]) => [`specivo:${key}`, value]);
    pulumi.runtime.setAllConfig(
        Object.fromEntries(named) as Record<string, string>,
        secrets.map((key) => `specivo:${key}`),
    );
    return readSettings(environment);
}

/** The sentences of what is wrong. */
function mistakes(...args: Parameters<typeof read>): string[] {
    try {
        read(...args);
    } catch (error) {
        assert.ok(pulumi.RunError.isInstance(error), String(error));
        return error.message.split("\n");
    }
    return [];
}

const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

describe("settings", () => {
    before(() => pulumi.runtime.setMocks({ call: () => ({}), newResource: () => ({ id: "", state: {} }) }, "specivo"));

    it("need little, and default the rest", () => {
        const { ssh, installDir, imageRepository, specivoVersion, backup, rollback, startTimeout, warnings } = read(S3);
        assert.deepEqual(ssh, {
            host: "203.0.113.10",
            port: 22,
            user: "root",
            knownHostsPath: "~/.ssh/known_hosts",
        });
        assert.deepEqual(
            [installDir, imageRepository, specivoVersion, warnings],
            ["/opt/specivo", "specivo/specivo", "0.1.10", []],
        );
        assert.deepEqual([backup.keepLast, backup.keepDays, startTimeout], [10, 30, 900]);
        assert.deepEqual(rollback, { rollbackWindow: 3600, restoreFrom: "" });
    });

    it("name the user of the smoke test, whose password is a secret, or none", async () => {
        assert.equal(read(S3).smoke, undefined);
        const { smoke } = read({ ...S3, smokeUser: "smoke", smokePassword: CANARY });
        assert.ok(smoke !== undefined && (await pulumi.isSecret(smoke.password)));
        assert.deepEqual([smoke.login, smoke.limit, await valueOf(smoke.password)], ["smoke", 5, CANARY]);
        assert.match(
            mistakes({ ...S3, smokeUser: "smoke" })[0] ?? "",
            /^specivo:smokePassword is not set: give the password of smokeUser,/,
        );
    });

    it("take a declared key's empty default for not set", () => {
        const declared = { sshUser: "", sshPort: "22", offsiteSshPrivateKey: "", allowOnHostBackupOnly: "false" };
        assert.equal(read({ ...S3, ...declared }).ssh.user, "root");
    });

    it("hand on what S3 needs, its secrets as secrets", async () => {
        const { backup } = read(S3);
        assert.deepEqual([backup.repository, backup.s3?.accessKeyId], [S3.offsiteRepository, "KEYID"]);
        assert.ok(backup.s3 && !backup.sftp);
        assert.deepEqual(
            await Promise.all([pulumi.isSecret(backup.password), pulumi.isSecret(backup.s3.secretAccessKey)]),
            [true, true],
        );
        assert.equal(await valueOf(backup.password), S3.backupPassword);
        assert.equal(await valueOf(backup.s3.secretAccessKey), S3.offsiteSecretAccessKey);
    });

    it("hand on what SFTP needs, its secrets as secrets", async () => {
        const { backup } = read(SFTP);
        assert.ok(backup.sftp && !backup.s3);
        assert.equal(backup.sftp.knownHosts, SFTP.offsiteSshKnownHosts);
        assert.equal(await pulumi.isSecret(backup.sftp.privateKey), true);
        assert.equal(await valueOf(backup.sftp.privateKey), SFTP.offsiteSshPrivateKey);
    });

    it("need no key where the stack makes the bucket, and say what is wrong with that among the rest", () => {
        const own = { backupBucket: "backups", backupRegion: "fra1" };
        const nowhere = { ...S3, offsiteRepository: "", offsiteAccessKeyId: "", offsiteSecretAccessKey: "" };
        const { backup, bucket, warnings } = read({ ...nowhere, ...own });
        assert.deepEqual(
            [backup.repository, backup.s3, warnings],
            ["s3:https://fra1.digitaloceanspaces.com/backups", undefined, []],
        );
        assert.equal(bucket?.bucket, "backups");
        const told = mistakes({ ...S3, ...own, specivoVersion: "" });
        assert.deepEqual(
            told.map((line) => line.split(" ")[0]),
            ["specivo:backupBucket", "specivo:specivoVersion"],
        );
    });

    it("let backups stay on the host only when told so, and warn then", () => {
        const { specivoVersion, host, backupPassword } = S3;
        const onHost = { specivoVersion: `${specivoVersion}`, host: `${host}`, backupPassword: `${backupPassword}` };
        const { backup, warnings } = read({ ...onHost, allowOnHostBackupOnly: "true" });
        assert.equal(backup.repository, "local");
        assert.match(warnings.join("\n"), /^Backups stay on the server .*allowOnHostBackupOnly/);
        assert.match(mistakes(onHost).join("\n"), /^specivo:offsiteRepository is not set: /);
        assert.equal(read({ ...S3, allowOnHostBackupOnly: "true" }).backup.repository, S3.offsiteRepository);
    });

    for (const [key, value, sentence] of [
        ["specivoVersion", "", /^specivo:specivoVersion is not set: name one release as X\.Y\.Z, for example `pulumi/],
        [
            "specivoVersion",
            "latest",
            /^specivo:specivoVersion is "latest": that tag moves .* name one release as X\.Y\.Z/,
        ],
        ["specivoVersion", "0.1", /^specivo:specivoVersion is "0\.1": that tag moves/],
        ["specivoVersion", "v0.1.10 ", /^specivo:specivoVersion is "v0\.1\.10 ": name one release as X\.Y\.Z/],
        ["specivoVersion", "0.1.10\n", /^specivo:specivoVersion is "0\.1\.10\\n": name one release/],
        ["host", "", /^specivo:host is not set: give the server's name or IPv4 address/],
        ["host", "-oProxyCommand=x", /^specivo:host is "-oProxyCommand=x": /],
        ["host", "root@example.org", /^specivo:host is "root@example\.org": /],
        ["sshUser", "Root User", /^specivo:sshUser is "Root User": /],
        ["sshPort", "0", /^specivo:sshPort is "0": give a whole number from 1 to 65535\.$/],
        ["sshPort", "65536", /^specivo:sshPort is "65536": /],
        ["sshPort", "22.5", /^specivo:sshPort is "22\.5": /],
        ["sshKnownHostsPath", "known_hosts", /^specivo:sshKnownHostsPath is "known_hosts": /],
        ["sshKnownHostsPath", "/my hosts", /^specivo:sshKnownHostsPath is "\/my hosts": /],
        ["installDir", "opt/specivo", /^specivo:installDir is "opt\/specivo": /],
        ["installDir", "/opt/specivo/", /^specivo:installDir is "\/opt\/specivo\/": /],
        ["installDir", "/opt/../etc", /^specivo:installDir is "\/opt\/\.\.\/etc": /],
        ["installDir", "/opt/spe civo", /^specivo:installDir is "\/opt\/spe civo": /],
        ["installDir", "/opt/$(id)", /^specivo:installDir is "\/opt\/\$\(id\)": /],
        [
            "imageRepository",
            "specivo/specivo:0.1.10",
            /^specivo:imageRepository is "specivo\/specivo:0\.1\.10": name the image/,
        ],
        ["imageRepository", "Specivo Image", /^specivo:imageRepository is "Specivo Image": /],
        [
            "backupPassword",
            "",
            /^specivo:backupPassword is not set: .* with `pulumi config set --secret backupPassword`\.$/,
        ],
        [
            "offsiteRepository",
            "/srv/backups",
            /^specivo:offsiteRepository is "\/srv\/backups": give a restic repository/,
        ],
        [
            "offsiteRepository",
            "s3:https://fra1.example",
            /^specivo:offsiteRepository is "s3:https:\/\/fra1\.example": /,
        ],
        ["offsiteRepository", "sftp:198.51.100.7:/srv", /^specivo:offsiteRepository is "sftp:198\.51\.100\.7:\/srv": /],
        ["offsiteAccessKeyId", "", /^specivo:offsiteAccessKeyId is not set: /],
        ["offsiteSecretAccessKey", "", /^specivo:offsiteSecretAccessKey is not set: /],
        ["allowOnHostBackupOnly", "yes", /^specivo:allowOnHostBackupOnly is "yes": give true or false\.$/],
        ["backupKeepLast", "0", /^specivo:backupKeepLast is "0": give a whole number from 1 to 1000\.$/],
        ["backupKeepDays", "-1", /^specivo:backupKeepDays is "-1": give a whole number from 0 to 10000\.$/],
        ["rollbackWindow", "1 hour", /^specivo:rollbackWindow is "1 hour": give a length of time such as 90s, 30m/],
        ["smokeLimit", "fast", /^specivo:smokeLimit is "fast": give a length of time/],
        ["startTimeout", "0m", /^specivo:startTimeout is "0m": give a length of time/],
        ["restoreFrom", "newest", /^specivo:restoreFrom is "newest": give the id of a backup, of 8 or more characters/],
        ["restoreFrom", "abc123", /^specivo:restoreFrom is "abc123": /],
    ] as const) {
        it(`tell what is wrong with ${key} ${JSON.stringify(value)} in one sentence`, () => {
            const told = mistakes({ ...S3, [key]: value });
            assert.equal(told.length, 1, told.join("\n"));
            assert.match(told[0] ?? "", sentence);
            assert.match(told[0] ?? "", /[^.]\.$/);
        });
    }

    for (const [key, value, sentence] of [
        ["offsiteSshPrivateKey", "", /^specivo:offsiteSshPrivateKey is not set: /],
        ["offsiteSshPrivateKey", `ssh-ed25519 ${CANARY}`, /^specivo:offsiteSshPrivateKey is not what it should be: /],
        ["offsiteSshKnownHosts", "", /^specivo:offsiteSshKnownHosts is not set: /],
        ["offsiteSshKnownHosts", "198.51.100.7", /^specivo:offsiteSshKnownHosts is "198\.51\.100\.7": /],
    ] as const) {
        it(`tell what is wrong with ${key} ${JSON.stringify(value)} for SFTP`, () => {
            const told = mistakes({ ...SFTP, [key]: value });
            assert.equal(told.length, 1, told.join("\n"));
            assert.match(told[0] ?? "", sentence);
        });
    }

    it("tell when no SSH agent runs", () => {
        for (const environment of [{}, { SSH_AUTH_SOCK: "" }]) {
            assert.match(mistakes(S3, environment).join("\n"), /^No SSH agent is running .*`ssh-add`\.$/);
        }
    });

    it("tell everything at once", () => {
        const told = mistakes({}, {});
        const keys = told.map((line) => line.split(" ")[0]);
        assert.deepEqual(keys, [
            "specivo:specivoVersion",
            "specivo:host",
            "specivo:backupPassword",
            "specivo:offsiteRepository",
            "No",
        ]);
    });

    it("refuse a secret in plain text, and never show it", () => {
        const told = [...mistakes(S3, AGENT, []), ...mistakes(SFTP, AGENT, [])];
        assert.deepEqual(
            told.map((line) => line.split(" ").slice(0, 5).join(" ")),
            ["backupPassword", "offsiteSecretAccessKey", "backupPassword", "offsiteSshPrivateKey"].map(
                (key) => `specivo:${key} lies in plain text`,
            ),
        );
        const wrongKey = { ...SFTP, offsiteSshPrivateKey: CANARY };
        assert.doesNotMatch([...told, ...mistakes(wrongKey)].join("\n"), new RegExp(CANARY));
    });
});
