import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

import { explain, observe, OtherKeyError, UnreachableError } from "../../observe";
import { upgraded } from "./support/facts";

const ssh = { host: "203.0.113.10", port: 22, user: "root", knownHostsPath: "~/.ssh/known_hosts" };
const target = { version: "0.1.10", imageRepository: "specivo/specivo", imageArchive: "" };

describe("a look at the server", () => {
    const oldPath = process.env.PATH;
    let directory: string;

    /** An `ssh` that leaves its arguments and its input behind, says something and ends. */
    function fakeSsh(stdout: string, stderr = "", status = 0) {
        const file = path.join(directory, "ssh");
        writeFileSync(path.join(directory, "stdout"), stdout);
        writeFileSync(path.join(directory, "stderr"), stderr);
        const lines = [
            "#!/bin/sh",
            `printf '%s\\n' "$@" >${directory}/args`,
            `cat >${directory}/stdin`,
            `cat ${directory}/stdout; cat ${directory}/stderr >&2; exit ${status}`,
        ];
        writeFileSync(file, lines.join("\n"));
        chmodSync(file, 0o755);
    }

    const left = (name: string) => readFileSync(path.join(directory, name), "utf8");
    const look = (user = "root") => observe({ ssh: { ...ssh, user, port: 2222 }, installDir: "/opt/specivo", target });

    async function refusal(): Promise<string> {
        const error: unknown = await look().then(
            () => assert.fail("no error"),
            (reason: unknown) => reason,
        );
        assert.ok(pulumi.RunError.isInstance(error), String(error));
        return error.message;
    }

    beforeEach(() => {
        directory = mkdtempSync(path.join(tmpdir(), "observe-"));
        process.env.PATH = `${directory}:${oldPath}`;
    });
    afterEach(() => {
        process.env.PATH = oldPath;
        rmSync(directory, { recursive: true });
    });

    it("reads the facts, which may have white space around them", async () => {
        fakeSsh(`\n${JSON.stringify(upgraded())}\n\n`, "a banner\n");
        assert.deepEqual(await look(), upgraded());
    });

    it("refuses what a login script prints, as no step's answer could be read", async () => {
        for (const answer of [`Welcome!\n${JSON.stringify(upgraded())}`, `${JSON.stringify(upgraded())}\nBye!`]) {
            fakeSsh(answer);
            assert.match(await refusal(), /^The answer of root@.* make sure that its login scripts print nothing/);
        }
    });

    it("tells a droplet that shows another host key than the stack knows of from one out of reach", async () => {
        const known = { ...ssh, hostKey: "ssh-ed25519 AAAAC3N" };
        for (const [words, kind] of [
            ["WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!", OtherKeyError],
            ["Host key verification failed.", OtherKeyError],
            ["ssh: connect to host 203.0.113.10 port 22: Connection timed out", UnreachableError],
        ] as const) {
            fakeSsh("", words, 255);
            await assert.rejects(observe({ ssh: known, installDir: "/opt/specivo", target }), kind);
        }
        fakeSsh("", "Host key verification failed.", 255);
        await assert.rejects(look(), (error) => !(error instanceof OtherKeyError));
    });

    it("sends a script that runs facts, and nothing to install", async () => {
        fakeSsh(JSON.stringify(upgraded()));
        await look();
        assert.equal(spawnSync("bash", ["-n"], { input: left("stdin"), encoding: "utf8" }).stderr, "");
        const call = left("stdin").split("\n").slice(-4, -1);
        assert.equal(call[0], "main facts <<'SPECIVO_INPUT'");
        assert.deepEqual(JSON.parse(call[1] ?? ""), {
            installDir: "/opt/specivo",
            imageRepository: "specivo/specivo",
            imageArchive: "",
            target: "0.1.10",
        });
        assert.deepEqual(left("args").trimEnd().split("\n").slice(-7), [
            "-p",
            "2222",
            "-l",
            "root",
            "--",
            "203.0.113.10",
            `bash -c 'eval "$(cat)"'`,
        ]);
    });

    it("asks for root's rights when the user is another", async () => {
        fakeSsh(JSON.stringify(upgraded()));
        await look("deploy");
        assert.equal(left("args").trimEnd().split("\n").at(-1), `env LC_ALL=C sudo -n bash -c 'eval "$(cat)"'`);
    });

    it("says which part of the answer can't be read", async () => {
        fakeSsh(JSON.stringify({ ...upgraded(), services: undefined }));
        assert.match(
            await refusal(),
            /^The answer of root@203\.0\.113\.10 can't be read, as facts\.services is missing: .*\.$/,
        );
    });

    it("is no look when the client ends early without reading", async () => {
        writeFileSync(path.join(directory, "ssh"), "#!/bin/sh\nexec <&-\necho 'ssh: gone' >&2\nexit 255\n");
        chmodSync(path.join(directory, "ssh"), 0o755);
        assert.match(await refusal(), /can't be reached over SSH \(ssh: gone\)/);
    });

    it("needs the ssh client", async () => {
        process.env.PATH = directory;
        assert.match(await refusal(), /^The ssh client can't be started: install it/);
    });
});

describe("what ssh and the server say", () => {
    for (const [name, status, stderr, sentence] of [
        [
            "an unknown host key",
            255,
            "No ED25519 host key is known for [203.0.113.10]:22 and you have requested strict checking.\r\nHost key verification failed.\r\n",
            /^The host key of 203\.0\.113\.10 port 22 is not in ~\/\.ssh\/known_hosts: .*`ssh-keyscan -p 22 203\.0\.113\.10 >> /,
        ],
        [
            "a changed host key",
            255,
            "@@@\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n@@@\r\nHost key verification failed.\r\n",
            /^The host key of 203\.0\.113\.10 port 22 is not the one in .*`ssh-keygen -R '203\.0\.113\.10' -f ~\/\.ssh\/known_hosts`/,
        ],
        [
            "no accepted key",
            255,
            "root@203.0.113.10: Permission denied (publickey,password).\r\n",
            /^root@203\.0\.113\.10 accepts no key of your SSH agent: .*`ssh-add`/,
        ],
        [
            "too many keys",
            255,
            "Received disconnect from 203.0.113.10 port 22:2: Too many authentication failures\r\n",
            /accepts no key of your SSH agent/,
        ],
        [
            "a name that does not resolve",
            255,
            "ssh: Could not resolve hostname x: Name or service not known\r\n",
            /^The name 203\.0\.113\.10 can't be resolved: correct specivo:host/,
        ],
        [
            "a server that is out of reach",
            255,
            "ssh: connect to host 203.0.113.10 port 22: Connection timed out\r\n",
            /^203\.0\.113\.10 port 22 can't be reached over SSH \(ssh: connect .* timed out\): check/,
        ],
        [
            "a refused connection",
            255,
            "ssh: connect to host 203.0.113.10 port 22: Connection refused\r\n",
            /can't be reached over SSH \(.*Connection refused\)/,
        ],
        [
            "a password for sudo",
            1,
            "sudo: a password is required\n",
            /may not use sudo without a password .*\/etc\/sudoers\.d/,
        ],
        ["no sudo", 127, "env: 'sudo': No such file or directory\n", /may not use sudo without a password/],
        ["no bash", 127, "sh: 1: bash: not found\n", /^root@203\.0\.113\.10 has no bash: install it/],
        [
            "a failed operation",
            1,
            "noise: Permission denied\nspecivo-host facts: the ledger can't be read; run fsck.\n",
            /^the ledger can't be read; run fsck\.$/,
        ],
        ["anything else", 3, "kaboom\n", /ended with status 3 \(kaboom\): correct that/],
        ["silence", 3, "", /ended with status 3 \(no message\): correct that/],
        ["no end", null, "", /^root@203\.0\.113\.10 has not answered within 120 s: /],
    ] as const) {
        it(`is one sentence for ${name}`, () => {
            const told = explain(ssh, { status, stdout: "", stderr });
            assert.match(told, sentence);
            assert.match(told, /^[^\r\n]*[^.]\.$/);
        });
    }

    it("names no file for a key that the stack learned itself", () => {
        const known = { ...ssh, hostKey: "ssh-ed25519 AAAAC3N" };
        const told = explain(known, { status: 255, stdout: "", stderr: "REMOTE HOST IDENTIFICATION HAS CHANGED" });
        assert.match(
            told,
            /^The droplet at 203\.0\.113\.10 port 22 shows another host key than .*someone may be listening in\.$/,
        );
        assert.doesNotMatch(told, /known_hosts|ssh-keygen/);
    });

    it("names a server on another port as known_hosts does", () => {
        const told = explain(
            { ...ssh, port: 2222 },
            { status: 255, stdout: "", stderr: "REMOTE HOST IDENTIFICATION HAS CHANGED" },
        );
        assert.match(told, /`ssh-keygen -R '\[203\.0\.113\.10\]:2222' -f /);
    });
});
