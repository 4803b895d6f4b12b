import { describeDuration } from "./duration";
import { isMissing, type Lost, planInstall } from "./install";
import { driftSince } from "./drift";
import { DATABASE_ANSWERS, type Facts } from "./facts";
import { hopsTo, releasesBetween } from "./hops";
import { asTransition, directionOf, isUnderWay, type Last, lastTransition, nextId, type Transition } from "./ledger";
import { headOf, type Pending, pendingMigrations } from "./migrations";
import { megabytes, needsOf, refuseShort } from "./needs";
import { paragraph } from "./paragraph";
import { refuseHost, refuseMove } from "./refusals";
import { consumedBy, describeRestore, namedPoint, type RollbackSettings, wayBack, type Way } from "./restorePoint";
import { compareVersions, parseVersion, type Version } from "./versions";

/** What the user's config asks for. */
export interface Target {
    /** Release to run, `X.Y.Z`. */
    readonly version: string;
    /** Image repository without a tag. */
    readonly imageRepository: string;
    /** Digest the image must have, `sha256:…`; empty for whichever the tag names. */
    readonly imageDigest: string;
    /** Archive on the server that the image is loaded from; empty for a pull. */
    readonly imageArchive: string;
    /** Where there is no Specivo, it may be installed. */
    readonly mayInstall?: boolean;
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
    /** Releases that an upgrade goes over, the last included: their notes belong into the preview. */
    readonly releases: readonly string[];
    /** What could not be made sure of, or should not be forgotten. */
    readonly warnings: readonly string[];
    /** Made without a look at the server. */
    readonly estimated?: true;
    /** There is no Specivo yet, or none that has been started. */
    readonly installs?: true;
}

/** Why nothing may run, in one sentence with the way out. */
export interface Refusal {
    readonly kind: "refusal";
    readonly sentence: string;
    /** Releases to go over one after the other, where the way is too long for one transition. */
    readonly hops?: readonly string[];
}

const STEPS = [
    "preflight",
    "backup",
    "image",
    "rehearsal",
    "version pin",
    "rollout",
    "verify",
    "restore point",
] as const;

/** Decides what to do from what is there and what is wanted. The same facts and wishes give the same answer. */
export function makePlan(facts: Facts, target: Target, rollback: RollbackSettings, lost?: Lost): Plan | Refusal {
    const image = `${target.imageRepository}:${target.version}`;
    const refused = refuseHost(facts, target);
    if (refused !== undefined) {
        return { kind: "refusal", sentence: refused };
    }
    if (isMissing(facts, target.mayInstall)) {
        return planInstall(facts, target, image, lost);
    }
    const last = lastTransition(facts);
    if (last !== undefined && isUnderWay(last, facts)) {
        return follow(asTransition(last.begun), facts, target, image);
    }
    const drift = last === undefined ? [] : driftSince(last, facts);
    if (last?.finished?.version === target.version && drift.length === 0) {
        const transition = asTransition(last.begun);
        const warnings = [...keyWarnings(facts), ...restoreWarnings(facts, rollback)];
        return { kind: "plan", transition, work: "nothing", image, lines: [], releases: [], warnings };
    }
    const from = parseVersion(facts.version ?? "");
    const to = parseVersion(target.version);
    if (facts.version === null || from === undefined || to === undefined) {
        const unread = `The running api tells no version of the form X.Y.Z (found ${JSON.stringify(facts.version)})`;
        return { kind: "refusal", sentence: `${unread}: start it from an image tag such as ${image}, then try again.` };
    }
    return move(facts, target, rollback, { from, to, last, drift, image });
}

interface Move {
    readonly from: Version;
    readonly to: Version;
    readonly last: Last | undefined;
    readonly drift: readonly string[];
    readonly image: string;
}

function move(facts: Facts, target: Target, rollback: RollbackSettings, { from, to, last, drift, image }: Move) {
    const running = facts.version ?? "";
    const planned: Transition = {
        id: nextId(facts.transitions, running, target.version),
        instance: facts.instance,
        direction: directionOf(from, to, last),
        from: running,
        to: target.version,
    };
    const upgrade = planned.direction === "upgrade";
    // An image that is taken over is the one that runs, whatever its name leads to.
    const wanted = planned.direction === "adopt" ? "" : target.imageDigest;
    const refusal = refuseMove(facts, planned, { from, to }, { image, digest: wanted, archive: target.imageArchive });
    if (refusal !== undefined) {
        return refusal;
    }
    const way: Way = planned.direction === "rollback" ? wayBack(facts, target.version, rollback) : { kind: "keep" };
    if (way.kind === "refusal") {
        return way;
    }
    const present = facts.target !== null && facts.target.imageId !== null;
    const pending = upgrade ? pendingMigrations(facts.database?.revision ?? "", to) : NOTHING_PENDING;
    const needs = needsOf(facts, {
        pull: !present && planned.direction !== "adopt",
        migrates: pending.migrations.length > 0,
        rehearsal: upgrade,
    });
    const short = refuseShort(needs);
    if (short !== undefined) {
        return { kind: "refusal", sentence: short } as const;
    }
    const digest = wanted !== "" ? wanted : present ? undefined : facts.target?.digest;
    const transition: Transition = {
        ...planned,
        ...(way.kind === "restore" ? { restore: way.point.id } : {}),
        ...(way.kind === "restore" && way.silent ? { unless: DATABASE_ANSWERS } : {}),
        ...(digest === undefined || digest === null ? {} : { digest }),
    };
    const paragraphs: [string, readonly string[]][] = [
        ["image", [`${image}, ${present ? "already on the server" : comes(planned, digest, target.imageArchive)}`]],
        ["steps", [STEPS.join(", ")]],
        ["drift", drift],
        ["schema", upgrade ? describePending(facts, pending, to) : []],
        ["data", whatHappensToData(transition, way, pending, facts)],
        [
            "room",
            needs.map((need) => `${need.what} ${megabytes(need.needed)} of ${megabytes(need.present)} (${need.parts})`),
        ],
        ["outage", transition.direction === "adopt" ? [] : [expectedOutage(facts, way, pending)]],
    ];
    return {
        kind: "plan",
        transition,
        work: "all",
        image,
        lines: [
            `${transition.direction}: Specivo ${transition.from} -> ${transition.to}, transition ${transition.id}`,
            ...paragraphs.flatMap(([name, lines]) => paragraph(name, lines)),
        ],
        releases: upgrade ? releasesBetween(from, to, facts.releases ?? []) : [],
        warnings: [
            ...keyWarnings(facts),
            ...imageWarnings(facts, image, present),
            ...restoreWarnings(facts, rollback, way),
            ...silenceWarnings(facts, target, way),
        ],
    } as const;
}

