import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import fc from "fast-check";

interface Line {
    readonly kind: string;
    readonly id: string;
    readonly at: string;
    readonly purpose?: string;
    readonly repository: string;
}

const NOW = "2026-11-24T10:00:00Z";
const REPOSITORY = "s3:https://fra1.example/specivo";
const daysAgo = (days: number) => new Date(Date.parse(NOW) - days * 86_400_000).toISOString().replace(".000Z", "Z");

function backup(id: string, days: number, purpose = "before", repository = REPOSITORY): Line[] {
    const at = daysAgo(days);
    return [
        { kind: "sent", id, at, repository },
        { kind: "backup", id, at, purpose, repository },
    ];
}

describe("retention", function () {
    this.timeout(60_000);
    let state: string;
    before(() => (state = mkdtempSync(path.join(tmpdir(), "retention-"))));
    after(() => rmSync(state, { recursive: true }));

    /** The ids that the server's own script would remove. */
    function removed(lines: readonly Line[], keepLast: number, keepDays: number): string[] {
        writeFileSync(path.join(state, "ledger.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
        writeFileSync(path.join(state, "offsite.json"), JSON.stringify({ repository: REPOSITORY, keepLast, keepDays }));
        const lib = path.join(__dirname, "../../host/lib");
        const script = `set -euo pipefail; STATE=${state}; for part in ledger offsite retention; do . ${lib}/$part.sh; done; retention_ids ${NOW}`;
        const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
        assert.equal(status, 0, stderr);
        return stdout.split("\n").filter(Boolean).sort();
    }

    const several = [...backup("a", 50), ...backup("b", 40), ...backup("c", 35), ...backup("d", 10), ...backup("e", 1)];

    it("keeps by count and by age: only what is beyond both goes", () => {
        assert.deepEqual(removed(several, 1, 0), ["a", "b", "c", "d"]);
        assert.deepEqual(removed(several, 1, 30), ["a", "b", "c"]);
        assert.deepEqual(removed(several, 4, 30), ["a"]);
        assert.deepEqual(removed(several, 10, 0), []);
    });

    it("keeps what a rollback would put back, whatever its age", () => {
        assert.deepEqual(removed([...backup("x", 400, "restore-point"), ...several], 1, 0), ["a", "b", "c", "d"]);
    });

    it("never removes the last good one for a newer one that was not proven", () => {
        const unproven: Line = { kind: "sent", id: "u", at: daysAgo(0), repository: REPOSITORY };
        assert.deepEqual(removed([...backup("e", 100), unproven], 1, 0), ["u"]);
    });

    it("goes by the ledger's order, where the clock was ahead for a while", () => {
        assert.deepEqual(removed([...backup("ahead", 40), ...backup("newest", 60)], 1, 30), ["ahead"]);
    });

    it("removes nothing twice, and nothing from another repository", () => {
        const forgotten: Line = { kind: "forgotten", id: "a", at: daysAgo(1), repository: "" };
        const elsewhere = backup("z", 300, "before", "sftp:backup@198.51.100.7:/srv");
        assert.deepEqual(removed([...several, ...elsewhere, forgotten], 1, 30), ["b", "c"]);
    });

    it("leaves the newest proven one there, for any ledger and any settings", () => {
        const one = fc.record({ days: fc.integer({ min: 0, max: 90 }), proven: fc.boolean(), point: fc.boolean() });
        fc.assert(
            fc.property(fc.array(one, { minLength: 1, maxLength: 8 }), fc.nat(3), fc.nat(60), (made, last, days) => {
                const lines = made.flatMap(({ days: age, proven, point }, index) =>
                    backup(String(index), age, point ? "restore-point" : "before").slice(0, proven ? 2 : 1),
                );
                const gone = removed(lines, last + 1, days);
                const proven = made
                    .map((entry, index) => ({ ...entry, id: String(index) }))
                    .filter((entry) => entry.proven);
                const newest = proven.at(-1);
                assert.ok(newest === undefined || !gone.includes(newest.id));
                assert.ok(proven.every(({ id, point }) => !point || !gone.includes(id)));
            }),
            { numRuns: 60 },
        );
    });
});
