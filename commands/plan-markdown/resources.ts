import { shorten } from "./markdown";
import type { Step } from "./preview";

/** The engine's mark for a value that is known only after the step before. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Long, and nothing a reviewer goes by; secret as a whole, or in part. */
const NAME_ONLY = new Set(["connection", "environment", "stdin"]);

/** What GitHub colours as added, taken away and changed. */
const SIGNS: Readonly<Record<string, string>> = { create: "+", delete: "-" };

/** A line for each resource that changes, and one for each of its properties. */
export function describeSteps(steps: readonly Step[]): string[] {
    return steps.flatMap((step) => {
        const { op, urn, newState, oldState, diffReasons } = step;
        const type = (newState ?? oldState)?.type ?? "";
        const name = urn.split("::").at(-1) ?? urn;
        const changed = (diffReasons ?? []).map((key) => `    ${key}${describeChange(step, key)}`);
        return [`${SIGNS[op] ?? "!"} ${op} ${name} (${type})`, ...changed].map(oneLine);
    });
}

/** How many resources are created, replaced and so on, for the line that is always seen. */
export function countSteps(steps: readonly Step[]): string {
    const counts = new Map<string, number>();
    steps.forEach(({ op }) => counts.set(op, (counts.get(op) ?? 0) + 1));
    return counts.size === 0 ? "no change" : [...counts].map(([op, count]) => `${count} to ${op}`).join(", ");
}

function describeChange({ oldState, newState }: Step, key: string): string {
    return NAME_ONLY.has(key) ? "" : `: ${show(oldState?.inputs?.[key])} -> ${show(newState?.inputs?.[key])}`;
}

function show(value: unknown): string {
    return value === undefined
        ? "none"
        : shorten(JSON.stringify(value).replaceAll(`"${UNKNOWN}"`, "(known later)"), 120);
}

const oneLine = (line: string) => shorten(line.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " "), 400);
