import {
    array,
    boolean,
    type Decoded,
    DecodeError,
    decodeJson,
    literal,
    object,
    optional,
    string,
    tagged,
} from "./decode";
import { direction } from "./facts";
import type { Plan, Refusal } from "./plan";

const strings = array(string);
const transition = object({ id: string, direction, from: string, to: string, restore: optional(string) });
const plan = object({
    kind: literal("plan"),
    work: literal("nothing", "follow", "all"),
    transition,
    image: string,
    lines: strings,
    notes: strings,
    warnings: strings,
    estimated: optional(boolean),
});
const refusal = object({ kind: literal("refusal"), sentence: string, hops: strings });

/** A plan or a refusal as other programs read it: the walk over several releases, the comment on a pull request. */
export type PlanRecord = Decoded<typeof plan> | Decoded<typeof refusal>;

/** What is written of a plan, with the release notes that belong to it, or of a refusal. */
export function recordOf(result: Plan | Refusal, notes: readonly string[]): string {
    const { kind } = result;
    const record = kind === "plan" ? { ...result, notes } : { ...result, hops: result.hops ?? [] };
    return JSON.stringify(record);
}

/** Reads it again; undefined when nothing was written, as by a program that stopped earlier. */
export function readRecord(text: string): PlanRecord | undefined {
    try {
        return decodeJson(text, "the plan", tagged<PlanRecord>("kind", { plan, refusal }));
    } catch (error) {
        if (error instanceof DecodeError) {
            return undefined;
        }
        throw error;
    }
}
