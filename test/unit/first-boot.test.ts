import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const SCRIPT = path.join(__dirname, "../../host/first-boot.sh");

/** The script that a droplet runs, with programs that only note how they were called, and its files in a folder. */
describe("the first boot", () => {
    let folder: string;
    let bin: string;

    beforeEach(() => {
        folder = mkdtempSync(path.join(tmpdir(), "first-boot-"));
        bin = path.join(folder, "bin");
        mkdirSync(bin);
        mkdirSync(path.join(folder, "etc/ssh"), { recursive: true });
        for (const name of ["systemctl", "apt-get", "mount"]) {
            program(name);
        }
        program("ssh-keygen", '[ "$1" != -y ] || echo "public of $(cat "$3")"');
    });

    afterEach(() => rmSync(folder, { recursive: true }));

    function program(name: string, script = ""): void {
        writeFileSync(path.join(bin, name), `#!/bin/sh\necho "${name} $*" >>${folder}/calls\n${script}\n`);
        chmodSync(path.join(bin, name), 0o755);
    }

    function boot(volume = "") {
        const text = readFileSync(SCRIPT, "utf8")
            .replaceAll("/etc/", `${folder}/etc/`)
            .replaceAll("/var/lib/", `${folder}/var/lib/`);
        const key = Buffer.from("private").toString("base64");
        const begin = `SPECIVO_HOST_KEY=${key}\nSPECIVO_VOLUME=${volume}\nSPECIVO_MOUNT=${folder}/data\n`;
        // Only what is in the folder: tools of this machine must not count.
        const tools = ["bash", "base64", "cp", "mv", "mkdir", "cat", "sleep"];
        for (const tool of tools.filter((each) => !existsSync(path.join(bin, each)))) {
            const found = spawnSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).stdout.trim();
            writeFileSync(path.join(bin, tool), `#!/bin/sh\nexec ${found} "$@"\n`);
            chmodSync(path.join(bin, tool), 0o755);
        }
        const ended = spawnSync("/bin/bash", ["-c", begin + text], { encoding: "utf8", env: { PATH: bin } });
        const read = (file: string) => readFileSync(path.join(folder, file), "utf8");
        return {
            ...ended,
            calls: existsSync(path.join(folder, "calls")) ? read("calls").trim().split("\n") : [],
            read,
        };
    }

    it("shows the known key before anything else, and keeps it to root", () => {
        const { calls, read, stderr } = boot();
        assert.equal(read("etc/ssh/ssh_host_ecdsa_key"), "private", stderr);
        assert.equal(read("etc/ssh/ssh_host_ecdsa_key.pub"), "public of private\n");
        const restart = calls.indexOf("systemctl restart ssh");
        assert.ok(restart >= 0 && calls.slice(0, restart).every((call) => call.startsWith("ssh-keygen")));
    });

    it("installs what is missing, and nothing else", () => {
        assert.match(boot().calls.join("\n"), /install --yes docker\.io docker-compose-v2 restic jq curl$/);
        for (const tool of ["docker", "restic", "jq", "curl"]) {
            program(tool);
        }
        rmSync(path.join(folder, "calls"));
        assert.ok(!boot().calls.some((call) => call.startsWith("apt-get")));
    });

    it("tells how it ended, well or not", () => {
        assert.equal(boot().read("var/lib/specivo-first-boot/ended"), "0\n");
        program("apt-get", "exit 100");
        assert.equal(boot().read("var/lib/specivo-first-boot/ended"), "100\n");
    });
});
