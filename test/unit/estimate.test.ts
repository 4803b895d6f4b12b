import assert from "node:assert/strict";

import { estimatePlan, readKnown } from "../../plan/estimate";
import { asTransition } from "../../plan/ledger";
import { begun } from "./support/facts";

const known = { transition: asTransition(begun()), hostKey: "ssh-ed25519 AAAAC3N", machine: "7d6e5f4a3b2c" };
const target = (version: string) => ({
    version,
    imageRepository: "specivo/specivo",
    imageDigest: "",
    imageArchive: "",
});

describe("an estimate, where the server can't be looked at", () => {
    it("is the same transition while the version is the same", () => {
        const plan = estimatePlan(known, target("0.1.10"), "203.0.113.10 can't be reached.");
        assert.deepEqual([plan.work, plan.transition, plan.lines], ["nothing", known.transition, []]);
        assert.equal(plan.estimated, true);
        assert.match(plan.warnings.join(), /^AN ESTIMATE, .* were not looked at\. 203\.0\.113\.10 can't be reached\.$/);
    });

    for (const [version, direction] of [
        ["0.2.0", "upgrade"],
        ["0.1.9", "rollback"],
    ] as const) {
        it(`of going to ${version} is a ${direction} from what the stack brought there last`, () => {
            const { transition, work, lines, estimated } = estimatePlan(known, target(version), "");
            assert.deepEqual(
                [transition.direction, transition.from, transition.to, work],
                [direction, "0.1.10", version, "all"],
            );
            assert.equal(estimated, true);
            assert.match(lines.join("\n"), new RegExp(`^${direction}, by estimate: Specivo 0\\.1\\.10 -> ${version}`));
        });
    }

    it("of a stack that has never been up tells no version it would come from", () => {
        const { transition } = estimatePlan(undefined, target("0.1.10"), "");
        assert.deepEqual([transition.from, transition.direction], ["unknown", "adopt"]);
    });

    it("reads what the stack told, as it told it", () => {
        const told: unknown = JSON.parse(JSON.stringify(known));
        assert.deepEqual(readKnown(told), known);
        assert.deepEqual(readKnown(JSON.stringify(told)), known, "as the component's output has it");
        const restoring = { ...known, transition: { ...known.transition, restore: "b4ck0b" } };
        assert.deepEqual(readKnown(restoring), restoring);
        for (const unreadable of [undefined, null, "", {}, { transition: { id: 1 }, hostKey: "" }]) {
            assert.equal(readKnown(unreadable), undefined);
        }
    });
});
