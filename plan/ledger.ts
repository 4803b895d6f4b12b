import type { Begun, DATABASE_ANSWERS, Direction, Facts, Finished } from "./facts";
import { compareVersions, type Version } from "./versions";

/** One move of an instance from a version to a version. Its id makes the steps run, once. */
export interface Transition {
    /** `FROM-to-TO#N`; never used twice in the life of a ledger. */
    readonly id: string;
    /** The installation it was planned for. */
    readonly instance: string;
    readonly direction: Direction;
    readonly from: string;
    readonly to: string;
    /** Id of the backup, or of the transition whose restore point it is, that a rollback puts back; none for all else. */
    readonly restore?: string;
    /** Nothing has to be restored, and the database did not answer when this was planned: once it does, preflight refuses this plan. */
    readonly unless?: typeof DATABASE_ANSWERS;
    /** Digest the image must have, where the registry or the config told one. */
    readonly digest?: string;
}

/** Services that run Specivo's own image, and nothing else does. */
export const APPLICATION_SERVICES = ["api", "celery-worker", "celery-beat"] as const;

/** The last transition, as far as the ledger tells it. */
export interface Last {
    readonly begun: Begun;
    readonly finished: Finished | undefined;
    /** Neither finished nor given up. */
    readonly open: boolean;
}

export function lastTransition(facts: Facts): Last | undefined {
    const begun = facts.transitions.filter((line) => line.state === "begun").at(-1);
    if (begun === undefined) {
        return undefined;
    }
    const ends = facts.transitions.filter((line) => line.id === begun.id && line.state !== "begun");
    return { begun, finished: ends.find((line) => line.state === "finished"), open: ends.length === 0 };
}

type Read = Omit<Transition, "restore" | "unless" | "digest"> & Pick<Begun, "restore" | "unless" | "digest">;

/** As it was planned, from where it was recorded: there, what it does not have is null. */
export function asTransition({ id, instance, direction, from, to, restore, unless, digest }: Read): Transition {
    return {
        id,
        instance,
        direction,
        from,
        to,
        ...(restore === null ? {} : { restore }),
        ...(unless === null ? {} : { unless }),
        ...(digest === null ? {} : { digest }),
    };
}

/** An operation of this transition holds the lock at this moment. Open without one means interrupted. */
export function isUnderWay(last: Last, facts: Facts): boolean {
    return last.open && facts.busy?.transition === last.begun.id;
}

/** The schema revision a version was last seen with; undefined when the ledger has never seen it. */
export function recordedRevision(facts: Facts, version: string): string | undefined {
    const seen = facts.transitions.flatMap((line) => {
        if (line.state === "begun" && line.from === version && line.fromRevision !== null) {
            return [line.fromRevision];
        }
        return line.state === "finished" && line.version === version && line.revision !== null ? [line.revision] : [];
    });
    return seen.at(-1);
}

/** What a new transition would do. */
export function directionOf(running: Version, target: Version, last: Last | undefined): Direction {
    const order = compareVersions(target, running);
    if (order !== 0) {
        return order > 0 ? "upgrade" : "rollback";
    }
    return last === undefined ? "adopt" : "repair";
}

/** The number at the end of a transition's id; 0 for none. */
export function numberOf(id: string): number {
    return Number(/#(\d+)$/.exec(id)?.[1] ?? 0);
}

/**
 * One above the highest number ever used, so that an id is not used twice even when its transition came to nothing. What a ledger that
 * can't be seen yet goes up to is `unseen`.
 */
export function nextId(transitions: Facts["transitions"], from: string, to: string, unseen = 0): string {
    const numbers = transitions.map(({ id }) => numberOf(id));
    return `${from}-to-${to}#${Math.max(unseen, ...numbers) + 1}`;
}
