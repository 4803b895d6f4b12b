import { describeDuration } from "./duration";
import type { Facts } from "./facts";
import { recordedRevision } from "./ledger";

/** What a rollback can put back: an instance's data at one moment, with the version and schema it had. */
export interface RestorePoint {
    /** What `restoreFrom` may name: the backup's id, or its transition's while it lies on the server alone. */
    readonly id: string;
    readonly at: Date;
    readonly version: string;
    readonly revision: string;
    /** The transition it was made for. */
    readonly transition: string;
}

/** What the user allows a rollback to restore. */
export interface RollbackSettings {
    /** Seconds within which a restore point is put back without being asked for by its id. */
    readonly rollbackWindow: number;
    /** Id, or its beginning, of the one to put back whatever its age; empty for none. */
    readonly restoreFrom: string;
}

/** How a rollback comes by data that fits its version. */
export type Way =
    | { readonly kind: "keep" }
    | {
          readonly kind: "restore";
          readonly point: RestorePoint;
          /** It would be `keep`, if the database answered. */
          readonly silent?: true;
      }
    | { readonly kind: "refusal"; readonly sentence: string };

/**
 * All there are, oldest first: the restore points of finished transitions, those of cut-off ones that a later transition has sent off the
 * server, and the backups made before transitions. The order is the
 * ledger's, for a clock that was ahead for a while, and set back since, makes an older one seem to be newer.
 */
export function restorePoints(facts: Facts): RestorePoint[] {
    const forgotten = new Set(facts.forgotten.map(({ id }) => id));
    const finished = new Set(facts.transitions.filter(({ state }) => state === "finished").map(({ id }) => id));
    const backups = facts.backups.filter(({ id }) => !forgotten.has(id));
    const before = backups.filter(({ purpose }) => purpose === "before");
    const taken = facts.restorePoints.flatMap((point) => {
        const sent = backups.find(
            ({ purpose, transition }) => purpose === "restore-point" && transition === point.transition,
        );
        const there = finished.has(point.transition) && !forgotten.has(point.transition);
        return sent !== undefined || there ? [{ ...point, id: sent?.id ?? point.transition }] : [];
    });
    const order = new Map(facts.transitions.map(({ id }, index) => [id, index]));
    const place = ({ transition }: RestorePoint) => order.get(transition) ?? -1;
    return [...before, ...taken].sort((a, b) => place(a) - place(b));
}

/** The one that `restoreFrom` names; undefined when there is none. */
export function namedPoint(facts: Facts, restoreFrom: string): RestorePoint | undefined {
    return restorePoints(facts).findLast(
        ({ id, transition }) => isNamed(id, restoreFrom) || transition === restoreFrom,
    );
}

/** A backup is named by the beginning of its id, a transition by the whole. */
function isNamed(id: string, restoreFrom: string): boolean {
    return id === restoreFrom || (BACKUP_ID.test(id) && id.startsWith(restoreFrom));
}

const BACKUP_ID = /^[0-9a-f]{64}$/;

/** The finished transition that has put back what `restoreFrom` names. It is put back once, however long the config keeps it. */
export function consumedBy(facts: Facts, restoreFrom: string): string | undefined {
    const finished = new Set(facts.transitions.filter(({ state }) => state === "finished").map(({ id }) => id));
    const point = namedPoint(facts, restoreFrom);
    const used = facts.transitions.findLast(
        (line) =>
            line.state === "begun" &&
            line.restore !== null &&
            finished.has(line.id) &&
            (isNamed(line.restore, restoreFrom) || line.restore === point?.id || line.restore === point?.transition),
    );
    return used?.id;
}

/**
 * Chooses how the instance goes back to an older version. On the schema it was last seen with, that version takes the data as it
 * is. Otherwise data of that version is put back: what `restoreFrom` names, or the newest within `rollbackWindow`.
 */
