import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";

import { describeNotes, parseChangelog } from "../../plan/releaseNotes";
import { readReleaseNotes } from "../../releaseNotes";

const CHANGELOG = `# Changelog

## [Unreleased]
- not yet

## [0.2.0] - 2026-05-20
### Added
- **Recurring tasks.** Issues that come back by themselves,
  each within its lead time.
- A [board](https://example.org/board) view
### Fixed
* Presets differ by more than case

## 0.1.10
- ${"x".repeat(150)}

## v0.1.9
Nothing but fixes.
`;

describe("release notes", () => {
    it("are read from the change log, an entry each", () => {
        const notes = parseChangelog(CHANGELOG);
        assert.deepEqual([...notes.keys()], ["0.2.0", "0.1.10", "0.1.9"]);
        assert.deepEqual(notes.get("0.2.0"), [
            "**Recurring tasks.** Issues that come back by themselves, each within its lead time.",
            "A [board](https://example.org/board) view",
            "Presets differ by more than case",
        ]);
        assert.deepEqual(notes.get("0.1.9"), []);
    });

    it("are one line a release in the preview", () => {
        assert.deepEqual(describeNotes(["0.1.9", "0.1.10", "0.2.0", "0.3.0"], parseChangelog(CHANGELOG)), [
            "0.1.9: no notes",
            `0.1.10: ${"x".repeat(99)}…`,
            "0.2.0: Recurring tasks; A board view; Presets differ by more than case",
            "0.3.0: no notes",
        ]);
        const many = new Map([["1.0.0", Array.from({ length: 9 }, (_, index) => `Entry ${index}. More of it.`)]]);
        assert.equal(
            describeNotes(["1.0.0"], many)[0],
            "1.0.0: Entry 0; Entry 1; Entry 2; Entry 3; Entry 4; Entry 5; and 3 more",
        );
    });

    describe("from an address", () => {
        let directory: string;
        let server: Server;
        let url: string;
        let asked: number;
        let status: number;

        beforeEach(async () => {
            directory = mkdtempSync(path.join(tmpdir(), "notes-"));
            [asked, status] = [0, 200];
            server = createServer((_, response) => {
                asked++;
                response.writeHead(status).end(CHANGELOG);
            });
            await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
            url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/CHANGELOG.md`;
        });
        afterEach(() => {
            server.close();
            rmSync(directory, { recursive: true });
        });
        const read = (source = url) => readReleaseNotes(source, { XDG_CACHE_HOME: directory });

        it("are asked for once in a while", async () => {
            assert.equal((await read())?.size, 3);
            assert.equal((await read())?.size, 3);
            assert.equal(asked, 1);
        });

        it("that is out of reach, or has none, are no failure", async () => {
            status = 404;
            assert.equal(await read(), undefined);
            assert.equal(await read("http://127.0.0.1:1/CHANGELOG.md"), undefined);
        });

        it("may also come from a file", async () => {
            const file = path.join(directory, "CHANGELOG.md");
            writeFileSync(file, CHANGELOG);
            assert.equal((await read(file))?.size, 3);
            assert.equal(await read(path.join(directory, "none.md")), undefined);
            assert.equal(asked, 0);
        });
    });
});
