import assert from "node:assert/strict";

import { type Lost, planFirst } from "../../plan/install";
import type { Transition } from "../../plan/ledger";
import { makePlan, type Target } from "../../plan/plan";
import { begun, DIGEST, facts, without } from "./support/facts";

const TARGET: Target = {
    version: "0.1.10",
    imageRepository: "specivo/specivo",
    imageDigest: "",
    imageArchive: "",
    mayInstall: true,
};
const EMPTY = facts({ install: { dir: "/opt/specivo", present: false, pin: null } });
const ROLLBACK = { rollbackWindow: 3600, restoreFrom: "" };

const last = (from: string, to: string, number: number): Transition => ({
    ...{ id: `${from}-to-${to}#${number}`, instance: "gone", direction: "upgrade", from, to },
});

/** As on a volume that another droplet has left: what is kept of transitions lay on that one's own disk. */
const AT_REST = facts({ services: [], version: null, database: null, settings: null });

describe("the plan for a Specivo that has no container", () => {
    it("starts it as it lies there, where the stack may install", () => {
        const plan = makePlan(AT_REST, TARGET, ROLLBACK);
        assert.ok(plan.kind === "plan" && plan.installs);
        assert.deepEqual(plan.transition, {
            ...{ id: "0.1.10-to-0.1.10#1", instance: "", direction: "adopt", from: "0.1.10", to: "0.1.10" },
            digest: DIGEST,
        });
        assert.match(
            plan.lines.join("\n"),
            /^start: Specivo in \/opt\/specivo, as it lies there\n[^]*data: +what lies/,
        );
        assert.deepEqual(
            { ...planFirst({ ...TARGET, imageDigest: DIGEST }, "/opt/specivo", { inPlace: true }) },
            { ...plan },
        );
    });

    for (const [where, found, target] of [
        ["the stack may not install", AT_REST, { ...TARGET, mayInstall: false }],
        ["it has a ledger, so that it was taken down by hand", facts({ ...AT_REST, transitions: [begun()] }), TARGET],
        ["it has others than the api", facts({ services: without(facts(), "api").services }), TARGET],
    ] as const) {
        it(`leaves it to its people where ${where}`, () => {
            const plan = makePlan(found, target, ROLLBACK);
            assert.ok(plan.kind === "refusal");
            assert.match(plan.sentence, /has no api container .*: start it with `docker compose up -d` there/);
        });
    }
});

describe("the plan for a server without Specivo", () => {
    it("installs one, adopts it, and pulls no other image than the registry shows now", () => {
        const target = { version: "0.1.10", imageId: null, registry: "found" as const, digest: DIGEST };
        const plan = makePlan({ ...EMPTY, target }, TARGET, ROLLBACK);
        assert.ok(plan.kind === "plan" && plan.installs);
        assert.deepEqual(plan.transition, {
            ...{ id: "0.1.10-to-0.1.10#1", instance: "", direction: "adopt", from: "0.1.10", to: "0.1.10" },
            digest: DIGEST,
        });
        assert.match(plan.lines.join("\n"), /^install: Specivo 0\.1\.10 in \/opt\/specivo\n[^]*\.admin-password/);
    });

    for (const [what, known, version, planned] of [
        [
            "of the version before the last upgrade, and upgrades it anew",
            last("0.1.9", "0.1.10", 4),
            "0.1.10",
            "0.1.9-to-0.1.10#5",
        ],
        ["of the version that it was adopted with", last("0.1.10", "0.1.10", 1), "0.1.10", "0.1.10-to-0.1.10#2"],
        ["of the version asked for, after a rollback", last("0.2.0", "0.1.10", 6), "0.1.10", "0.1.10-to-0.1.10#7"],
        [
            "of the version asked for, where the way from the last known is too far",
            last("0.1.9", "0.2.0", 2),
            "0.4.0",
            "0.4.0-to-0.4.0#3",
        ],
        [
            "of the version asked for, with a number that no ledger has, where nothing is known",
            undefined,
            "0.1.10",
            "0.1.10-to-0.1.10#1001",
        ],
    ] as const) {
        it(`brings back a lost one as ${what}`, () => {
            const lost: Lost = { backup: "latest", last: known };
            const plan = makePlan(EMPTY, { ...TARGET, version }, ROLLBACK, lost);
            assert.ok(plan.kind === "plan" && plan.installs);
            assert.equal(plan.transition.id, planned);
            assert.equal(plan.transition.direction, plan.transition.from === version ? "adopt" : "upgrade");
            assert.match(plan.lines.join("\n"), /^bring back: [^]*data: +the newest backup, with its settings/);
            assert.equal(/then: +upgraded from 0\.1\.9/.test(plan.lines.join("\n")), plan.transition.from === "0.1.9");
            assert.equal(
                planFirst({ ...TARGET, version }, "/opt/specivo", { lost, inPlace: false }).transition.id,
                planned,
            );
        });
    }

    it("names the backup that it brings back", () => {
        const lost = { backup: "1f3a9c02", last: undefined };
        const plan = planFirst(TARGET, "/opt/specivo", { lost, inPlace: false });
        assert.match(plan.lines.join("\n"), /data: +backup 1f3a9c02, with its settings/);
    });

    it("uses no number again that the ledger has, where an installation was interrupted after it had begun", () => {
        const transitions = [begun({ id: "0.1.9-to-0.1.10#4" })];
        for (const [lost, id] of [
            [undefined, "0.1.10-to-0.1.10#5"],
            [{ backup: "latest", last: last("0.1.9", "0.1.10", 3) }, "0.1.9-to-0.1.10#5"],
            [{ backup: "latest", last: last("0.1.9", "0.1.10", 7) }, "0.1.9-to-0.1.10#8"],
            [{ backup: "latest", last: undefined }, "0.1.10-to-0.1.10#1001"],
        ] as const) {
            const plan = makePlan({ ...EMPTY, transitions }, TARGET, ROLLBACK, lost);
            assert.ok(plan.kind === "plan" && plan.installs);
            assert.equal(plan.transition.id, id);
        }
    });
});