export function wayBack(facts: Facts, to: string, { rollbackWindow, restoreFrom }: RollbackSettings): Way {
    if (restoreFrom !== "" && consumedBy(facts, restoreFrom) === undefined) {
        return namedWay(facts, to, restoreFrom);
    }
    const current = facts.database?.revision ?? null;
    const recorded = recordedRevision(facts, to);
    if (current !== null && recorded === current) {
        return { kind: "keep" };
    }
    const point = restorePoints(facts).findLast(({ version }) => version === to);
    // With the schema that the ledger expects, a database that is only down must not be taken for a broken one.
    const silent =
        current === null && recorded !== undefined && recorded === recordedRevision(facts, facts.version ?? "");
    if (silent && (point === undefined || ageOf(point, facts) > rollbackWindow)) {
        return { kind: "refusal", sentence: silentDatabase(to, facts, point) };
    }
    if (point === undefined) {
        return { kind: "refusal", sentence: nothingToRestore(to, recorded, current) };
    }
    const age = ageOf(point, facts);
    if (age > rollbackWindow) {
        const sentence =
            `The newest data of ${to} is ${describeDuration(age)} old, and older than specivo:rollbackWindow: to go back to it all the same, ` +
            `and have set aside what was written since, run \`pulumi config set restoreFrom ${shortId(point)}\`.`;
        return { kind: "refusal", sentence };
    }
    return { kind: "restore", point, ...(silent ? { silent } : {}) };
}

function namedWay(facts: Facts, to: string, restoreFrom: string): Way {
    const point = namedPoint(facts, restoreFrom);
    if (point === undefined) {
        const sentence = `specivo:restoreFrom is ${JSON.stringify(restoreFrom)}, and the ledger on the server knows no such backup: see \`specivo-host backups\` there.`;
        return { kind: "refusal", sentence };
    }
    if (point.version !== to) {
        const sentence = `specivo:restoreFrom names data of ${point.version}, and specivo:specivoVersion is ${to}: set both to what belongs together.`;
        return { kind: "refusal", sentence };
    }
    return { kind: "restore", point };
}

function silentDatabase(to: string, { install }: Facts, point: RestorePoint | undefined): string {
    const restored =
        point === undefined
            ? ""
            : `, or have data of ${to} put back with \`pulumi config set restoreFrom ${shortId(point)}\``;
    return `The database does not answer, and ${to} takes its data as it is: start it, for example with \`docker compose up -d db\` in ${install.dir} on the server, then try again${restored}.`;
}

function nothingToRestore(to: string, recorded: string | undefined, current: string | null): string {
    if (recorded === undefined) {
        return `The ledger on the server has never seen ${to}, so nothing is known that could be put back: set specivo:specivoVersion to a version it has run.`;
    }
    const schema = current === null ? "the database tells no revision" : `the database is at ${current}`;
    return `${to} ran with schema revision ${recorded}, ${schema}, and there is no backup of ${to} to put back: set specivo:specivoVersion to the release that fits the database.`;
}

/** Seconds since it was made, by the server's clock. */
export function ageOf(point: RestorePoint, facts: Facts): number {
    return (facts.now.getTime() - point.at.getTime()) / 1000;
}

/** As much of an id as a person types. */
export function shortId({ id }: RestorePoint): string {
    return BACKUP_ID.test(id) ? id.slice(0, 8) : id;
}

/** For the preview: which data is put back, and what becomes of what was written since. */
export function describeRestore(point: RestorePoint, facts: Facts): string[] {
    const age = describeDuration(ageOf(point, facts));
    const at = point.at.toISOString().replace(".000Z", "Z");
    const answers = (facts.database?.revision ?? null) !== null;
    const sent = answers ? "goes into a backup of its own" : "into no backup, as the database does not answer";
    return [
        `goes back to that of ${at}, ${age} ago: ${shortId(point)}, made for ${point.transition}`,
        `set aside: ${writtenSince(point, facts)}; it stays on the server beside the restored data until the next transition, and ${sent}`,
    ];
}

/** Tables that the application fills by itself: nobody misses what it makes again. */
const OWN_TABLES: readonly string[] = [
    "search_sources",
    "search_chunks",
    "chunk_embeddings",
    "refresh_tokens",
    "api_keys",
];

/** Only the newest restore point is known to be where the counting begins. */
function writtenSince(point: RestorePoint, facts: Facts): string {
    if (facts.since === null || facts.restorePoints.at(-1)?.transition !== point.transition) {
        return "all that was written since, which could not be counted";
    }
    const tables = Object.entries(facts.since.tables)
        .filter(([table]) => !OWN_TABLES.includes(table))
        .sort(([a, some], [b, others]) => others - some || a.localeCompare(b));
    const rows = tables.reduce((sum, [, count]) => sum + count, 0);
    const named = tables.slice(0, 5).map(([table, count]) => `${table} ${count}`);
    const rest = tables.length > named.length ? ", …" : "";
    const where = named.length > 0 ? ` (${named.join(", ")}${rest})` : "";
    return `${rows} rows${where} and ${facts.since.files} files written since`;
}
