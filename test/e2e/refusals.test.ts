import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { cleanUp } from "../support/clean-up";
import { containers, Droplet, newDroplet, on, removeDroplet } from "../support/lab";
import { Stack } from "../support/stack";

describe("what is refused before anything runs", function () {
    this.timeout(300_000);
    const name = "e2e-refusals";
    let droplet: Droplet;
    let stack: Stack;
    let containersBefore: Record<string, string>;
    let envBefore: string;
    let scratch: string;
    let config: string;

    before(async () => {
        scratch = fs.mkdtempSync(path.join(os.tmpdir(), "refusals-"));
        droplet = await newDroplet(name, "0.1.9");
        stack = await Stack.create(name, droplet);
        await stack.configure(droplet, "0.1.10", "a password for backups");
        config = stack.config();
        containersBefore = await containers(droplet);
        envBefore = await on(droplet, "cat /opt/specivo/.env");
    });

    after(() =>
        cleanUp(
            () => scratch && fs.rmSync(scratch, { recursive: true }),
            () => Stack.remove(name),
            () => removeDroplet(name),
        ),
    );

    beforeEach(() => stack.restoreConfig(config));

    /** What the diagnostics at the end of an `up` say besides warnings, line by line. */
    function diagnosed(output: string): string[] {
        const [, diagnostics = ""] = /^Diagnostics:\n {2}pulumi:pulumi:Stack .*\n([^]*?)\n\n/m.exec(output) ?? [];
        return diagnostics.split("\n").filter((line) => !/^ {4}warning: using pulumi-resource-/.test(line));
    }

    /** `pulumi up` fails with that sentence on one line and nothing else, and the host is as it was. */
    async function refused(
        sentence: string,
        env: NodeJS.ProcessEnv = {},
        command: string[] = ["up", "--yes"],
    ): Promise<void> {
        const ended = await stack.pulumi(command, env);
        assert.notEqual(ended.status, 0, ended.output);
        assert.deepEqual(diagnosed(ended.output), [`    error: ${sentence}`], ended.output);
        assert.doesNotMatch(ended.output, /^\s+at .*:\d+:\d+/m, "a stack trace");
        assert.doesNotMatch(ended.output, /specivo:index:(Host|Preflight)/, "a resource was begun");
        assert.deepEqual(await containers(droplet), containersBefore);
        assert.equal(await on(droplet, "cat /opt/specivo/.env"), envBefore);
        assert.equal(await on(droplet, "ls -d /var/lib/specivo-upgrade 2>/dev/null || true"), "");
    }

    const release = "name one release as X.Y.Z, for example `pulumi config set specivoVersion 0.1.10`.";
    const moving = `that tag moves from release to release and can't be rolled back to, so ${release}`;

    for (const [version, sentence] of [
        ["latest", `specivo:specivoVersion is "latest": ${moving}`],
        ["0.1", `specivo:specivoVersion is "0.1": ${moving}`],
        ["v0.1.10 ", `specivo:specivoVersion is "v0.1.10 ": ${release}`],
        ["", `specivo:specivoVersion is not set: ${release}`],
    ] as const) {
        it(`the version '${version}'`, async () => {
            await stack.set({ specivoVersion: version });
            await refused(sentence);
        });
    }

    it("a tag that does not exist", async () => {
        await stack.set({ specivoVersion: "0.1.99" });
        await refused(
            "The registry has no specivo/specivo:0.1.99: set specivo:specivoVersion to a release that exists.",
        );
    });

    it("a jump over a minor version", async () => {
        await stack.set({ specivoVersion: "0.8.0" });
        await refused(
            "Going from 0.1.9 to 0.8.0 skips minor versions: go one at a time, 0.2.1, 0.3.0, 0.4.2, 0.5.0, 0.6.0, 0.7.0, 0.8.0, as `npm run upgrade -- 0.8.0` does.",
        );
    });

    it("an unknown host key", async () => {
        const empty = path.join(scratch, "known_hosts");
        fs.writeFileSync(empty, "");
        await stack.set({ sshKnownHostsPath: empty });
        await refused(
            `The host key of ${droplet.address} port 22 is not in ${empty}: compare its fingerprint with the one on the server's console, then add it with \`ssh-keyscan -p 22 ${droplet.address} >> ${empty}\`.`,
        );
    });

    it("a changed host key", async () => {
        const changed = path.join(scratch, "changed_hosts");
        const foreign = fs.readFileSync(droplet.offsite.sftp.knownHostsPath, "utf8").trim().split("\n");
        fs.writeFileSync(changed, foreign.map((line) => line.replace(/^\S+/, droplet.address)).join("\n") + "\n");
        await stack.set({ sshKnownHostsPath: changed });
        await refused(
            `The host key of ${droplet.address} port 22 is not the one in ${changed}: if the server was rebuilt, take the old key out with \`ssh-keygen -R '${droplet.address}' -f ${changed}\` and add the new one; if not, someone may be listening in.`,
        );
    });

    it("a host without Specivo", async () => {
        await stack.set({ installDir: "/opt/nothing-here" });
        await refused(
            "There is no Specivo in /opt/nothing-here (no compose file): set specivo:installDir to the directory that holds it, or specivo:adminEmail to have one installed.",
        );
    });

    it("no ssh agent", async () => {
        await refused(
            "No SSH agent is running (SSH_AUTH_SOCK is not set): start one with `eval $(ssh-agent)` and load your key with `ssh-add`.",
            { SSH_AUTH_SOCK: "" },
        );
    });

    for (const [key, advice] of [
        ["host", "give the server's name or IPv4 address, for example `pulumi config set host 203.0.113.10`."],
        ["specivoVersion", release],
        [
            "backupPassword",
            "choose one, and keep it where the server's loss can't take it, with `pulumi config set --secret backupPassword`.",
        ],
        [
            "offsiteRepository",
            "give a restic repository off the server, s3:https://ENDPOINT/BUCKET or sftp:USER@HOST:/PATH, or set allowOnHostBackupOnly to true and lose the backups with the server.",
        ],
    ] as const) {
        it(`the config without ${key}`, async () => {
            await stack.succeed(["config", "rm", key]);
            await refused(`specivo:${key} is not set: ${advice}`);
        });
    }

    it("a host that does not answer, though preview goes on with an estimate", async () => {
        await stack.set({ sshPort: "1" });
        await refused(
            `${droplet.address} port 1 can't be reached over SSH (ssh: connect to host ${droplet.address} port 1: Connection refused): check specivo:host, specivo:sshPort, the server and its firewall.`,
            {},
            ["up", "--yes", "--skip-preview"],
        );
    });
});
