import { compareVersions, parseVersion, type Version } from "./versions";

/** One alembic revision of Specivo, from its `alembic/versions`. */
export interface Migration {
    /** Four digits; each follows the number before it. */
    readonly revision: string;
    /** First release that has it. */
    readonly since: string;
    /** What an admin should know before it runs. */
    readonly note?: string;
}

/** Newest release whose migrations are known here; what a later one brings shows when its image is asked. */
const NEWEST_KNOWN = "0.8.0";

/** Revisions by the release that brought them: `[first, last, release]`. */
const RANGES: readonly (readonly [number, number, string])[] = [
    [1, 2, "0.1.0"],
    [3, 8, "0.1.6"],
    [9, 9, "0.1.7"],
    [10, 19, "0.1.8"],
    [20, 20, "0.1.9"],
    [21, 23, "0.2.0"],
    [24, 25, "0.3.0"],
    [26, 26, "0.4.0"],
    [27, 27, "0.7.0"],
    [28, 32, "0.8.0"],
];

const NOTES: Readonly<Record<string, string>> = {
    "0005": "rewrites all embeddings and drops their indexes, which are built again at run time",
    "0013": "rewrites every issue and wiki page, which takes its time on large instances",
    "0014": "makes every existing project private",
    "0025": "rewrites every issue, wiki version and search chunk and their indexes: the slowest of all",
    "0030": "adds a user `$anonymous`",
    "0032": "adds a role `Non member`",
};

const MIGRATIONS: readonly Migration[] = RANGES.flatMap(([first, last, since]) =>
    Array.from({ length: last - first + 1 }, (_, index) => {
        const revision = String(first + index).padStart(4, "0");
        const note = NOTES[revision];
        return note === undefined ? { revision, since } : { revision, since, note };
    }),
);

function isSince({ since }: Migration, version: Version): boolean {
    const first = parseVersion(since);
    return first !== undefined && compareVersions(first, version) <= 0;
}

function isKnown(version: Version): boolean {
    const newest = parseVersion(NEWEST_KNOWN);
    return newest !== undefined && compareVersions(version, newest) <= 0;
}

/** The schema revision a release ends at; undefined for one that is newer than what is known here. */
export function headOf(version: Version): string | undefined {
    return isKnown(version) ? MIGRATIONS.findLast((migration) => isSince(migration, version))?.revision : undefined;
}

/** What an upgrade runs. */
export interface Pending {
    /** Migrations that will run, in order. */
    readonly migrations: readonly Migration[];
    /** Whether these are all: false for a release newer than what is known here. */
    readonly complete: boolean;
}

/** What a release runs on a database that is at this revision. */
export function pendingMigrations(current: string, to: Version): Pending {
    const migrations = MIGRATIONS.filter((migration) => migration.revision > current && isSince(migration, to));
    return { migrations, complete: isKnown(to) };
}