const NOTHING_PENDING: Pending = { migrations: [], complete: true };

function follow(transition: Transition, facts: Facts, target: Target, image: string): Plan | Refusal {
    const operation = facts.busy?.operation ?? "an operation";
    if (transition.to !== target.version) {
        const sentence =
            `${transition.id} is under way on the server (${operation}) and goes to ${transition.to}, ` +
            `not to ${target.version}: wait until it has ended, then try again.`;
        const hops = wayOn(transition, facts, target);
        return { kind: "refusal", sentence, ...(hops === undefined ? {} : { hops }) };
    }
    const lines = [`${transition.id} is under way on the server (${operation}): its steps are followed to their end.`];
    return { kind: "plan", transition, work: "follow", image, lines, releases: [], warnings: [] };
}

/** An upgrade that is under way is followed first, and gone on from, where it is on the way: a walk was interrupted. */
function wayOn({ direction, to }: Transition, { releases }: Facts, target: Target): readonly string[] | undefined {
    const [first, last] = [parseVersion(to), parseVersion(target.version)];
    if (direction !== "upgrade" || first === undefined || last === undefined || compareVersions(last, first) < 0) {
        return undefined;
    }
    const rest = hopsTo(first, last, releases ?? []);
    return rest && [to, ...rest];
}

function comes({ direction }: Transition, digest: string | null | undefined, archive: string): string {
    if (direction === "adopt") {
        return "as it runs now";
    }
    if (archive !== "") {
        return `loaded after the backup from ${archive} on the server`;
    }
    return digest === undefined || digest === null
        ? "pulled after the backup"
        : `pulled after the backup, as ${digest}`;
}

function describePending(facts: Facts, { migrations, complete }: Pending, to: Version): string[] {
    const current = facts.database?.revision ?? "not to be read";
    const notes = migrations.flatMap(({ revision, note }) => (note === undefined ? [] : [`${revision} ${note}`]));
    if (!complete) {
        return [`${current}; which migrations run shows when the image is here`, ...notes];
    }
    const names = migrations.map(({ revision }) => revision).join(", ");
    return [
        migrations.length === 0 ? `stays at ${current}` : `${current} -> ${headOf(to)}: ${names} will run`,
        ...notes,
    ];
}

function whatHappensToData(
    transition: Transition,
    way: Way,
    { migrations, complete }: Pending,
    facts: Facts,
): string[] {
    if (way.kind === "restore") {
        return describeRestore(way.point, facts);
    }
    const kept = "backed up off the server and proven first";
    if (complete && migrations.length === 0) {
        return [`${kept}; stays as it is`];
    }
    const when = complete ? "while it is migrated" : `should ${transition.to} migrate it,`;
    return [`${kept}; ${when} nothing writes, and a restore point is kept`];
}

/** Where data stays, there need be none; else from how it was here before. */
function expectedOutage(facts: Facts, way: Way, { migrations, complete }: Pending): string {
    const kind = way.kind === "restore" ? "restore" : migrations.length > 0 ? "migrate" : "keep";
    const obstacle = kind === "keep" ? facts.cutOverObstacle : undefined;
    if (obstacle === null) {
        const none = "none: the new api starts beside the old one, and takes over when it is well";
        return complete ? none : `${none}; should it migrate, as long as that and its start take`;
    }
    const before = facts.rollouts.findLast(({ data, outageMs }) => data === kind && outageMs > 0);
    const known =
        before === undefined
            ? "not known yet: it is the first of its kind here"
            : `about ${describeDuration(before.outageMs / 1000)}, as the last time`;
    const why = obstacle === undefined ? known : `${known}; the new api can't start beside the old one (${obstacle})`;
    return complete ? why : `${why}, longer if it migrates`;
}

function keyWarnings(facts: Facts): string[] {
    return facts.settings?.publicSecretKey === true
        ? [
              "ANYBODY CAN SIGN IN AS ADMINISTRATOR: this instance runs with the SECRET_KEY that is published with Specivo. Set one of your own in .env (`openssl rand -hex 64`), then run `docker compose up -d` on the server; people sign in again after that.",
          ]
        : [];
}

function imageWarnings(facts: Facts, image: string, present: boolean): string[] {
    return !present && facts.target?.registry === "unreachable"
        ? [`The server could not ask the registry for ${image}; whether it exists shows at the pull, after the backup.`]
        : [];
}

/** Only asked for when the server asks again: the plan may be made while PostgreSQL is being started. */
function silenceWarnings({ install }: Facts, { version }: Target, way: Way): string[] {
    return way.kind === "restore" && way.silent === true
        ? [
              `The database does not answer. If it is only down, start it, for example with \`docker compose up -d db\` in ${install.dir}: ${version} takes its data as it is. Else this puts back older data, as a rollback from a broken database.`,
          ]
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
