import assert from "node:assert/strict";
import fc from "fast-check";

import type { Backup, Facts, TransitionLine } from "../../plan/facts";
import { makePlan, type Plan } from "../../plan/plan";
import { consumedBy, wayBack } from "../../plan/restorePoint";
import { begun, facts, finished, IMAGE_0_1_9, services, withService } from "./support/facts";

const BEFORE = "b".repeat(64);
const POINT = "c".repeat(64);
const UPGRADE = "0.1.10-to-0.2.0#1";
const HOUR = { rollbackWindow: 3600, restoreFrom: "" };
const SILENT = { bundled: true, revision: null, bytes: 13_000_000 };
const minutesAgo = (minutes: number) => new Date(Date.parse("2026-11-24T10:00:00Z") - minutes * 60_000);

function backup(changes: Partial<Backup> = {}): Backup {
    const before = { purpose: "before", transition: UPGRADE, version: "0.1.10", revision: "0020" } as const;
    return { id: BEFORE, at: minutesAgo(12), ...before, ...changes };
}

const taken = { at: minutesAgo(10), transition: UPGRADE, version: "0.1.10", revision: "0020" };
const transitions: TransitionLine[] = [
    begun({ id: UPGRADE, from: "0.1.10", to: "0.2.0" }),
    finished({ id: UPGRADE, version: "0.2.0", image: "sha256:0200", revision: "0023" }),
];

/** An instance that was upgraded from 0.1.10 to 0.2.0 ten minutes ago, over three migrations. */
function migrated(changes: Partial<Facts> = {}): Facts {
    return facts({
        install: { dir: "/opt/specivo", present: true, pin: "0.2.0" },
        services: services("0.2.0", "sha256:0200"),
        version: "0.2.0",
        database: { bundled: true, revision: "0023", bytes: 13_000_000 },
        target: { version: "0.1.10", imageId: IMAGE_0_1_9, registry: "not asked", digest: null },
        transitions,
        backups: [backup(), backup({ id: POINT, at: minutesAgo(9), purpose: "restore-point" })],
        restorePoints: [taken],
        since: { tables: { search_chunks: 40, journals: 5, issues: 9 }, files: 2 },
        ...changes,
    });
}

function planOf(found: Facts, version = "0.1.10", rollback = HOUR): Plan {
    const plan = makePlan(
        found,
        { version, imageRepository: "specivo/specivo", imageDigest: "", imageArchive: "" },
        rollback,
    );
    return plan.kind === "plan" ? plan : assert.fail(plan.sentence);
}

function refusalOf(found: Facts, rollback = HOUR, version = "0.1.10"): string {
    const plan = makePlan(
        found,
        { version, imageRepository: "specivo/specivo", imageDigest: "", imageArchive: "" },
        rollback,
    );
    return plan.kind === "refusal" ? plan.sentence : assert.fail(plan.lines.join("\n"));
}

