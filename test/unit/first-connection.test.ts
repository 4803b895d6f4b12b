import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

import { LEARN_KEY } from "../../components/firstBoot";

/** How the server's own key is learned, with an `ssh` that notes what it was told. */
describe("the first connection", () => {
    let folder: string;

    beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "first-connection-"))));
    afterEach(() => rmSync(folder, { recursive: true }));

    function program(name: string, script: string): void {
        writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`);
        chmodSync(path.join(folder, name), 0o755);
    }

    function learn(ssh: string) {
        program("sleep", "");
        program("ssh", `echo "$*" >>${folder}/calls\n${ssh}`);
        const env = {
            PATH: `${folder}:${process.env.PATH}`,
            ADDRESS: "203.0.113.10",
            KNOWN_KEY: "ecdsa-sha2-nistp256 AAAAE2V",
        };
        const ended = spawnSync("/bin/sh", ["-c", LEARN_KEY], { encoding: "utf8", env });
        const calls = readFileSync(path.join(folder, "calls"), "utf8").trim().split("\n");
        return { ...ended, calls };
    }

    it("accepts the known key and no other, of its type, from no file of this machine", () => {
        const known = `for option; do case $option in UserKnownHostsFile=*) cat "\${option#*=}" >${folder}/known;; esac; done`;
        const { stdout, calls } = learn(`${known}\necho "ssh-ed25519 AAAAC3N root@specivo"`);
        assert.equal(stdout, "ssh-ed25519 AAAAC3N root@specivo\n");
        assert.equal(readFileSync(path.join(folder, "known"), "utf8"), "203.0.113.10 ecdsa-sha2-nistp256 AAAAE2V\n");
        for (const option of [
            "-F none",
            "StrictHostKeyChecking=yes",
            "HostKeyAlgorithms=ecdsa-sha2-nistp256",
            "GlobalKnownHostsFile=none",
        ]) {
            assert.ok(calls[0]?.includes(option), option);
        }
    });

    it("is tried again while the server boots", () => {
        const { status, stdout } = learn(
            `[ "$(wc -l <${folder}/calls)" -ge 3 ] || exit 255\necho "ssh-ed25519 AAAAC3N root@specivo"`,
        );
        assert.deepEqual([status, stdout], [0, "ssh-ed25519 AAAAC3N root@specivo\n"]);
    });

    it("is given up with a sentence and what ssh says", () => {
        const { status, stdout, stderr, calls } = learn("echo 'Host key verification failed.' >&2; exit 255");
        assert.deepEqual([status, stdout, calls.length], [1, "", 100]);
        assert.match(stderr, /^The new server at 203\.0\.113\.10 can't be reached, or does not show the key it was/);
        assert.match(stderr, /\nHost key verification failed\.\n$/);
        assert.ok(!existsSync(path.join(folder, "known")));
    });
});
