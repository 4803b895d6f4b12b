import type { Facts } from "./facts";
import { asTransition, directionOf, isAsLeft, isUnderWay, lastTransition, nextId, type Transition } from "./ledger";
import { refuseHost, refuseMove } from "./refusals";
import { consumedBy, describeRestore, namedPoint, type RollbackSettings, wayBack, type Way } from "./restorePoint";
import { parseVersion } from "./versions";

/** What the user's config asks for. */
export interface Target {
    /** Release to run, `X.Y.Z`. */
    readonly version: string;
    /** Image repository without a tag. */
    readonly imageRepository: string;
}

/** What will be done, or was. */
export interface Plan {
    readonly kind: "plan";
    readonly transition: Transition;
    /** `nothing`: the host is as this transition left it. `follow`: it is under way. `all`: every step runs. */
    readonly work: "nothing" | "follow" | "all";
    /** Image that is pulled, with its tag. */
    readonly image: string;
    /** The plan for a reader of the preview; empty when there is nothing to do. */
    readonly lines: readonly string[];
    /** What could not be made sure of. */
    readonly warnings: readonly string[];
}

/** Why nothing may run, in one sentence with the way out. */
export interface Refusal {
    readonly kind: "refusal";
    readonly sentence: string;
}

const STEPS = ["preflight", "backup", "image", "version pin", "rollout", "verify", "restore point"] as const;

/** Decides what to do from what is there and what is wanted. The same facts and wishes give the same answer. */
export function makePlan(facts: Facts, target: Target, rollback: RollbackSettings): Plan | Refusal {
    const image = `${target.imageRepository}:${target.version}`;
    const refused = refuseHost(facts, target.imageRepository);
    if (refused !== undefined) {
        return { kind: "refusal", sentence: refused };
    }
    const last = lastTransition(facts);
    if (last !== undefined && isUnderWay(last, facts)) {
        return follow(asTransition(last.begun), facts, target, image);
    }
    if (last?.finished?.version === target.version && isAsLeft(last, facts)) {
        const transition = asTransition(last.begun);
        return {
            kind: "plan",
            transition,
            work: "nothing",
            image,
            lines: [],
            warnings: restoreWarnings(facts, rollback),
        };
    }
    const from = parseVersion(facts.version ?? "");
    const to = parseVersion(target.version);
    if (facts.version === null || from === undefined || to === undefined) {
        const unread = `The running api tells no version of the form X.Y.Z (found ${JSON.stringify(facts.version)})`;
        return { kind: "refusal", sentence: `${unread}: start it from an image tag such as ${image}, then try again.` };
    }
    const move: Transition = {
        id: nextId(facts, facts.version, target.version),
        instance: facts.instance,
        direction: directionOf(from, to, last),
        from: facts.version,
        to: target.version,
    };
    const sentence = refuseMove(facts, move, { from, to }, image);
    if (sentence !== undefined) {
        return { kind: "refusal", sentence };
    }
    const way: Way = move.direction === "rollback" ? wayBack(facts, target.version, rollback) : { kind: "keep" };
    if (way.kind === "refusal") {
        return way;
    }
    const transition = way.kind === "restore" ? { ...move, restore: way.point.id } : move;
    const present = facts.target !== null && facts.target.imageId !== null;
    return {
        kind: "plan",
        transition,
        work: "all",
        image,
        lines: [
            `${transition.direction}: Specivo ${transition.from} -> ${transition.to}, transition ${transition.id}`,
            `  image: ${image}, ${present ? "already on the server" : "pulled after the backup"}`,
            `  steps: ${STEPS.join(", ")}`,
            ...whatHappensToData(transition, way, facts).map((line, index) =>
                index === 0 ? `  data:  ${line}` : `         ${line}`,
            ),
        ],
        warnings: [...imageWarnings(facts, image, present), ...restoreWarnings(facts, rollback, way)],
    };
}

function follow(transition: Transition, facts: Facts, target: Target, image: string): Plan | Refusal {
    const operation = facts.busy?.operation ?? "an operation";
    if (transition.to !== target.version) {
        const sentence =
            `${transition.id} is under way on the server (${operation}) and goes to ${transition.to}, ` +
            `not to ${target.version}: wait until it has ended, then try again.`;
        return { kind: "refusal", sentence };
    }
    const lines = [`${transition.id} is under way on the server (${operation}): its steps are followed to their end.`];
    return { kind: "plan", transition, work: "follow", image, lines, warnings: [] };
}

function whatHappensToData(transition: Transition, way: Way, facts: Facts): string[] {
    if (way.kind === "restore") {
        return describeRestore(way.point, facts);
    }
    const kept = "backed up off the server and proven first";
    return transition.direction === "upgrade"
        ? [`${kept}; should ${transition.to} migrate it, nothing writes meanwhile and a restore point is kept`]
        : [`${kept}; stays as it is`];
}

function imageWarnings(facts: Facts, image: string, present: boolean): string[] {
    return !present && facts.target?.registry === "unreachable"
        ? [`The server could not ask the registry for ${image}; whether it exists shows at the pull, after the backup.`]
        : [];
}

/** `restoreFrom` is put back once, by going back to the version it is of, and by nothing else. */
function restoreWarnings(facts: Facts, { restoreFrom }: RollbackSettings, way?: Way): string[] {
    if (restoreFrom === "" || way?.kind === "restore") {
        return [];
    }
    const away = "take it out with `pulumi config rm restoreFrom`";
    const consumed = consumedBy(facts, restoreFrom);
    if (consumed !== undefined) {
        return [`specivo:restoreFrom (${restoreFrom}) was put back by ${consumed} and is ignored: ${away}.`];
    }
    const version = namedPoint(facts, restoreFrom)?.version;
    const how = version === undefined ? "is not known here" : `is put back by going back to ${version}`;
    return [`specivo:restoreFrom (${restoreFrom}) ${how}, so nothing is restored now: ${away}.`];
}
