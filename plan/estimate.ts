import { literal, object, optional, string } from "./decode";
import { DATABASE_ANSWERS, direction, type Direction } from "./facts";
import { asTransition, type Transition } from "./ledger";
import type { Plan, Target } from "./plan";
import { compareVersions, parseVersion } from "./versions";

const transition = object({
    id: string,
    instance: string,
    direction,
    from: string,
    to: string,
    restore: optional(string),
    unless: optional(literal(DATABASE_ANSWERS)),
    digest: optional(string),
});

const known = object({ transition, hostKey: string, machine: optional(string) });

/** What a stack knows of its server by itself: the last transition it made, and the host key it was shown then. */
export interface Known {
    readonly transition: Transition;
    readonly hostKey: string;
    readonly machine: string;
}

/** Reads the stack's own output `plan`, as JSON too; undefined when there is none, or one this program can't read. */
export function readKnown(output: unknown): Known | undefined {
    try {
        const {
            transition: read,
            hostKey,
            machine,
        } = known(typeof output === "string" ? JSON.parse(output) : output, "plan");
        return { transition: asTransition(read), hostKey, machine: machine ?? "unknown" };
    } catch {
        return undefined;
    }
}

/**
 * What a preview can tell without a look at the server: the same transition while the version is the same, so that nothing
 * seems to change; else the move from what the stack brought there last. Only ever shown, never run.
 */
export function estimatePlan(last: Known | undefined, target: Target, why: string): Plan {
    const image = `${target.imageRepository}:${target.version}`;
    const rest = "the disk, the services, the database, the ledger and the registry were not looked at";
    const warnings = [`AN ESTIMATE, from what this stack knows by itself: ${rest}. ${why}`];
    if (last?.transition.to === target.version) {
        const { transition } = last;
        return { kind: "plan", transition, work: "nothing", image, lines: [], releases: [], warnings, estimated: true };
    }
    const from = last?.transition.to ?? "unknown";
    const planned: Transition = {
        id: `${from}-to-${target.version}#next`,
        instance: last?.transition.instance ?? "unknown",
        direction: directionBetween(from, target.version),
        from,
        to: target.version,
    };
    const lines = [`${planned.direction}, by estimate: Specivo ${from} -> ${target.version}`, `  image:   ${image}`];
    return { kind: "plan", transition: planned, work: "all", image, lines, releases: [], warnings, estimated: true };
}

function directionBetween(from: string, to: string): Direction {
    const [a, b] = [parseVersion(from), parseVersion(to)];
    if (a === undefined || b === undefined) {
        return "adopt";
    }
    return compareVersions(b, a) > 0 ? "upgrade" : "rollback";
}
