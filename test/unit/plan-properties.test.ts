import assert from "node:assert/strict";
import fc from "fast-check";

import type { Facts, TransitionLine } from "../../plan/facts";
import { makePlan } from "../../plan/plan";
import { facts, IMAGE_0_1_10, IMAGE_0_1_9, INSTANCE, services, withService } from "./support/facts";

const target = (version: string) => ({
    version,
    imageRepository: "specivo/specivo",
    imageDigest: "",
    imageArchive: "",
});
const rollback = { rollbackWindow: 3600, restoreFrom: "" };

describe("the plan for any facts", () => {
    const version = fc.constantFrom("0.1.8", "0.1.9", "0.1.10", "0.2.0", "0.3.1", "1.0.0");
    const revision = fc.constantFrom("0019", "0020", "0021", null);
    const direction = fc.constantFrom("adopt", "upgrade", "rollback", "repair");
    const id = fc.tuple(version, version, fc.integer({ min: 1, max: 30 })).map(([a, b, n]) => `${a}-to-${b}#${n}`);
    const instance = fc.constantFrom(INSTANCE, "0000000000ff");
    const image = fc.constantFrom(IMAGE_0_1_9, IMAGE_0_1_10);
    const begin = fc.record({
        state: fc.constant("begun" as const),
        id,
        direction,
        from: version,
        to: version,
        instance,
        fromRevision: revision,
        restore: fc.constant(null),
        unless: fc.constant(null),
        digest: fc.constant(null),
    });
    const end = (start: { id: string; to: string }) =>
        fc.oneof(
            fc.constant([]),
            fc
                .record({ state: fc.constantFrom("failed", "recovered", "superseded"), id: fc.constant(start.id) })
                .map((x) => [x]),
            fc
                .record({
                    state: fc.constant("finished" as const),
                    id: fc.constant(start.id),
                    version: fc.constant(start.to),
                    image,
                    revision,
                })
                .map((x) => [x]),
        );
    const transitions = fc
        .array(
            begin.chain((start) => end(start).map((rest): TransitionLine[] => [start, ...rest])),
            { maxLength: 5 },
        )
        .map((several) => several.flat());
    const anyFacts: fc.Arbitrary<Facts> = fc
        .record({
            running: version,
            image,
            pin: fc.option(version),
            revision,
            root: fc.boolean(),
            present: fc.boolean(),
            restic: fc.constantFrom(null, "0.18.0"),
            health: fc.constantFrom("healthy", "unhealthy", "starting"),
            registry: fc.constantFrom("found", "missing", "unreachable", "not asked"),
            imageId: fc.constantFrom(null, IMAGE_0_1_10),
            transitions,
            busy: fc.option(fc.record({ operation: fc.constantFrom("backup", "rollout"), transition: id })),
        })
        .map(({ running, pin, ...one }) =>
            withService(
                facts({
                    root: one.root,
                    tools: { docker: "26.1.5", compose: "2.26.1", restic: one.restic, jq: "1.7" },
                    install: { dir: "/opt/specivo", present: one.present, pin },
                    services: services(running, one.image),
                    version: running,
                    database: { bundled: true, revision: one.revision, bytes: 13_000_000 },
                    target: { version: "0.1.10", imageId: one.imageId, registry: one.registry, digest: null },
                    transitions: one.transitions,
                    busy: one.busy,
                }),
                "api",
                { health: one.health },
            ),
        );

    /** Most random facts are refused; those on which something may happen have to be common enough to tell anything. */
    const likelyFacts = fc.oneof(
        anyFacts,
        anyFacts.map((one) => ({
            ...withService(one, "api", { health: "healthy" }),
            root: true,
            dockerRights: true,
            tools: facts().tools,
            install: { ...one.install, present: true },
        })),
    );
    const check = (judge: (found: Facts, wanted: string) => void) =>
        fc.assert(fc.property(likelyFacts, version, judge), { numRuns: 2000 });

    it("is the same for the same facts and target", () => {
        check((found, wanted) =>
            assert.deepEqual(makePlan(found, target(wanted), rollback), makePlan(found, target(wanted), rollback)),
        );
    });

    it("is a plan or one plain sentence", () => {
        check((found, wanted) => {
            const plan = makePlan(found, target(wanted), rollback);
            if (plan.kind === "refusal") {
                assert.match(plan.sentence, /^[A-Z0-9][^\n]*[^.\n]\.$/);
                assert.doesNotMatch(plan.sentence, /undefined|null|NaN/);
            }
        });
    });

    it("uses no id again when work begins, and ends at the version asked for", () => {
        check((found, wanted) => {
            const plan = makePlan(found, target(wanted), rollback);
            if (plan.kind === "plan") {
                assert.equal(plan.transition.to, wanted);
                assert.equal(
                    found.transitions.some(({ id: used }) => used === plan.transition.id),
                    plan.work !== "all",
                );
            }
        });
    });

    it("puts no older version on another schema than it ran with", () => {
        check((found, wanted) => {
            const plan = makePlan(found, target(wanted), rollback);
            if (plan.kind === "plan" && plan.work === "all" && plan.transition.direction === "rollback") {
                const seen = found.transitions.filter(
                    (line) =>
                        (line.state === "begun" &&
                            line.from === wanted &&
                            line.fromRevision === found.database?.revision) ||
                        (line.state === "finished" &&
                            line.version === wanted &&
                            line.revision === found.database?.revision),
                );
                assert.ok(seen.length > 0);
                assert.notEqual(found.database?.revision, null);
            }
        });
    });

    it("does nothing only where the version asked for runs", () => {
        check((found, wanted) => {
            const plan = makePlan(found, target(wanted), rollback);
            if (plan.kind === "plan" && plan.work === "nothing") {
                assert.equal(found.install.pin, wanted);
                assert.deepEqual(plan.lines, []);
            }
        });
    });
});
