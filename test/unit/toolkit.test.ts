import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

import { find, run, secretOf, textOf, MACHINE } from "./support/instance";

describe("the command that installs the operations", () => {
    let directory: string;
    let create: string;
    let stdin: string;

    before(async () => {
        const made = await run();
        create = textOf(made, "specivo-host-toolkit", "create");
        stdin = secretOf(made, "specivo-host-toolkit", "stdin") as string;
        const hash = stdin.split("\n", 1)[0];
        assert.deepEqual(find(made, "specivo-host-toolkit").inputs.triggers, [hash, MACHINE]);
    });
    beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), "toolkit-"))));
    afterEach(() => rmSync(directory, { recursive: true }));

    const at = (...parts: string[]) => path.join(directory, ...parts);

    /** Runs it as a server would, below a directory of the test. */
    function install(input: string) {
        const here = create.replaceAll("/var/lib", at("lib")).replaceAll("/usr/local/sbin", at("sbin"));
        return spawnSync("sh", ["-c", here], { input, encoding: "utf8" });
    }

    it("puts them in a directory of their hash, for root alone, and makes them the current ones", () => {
        const hash = stdin.split("\n", 1)[0] ?? "";
        const done = install(stdin);
        assert.deepEqual([done.status, done.stderr, done.stdout], [0, "", `${hash}\n`]);
        const file = at("lib/specivo-upgrade/toolkit", hash.slice(0, 12), "specivo-host");
        assert.equal(`${hash}\n${readFileSync(file, "utf8")}`, stdin);
        assert.equal(lstatSync(file).mode & 0o777, 0o700);
        const help = spawnSync(at("sbin/specivo-host"), ["--help"], { encoding: "utf8" });
        assert.match(help.stdout, /^Usage: specivo-host/, help.stderr);
        assert.equal(install(stdin).status, 0, "a second time");
    });

    it("leaves the current ones alone when the script arrives in part", () => {
        install(stdin);
        const before = readFileSync(at("sbin/specivo-host"), "utf8");
        const cut = install(stdin.slice(0, -100));
        assert.equal(cut.status, 1);
        assert.match(cut.stderr, /did not arrive whole; run pulumi up again\.$/m);
        assert.equal(readFileSync(at("sbin/specivo-host"), "utf8"), before);
        const left = spawnSync("ls", ["-A", at("lib/specivo-upgrade/toolkit")], { encoding: "utf8" }).stdout;
        assert.equal(left.trim(), (stdin.split("\n", 1)[0] ?? "").slice(0, 12));
    });

    it("leaves running ones alone when new ones come", () => {
        install(stdin);
        const old = readFileSync(at("sbin/specivo-host"), "utf8");
        const text = "#!/bin/sh\necho new\n";
        const hash = spawnSync("sha256sum", { input: text, encoding: "utf8" }).stdout.slice(0, 64);
        assert.equal(install(`${hash}\n${text}`).status, 0);
        assert.equal(readFileSync(at("sbin/specivo-host"), "utf8"), text);
        const file = at("lib/specivo-upgrade/toolkit", (stdin.split("\n", 1)[0] ?? "").slice(0, 12), "specivo-host");
        assert.ok(existsSync(file));
        assert.equal(readFileSync(file, "utf8"), old);
    });
});
