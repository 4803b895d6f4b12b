import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { seconds } from "../support/faults";
import { catalogue } from "./catalogue";
import type { Fault } from "./catalogue/fault";
import { Results } from "./results";
import { Up } from "../support/up";
import { type Change, CHANGES, Stage } from "./stage";

/** Another set of moments, and of faults in the slice: each day another, unless it is given. */
const SEED = Number(process.env.SPECIVO_SEED ?? Math.floor(Date.now() / 86_400_000));
/** With `slice`, as many of those that were withstood before, in one of the changes, as some minutes allow; else all that are not yet. */
const SLICE = process.env.SPECIVO_FAULTS === "slice";
const SLICE_SECONDS = 360;

/** Defines the tests of one change of version: each fault, then health, data, message, and that the next `pulumi up` gets there. */
export function matrix(change: Change): void {
    const results = new Results();
    const known = catalogue.filter((fault) => !SLICE || results.knows(fault));
    const changes = Object.keys(CHANGES).filter((one) => known.some((fault) => fault.change === one));
    if (SLICE && changes[SEED % changes.length] !== change) {
        return;
    }
    describe(`faults in a change of version: ${change}`, function () {
        this.timeout(900_000);
        const began = Date.now();
        const faults = known.filter((fault) => fault.change === change);
        const left = SLICE ? faults : faults.filter((fault) => !results.has(fault));
        let stage: Stage;

        before(async () => {
            if (left.length > 0) {
                stage = await Stage.build(change);
            }
        });
        after(() => stage?.remove());

        // In the full run first those that were never withstood: it may be cut off.
        const order = (fault: Fault) => (SLICE ? seedOf(fault) : Number(results.knows(fault)));
        const ordered = [...faults].sort((one, other) => order(one) - order(other));
        for (const fault of ordered) {
            it(fault.name, async function () {
                // By what it took before.
                const late = () => (Date.now() - began) / 1000 + results.seconds(fault) > SLICE_SECONDS;
                if ((SLICE && late()) || !left.includes(fault)) {
                    return this.skip();
                }
                let ended = "";
                const took = await seconds(async () => {
                    ended = await withstand(stage, fault);
                });
                if (!SLICE) {
                    results.add(fault, ended, took, SEED);
                }
            });
        }
    });
}

function seedOf(fault: Fault): number {
    return createHash("sha256").update(`${SEED} ${fault.change} ${fault.name}`).digest().readUInt32BE();
}

/** What it said of each step and why it failed, without plan, progress and outputs. */
function steps(output: string): string {
    const of = (start: string, end: string) => output.split(start).at(-1)?.split(end)[0] ?? "";
    const progress = of("Updating (", "Diagnostics:").match(/^ .*(created|failed|specivo-host).*$/gm) ?? [];
    return `${[...new Set(progress)].join("\n")}\n${of("Diagnostics:", "Outputs:").replace(/^ *warning: .*\n/gm, "")}`;
}

/** Makes the fault, and sees that nothing is lost; how it ended, for the results. */
async function withstand(stage: Stage, fault: Fault): Promise<string> {
    const seed = seedOf(fault);
    await stage.reset(seed);
    if (fault.config) {
        await stage.stack.set(fault.config);
    }
    await fault.before?.(stage);
    const up = new Up(stage.stack);
    if (fault.step !== undefined) {
        await stage.moment(fault.step, up, fault.within);
    }
    await fault.make?.(stage, up);
    const { status, output } = await up.ended;
    await fault.after?.(stage);
    await stage.mend();
    try {
        const version = await stage.whole();
        if (fault.ends !== "either") {
            assert.equal(status === 0, fault.ends === "well", `pulumi up ended with ${status}`);
        }
        if (status === 0) {
            assert.equal(version, stage.to);
        } else if (fault.says) {
            assert.ok(fault.says.test(output), `pulumi up does not say ${String(fault.says)}`);
        }
        if (fault.on) {
            assert.equal(version, stage[fault.on]);
        }
        await fault.check?.(stage, output);

        // A rollback that restores sets it aside.
        const written = stage.change === "rollback" ? "" : "written after the fault";
        if (written !== "") {
            await stage.people.writeIssue(written);
        }
        await stage.stack.pulumi(["cancel", "--yes"]);
        stage.restore();
        const again = await stage.succeed().catch((error: unknown) => assert.fail(`the next one: ${String(error)}`));
        assert.equal(await stage.whole(written), stage.to, again);
        return `${status === 0 ? "done" : "failed"}, on ${version}`;
    } catch (error) {
        throw new Error(`${String(error)}\nseed ${seed}, in which pulumi up said:\n${steps(output)}`, { cause: error });
    }
}
