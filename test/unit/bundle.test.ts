import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

import { inlineCall, readBundle } from "../../components/bundle";

/** An entry with two files of functions, in the layout of `host/`. */
const HOST = {
    "lib/b.sh": 'later() { echo "b"; }\n',
    "lib/a.sh": "# a comment\nearlier() { later; }",
    "lib/notes.md": "not shell",
    "operations/echo.sh": "operation_echo() { earlier; cat; }\n",
    "specivo-host": '#!/usr/bin/env bash\nset -euo pipefail\nmain() { "operation_$1"; }\n\nmain "$@"\n',
};

describe("the bundle", () => {
    let directory: string;

    function write(files: Readonly<Record<string, string>>) {
        for (const [file, text] of Object.entries(files)) {
            mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
            writeFileSync(path.join(directory, file), text);
        }
        return directory;
    }

    beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), "bundle-"))));
    afterEach(() => rmSync(directory, { recursive: true }));

    it("is one script that runs the operation it is told", () => {
        const { text } = readBundle(write(HOST));
        const run = spawnSync("bash", ["-c", text, "specivo-host", "echo"], { input: "input", encoding: "utf8" });
        assert.deepEqual([run.status, run.stdout, run.stderr], [0, "b\ninput", ""]);
    });

    it("is known by the hash of its text, whatever the order of its files on disk", () => {
        const { text, hash } = readBundle(write(HOST));
        assert.equal(hash, createHash("sha256").update(text).digest("hex"));
        assert.ok(text.indexOf("earlier()") < text.indexOf("later()"));
        assert.ok(!text.includes("not shell"));
    });

    it("runs an operation from stdin as well, with the input in it", () => {
        const input = { installDir: "/opt/specivo", quote: "it's $HOME `id`" };
        const script = inlineCall(readBundle(write(HOST)), "echo", input);
        const run = spawnSync("bash", ["-s"], { input: script, encoding: "utf8" });
        assert.deepEqual([run.status, run.stderr], [0, ""]);
        assert.equal(run.stdout, `b\n${JSON.stringify(input)}\n`);
    });

    it("insists on an entry that ends by calling main", () => {
        write(HOST);
        assert.throws(() => readBundle(write({ "specivo-host": 'main "$@"\nexit\n' })), /must end with the line: main/);
    });

    it("of this project answers for its operations", () => {
        const run = spawnSync("bash", ["-s", "--", "--help"], { input: readBundle().text, encoding: "utf8" });
        assert.equal(run.status, 0, run.stderr);
        for (const operation of ["facts", "offsite", "preflight", "backup", "rehearsal", "pin", "rollout", "verify"]) {
            assert.match(run.stdout, new RegExp(`^  ${operation} `, "m"));
        }
    });
});