describe("going back over a migration", () => {
    it("takes the backup from before where the restore point was never sent and is gone", () => {
        const unsent = migrated({ backups: [backup()] });
        assert.equal(planOf(unsent).transition.restore, UPGRADE);
        assert.equal(planOf({ ...unsent, forgotten: [{ id: UPGRADE }] }).transition.restore, BEFORE);
    });

    it("puts the restore point back, and says which, how old, and what is set aside", () => {
        const plan = planOf(migrated());
        assert.deepEqual([plan.transition.direction, plan.transition.restore], ["rollback", POINT]);
        assert.deepEqual(plan.lines.slice(3, 5), [
            "  data:    goes back to that of 2026-11-24T09:50:00Z, 10 min ago: cccccccc, made for 0.1.10-to-0.2.0#1",
            "           set aside: 14 rows (issues 9, journals 5) and 2 files written since; it stays on the server beside the restored data until the next transition, and goes into a backup of its own",
        ]);
    });

    it("names the transition while the restore point has not reached the place for backups", () => {
        assert.equal(planOf(migrated({ backups: [backup()] })).transition.restore, UPGRADE);
    });

    it("takes the restore point of an upgrade that was cut off, when the next one has sent it", () => {
        const repair = "0.2.0-to-0.2.0#2";
        const cutOff = [
            begun({ id: UPGRADE, from: "0.1.10", to: "0.2.0" }),
            begun({ id: repair, direction: "repair", from: "0.2.0", to: "0.2.0" }),
            finished({ id: repair, version: "0.2.0", image: "sha256:0200", revision: "0023" }),
        ];
        assert.equal(planOf(migrated({ transitions: cutOff })).transition.restore, POINT);
        const unsent = planOf(migrated({ transitions: cutOff, backups: [backup()] })).transition.restore;
        assert.equal(unsent, backup().id);
    });

    it("says so when what was written since could not be counted", () => {
        assert.match(
            planOf(migrated({ since: null })).lines.join("\n"),
            /set aside: all that was written since, which/,
        );
    });

    it("is not refused for a version that does not work, nor for a database that does not answer", () => {
        const broken = withService(migrated({ database: SILENT }), "api", { health: "unhealthy" });
        const plan = planOf(withService(broken, "db", { state: "restarting" }));
        assert.equal(plan.transition.restore, POINT);
        assert.match(
            plan.lines.join("\n"),
            /until the next transition, and into no backup, as the database does not answer$/m,
        );
    });

    const same = [begun({ id: UPGRADE, from: "0.1.10", to: "0.2.0" }), finished({ id: UPGRADE, version: "0.2.0" })];

    it("restores young data where the schema is the same only while the database does not answer, and warns", () => {
        const { transition, warnings } = planOf(migrated({ transitions: same, database: SILENT }));
        assert.deepEqual([transition.restore, transition.unless], [POINT, "the database answers"]);
        assert.match(
            warnings.join(),
            /^The database does not answer\. If it is only down, start it, for example with /,
        );
        const other = planOf(migrated({ database: SILENT }));
        assert.deepEqual([other.transition.unless, other.warnings], [undefined, []]);
    });

    it("waits for a database that does not answer where the schema is the same, and restores nothing old but by its id", () => {
        const found = migrated({ transitions: same, database: SILENT, now: new Date("2026-11-26T10:00:00Z") });
        const start =
            "The database does not answer, and 0.1.10 takes its data as it is: start it, for example with `docker compose up -d db` in /opt/specivo on the server, then try again";
        const named = "or have data of 0.1.10 put back with `pulumi config set restoreFrom cccccccc`";
        assert.equal(refusalOf(found), `${start}, ${named}.`);
        assert.equal(refusalOf({ ...found, backups: [], restorePoints: [] }), `${start}.`);
        assert.equal(planOf(found, "0.1.10", { ...HOUR, restoreFrom: "cccccccc" }).transition.restore, POINT);
    });

    it("needs to be asked for by its id when it is older than the window", () => {
        const old = migrated({ now: new Date("2026-11-26T10:00:00Z") });
        assert.match(
            refusalOf(old),
            /^The newest data of 0\.1\.10 is 2 days old, .* config set restoreFrom cccccccc`\.$/,
        );
        assert.equal(planOf(old, "0.1.10", { ...HOUR, restoreFrom: "cccccccc" }).transition.restore, POINT);
        assert.equal(planOf(old, "0.1.10", { ...HOUR, rollbackWindow: 3 * 86400 }).transition.restore, POINT);
    });

    it("puts back what restoreFrom names, even where a newer one would do", () => {
        assert.equal(planOf(migrated(), "0.1.10", { ...HOUR, restoreFrom: BEFORE }).transition.restore, BEFORE);
    });

    it("refuses a restoreFrom that is unknown, was removed, or is of another version", () => {
        const named = { ...HOUR, restoreFrom: BEFORE.slice(0, 8) };
        assert.match(refusalOf(migrated(), { ...HOUR, restoreFrom: "dddddddd" }), /"dddddddd", and the ledger/);
        assert.match(refusalOf(migrated({ forgotten: [{ id: BEFORE }] }), named), /knows no such backup/);
        const other = migrated({ backups: [backup({ version: "0.1.9" })] });
        assert.match(refusalOf(other, named), /names data of 0\.1\.9, and specivo:specivoVersion is 0\.1\.10/);
    });

    it("takes a transition by its whole id, and not by the beginning of another one's", () => {
        const longer = `${UPGRADE}2`;
        const found = migrated({
            transitions: [
                begun({ id: longer, from: "0.1.10", to: "0.2.0" }),
                finished({ id: longer, version: "0.2.0", image: "sha256:0200", revision: "0023" }),
            ],
            backups: [],
            restorePoints: [{ ...taken, transition: longer }],
        });
        assert.match(refusalOf(found, { ...HOUR, restoreFrom: UPGRADE }), /knows no such backup/);
        assert.equal(planOf(found, "0.1.10", { ...HOUR, restoreFrom: longer }).transition.restore, longer);
    });

    it("takes the last one in the ledger, though the clock was ahead when an earlier one was made", () => {
        const again = "0.1.10-to-0.2.0#3";
        const later: TransitionLine[] = [
            ...transitions,
            begun({ id: "0.2.0-to-0.1.10#2", from: "0.2.0", to: "0.1.10", restore: POINT }),
            finished({ id: "0.2.0-to-0.1.10#2", version: "0.1.10", revision: "0020" }),
            begun({ id: again, from: "0.1.10", to: "0.2.0" }),
            finished({ id: again, version: "0.2.0", image: "sha256:0200", revision: "0023" }),
        ];
        const found = migrated({
            transitions: later,
            backups: [backup({ at: minutesAgo(-110) }), backup({ id: "e".repeat(64), transition: again })],
            restorePoints: [
                { ...taken, at: minutesAgo(-100) },
                { ...taken, transition: again },
            ],
        });
        assert.equal(planOf(found).transition.restore, again);
    });

    it("takes no restore point of a transition that was undone", () => {
        const undone: TransitionLine[] = [
            ...transitions,
            begun({ id: "0.2.0-to-0.2.1#2", from: "0.2.0", to: "0.2.1" }),
            { state: "recovered", id: "0.2.0-to-0.2.1#2" },
        ];
        const later = { ...taken, transition: "0.2.0-to-0.2.1#2", at: minutesAgo(1) };
        assert.equal(
            planOf(migrated({ transitions: undone, restorePoints: [taken, later] })).transition.restore,
            POINT,
        );
    });

    it("has nothing to put back without a backup of that version", () => {
        assert.match(
            refusalOf(migrated({ backups: [], restorePoints: [] })),
            /^0\.1\.10 ran with schema revision 0020, the database is at 0023, and there is no backup of 0\.1\.10/,
        );
        assert.match(
            refusalOf(migrated({ backups: [], restorePoints: [], database: SILENT })),
            /^0\.1\.10 ran with schema revision 0020, the database tells no revision, and there is no backup of 0\.1\.10/,
        );
    });
});

describe("what was put back once", () => {
    const back = "0.2.0-to-0.1.10#2";
    const restored = (restore: string) =>
        migrated({
            transitions: [
                ...transitions,
                begun({ id: back, direction: "rollback", from: "0.2.0", to: "0.1.10", fromRevision: "0023", restore }),
                finished({ id: back, image: "sha256:0110" }),
            ],
            install: { dir: "/opt/specivo", present: true, pin: "0.1.10" },
            services: services("0.1.10", "sha256:0110"),
            version: "0.1.10",
            database: { bundled: true, revision: "0020", bytes: 13_000_000 },
        });

    it("is not put back again, and the plan says that restoreFrom is ignored", () => {
        const plan = planOf(restored(POINT), "0.1.10", { ...HOUR, restoreFrom: "cccccccc" });
        assert.equal(plan.work, "nothing");
        assert.match(
            plan.warnings.join(),
            /restoreFrom \(cccccccc\) was put back by 0\.2\.0-to-0\.1\.10#2 and is ignored/,
        );
    });

    it("is told by its transition's id too", () => {
        const plan = planOf(restored(UPGRADE), "0.1.10", { ...HOUR, restoreFrom: "cccccccc" });
        assert.match(plan.warnings.join(), /was put back by 0\.2\.0-to-0\.1\.10#2/);
    });

    it("is told by the whole id, and not by the beginning of another one's", () => {
        assert.equal(consumedBy(restored(UPGRADE), UPGRADE), back);
        assert.equal(consumedBy(restored(`${UPGRADE}2`), UPGRADE), undefined);
    });

    it("gives the steps the same words when nothing is to be done", () => {
        assert.equal(planOf(restored(POINT)).transition.restore, POINT);
    });

    it("does not come back with an upgrade, a repair or an adoption", () => {
        for (const [found, version] of [
            [restored(POINT), "0.2.0"],
            [withService(restored(POINT), "celery-beat", { state: "exited" }), "0.1.10"],
            [facts(), "0.1.9"],
        ] as const) {
            const plan = planOf(found, version, { ...HOUR, restoreFrom: BEFORE });
            assert.equal(plan.transition.restore, plan.work === "all" ? undefined : POINT);
            assert.equal(plan.work, "all");
            assert.match(plan.warnings.join(), /restoreFrom .* nothing is restored now|restoreFrom .* is ignored/);
        }
    });
});

describe("the way back, for any ledger", () => {
    const version = fc.constantFrom("0.1.9", "0.1.10", "0.2.0");
    const revision = fc.constantFrom("0020", "0023");
    const number = fc.integer({ min: 1, max: 6 });
    const minutes = fc.integer({ min: 0, max: 300 });
    const anyFacts = fc
        .record({
            lines: fc.array(
                fc.record({ number, from: version, to: version, revision, after: revision, state: fc.boolean() }),
                { maxLength: 6 },
            ),
            backups: fc.array(
                fc.record({ number, version, revision, minutes, purpose: fc.constantFrom("before", "restore-point") }),
                { maxLength: 8 },
            ),
            points: fc.array(fc.record({ number, version, revision, minutes }), { maxLength: 4 }),
            forgotten: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7]),
            current: fc.option(revision),
        })
        .map(({ lines, backups, points, forgotten, current }) => {
            const idOf = (index: number) => `${index}`.repeat(64);
            return migrated({
                database: { bundled: true, revision: current, bytes: 13_000_000 },
                transitions: lines.flatMap((line) => [
                    begun({ id: `x#${line.number}`, from: line.from, to: line.to, fromRevision: line.revision }),
                    line.state
                        ? finished({ id: `x#${line.number}`, version: line.to, revision: line.after })
                        : ({ state: "recovered", id: `x#${line.number}` } as const),
                ]),
                backups: backups.map((one, index) => ({
                    ...one,
                    id: idOf(index),
                    transition: `x#${one.number}`,
                    at: minutesAgo(one.minutes),
                })),
                forgotten: forgotten.map((index) => ({ id: idOf(index) })),
                restorePoints: points.map((one) => ({
                    ...one,
                    transition: `x#${one.number}`,
                    at: minutesAgo(one.minutes),
                })),
            });
        });

    it("restores only data of the version asked for, young enough, that is still there", () => {
        fc.assert(
            fc.property(anyFacts, version, (found, wanted) => {
                const way = wayBack(found, wanted, HOUR);
                if (way.kind === "restore") {
                    assert.equal(way.point.version, wanted);
                    assert.ok(found.now.getTime() - way.point.at.getTime() <= 3600_000);
                    assert.ok(!found.forgotten.some(({ id }) => id === way.point.id));
                }
            }),
            { numRuns: 2000 },
        );
    });

    it("keeps the data only on a schema that the version was seen with", () => {
        fc.assert(
            fc.property(anyFacts, version, (found, wanted) => {
                if (wayBack(found, wanted, HOUR).kind === "keep") {
                    const seen = found.transitions.flatMap((line) => {
                        if (line.state === "begun" && line.from === wanted) {
                            return [line.fromRevision];
                        }
                        return line.state === "finished" && line.version === wanted ? [line.revision] : [];
                    });
                    assert.ok(found.database !== null && found.database.revision !== null);
                    assert.ok(seen.includes(found.database.revision));
                }
            }),
            { numRuns: 2000 },
        );
    });
});
