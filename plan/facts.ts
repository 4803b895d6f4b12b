import {
    array,
    boolean,
    type Decoded,
    decodeJson,
    literal,
    moment,
    nullable,
    number,
    object,
    optional,
    record,
    string,
    tagged,
    type Decoder,
} from "./decode";

/** What a transition does; `adopt` records a version that runs already, `repair` puts back what was changed by hand. */
export type Direction = "adopt" | "upgrade" | "rollback" | "repair";

const stringOrEmpty: Decoder<string> = (value, path) => nullable(string)(value, path) ?? "";

const service = object({
    service: string,
    container: string,
    image: string,
    imageId: string,
    state: string,
    health: nullable(string),
});

export const direction = literal<Direction>("adopt", "upgrade", "rollback", "repair");

export const DATABASE_ANSWERS = "the database answers";

const begun = object({
    state: literal("begun"),
    id: string,
    direction,
    from: string,
    to: string,
    instance: string,
    /** Null when the database did not answer. */
    fromRevision: nullable(string),
    /** The backup or restore point whose data was to be put back. */
    restore: optional(string),
    /** What was not to be when it began. */
    unless: optional(literal(DATABASE_ANSWERS)),
    /** The digest the image had when this was planned. */
    digest: optional(string),
});

const finished = object({
    state: literal("finished"),
    id: string,
    version: string,
    image: string,
    revision: nullable(string),
});

const ended = object({ state: literal("failed", "recovered", "superseded"), id: string });

const backup = object({
    /** Id of the restic snapshot. */
    id: string,
    at: moment,
    /** Made `before` a transition, or of what it found when its writers were stopped, its `restore-point`. */
    purpose: literal("before", "restore-point"),
    transition: string,
    version: string,
    revision: string,
});

const restorePoint = object({ at: moment, transition: string, version: string, revision: string });

/** One proven backup, as the ledger tells it. */
export type Backup = Decoded<typeof backup>;

/** A transition as the ledger tells it when it begins: what every later step is told again. */
export type Begun = Decoded<typeof begun>;
/** A transition as the ledger tells it when it is done: what the host looked like then. */
export type Finished = Decoded<typeof finished>;
/** One line of the ledger about a transition. */
export type TransitionLine = Begun | Finished | Decoded<typeof ended>;

const transitionLine: Decoder<TransitionLine> = tagged<TransitionLine>("state", {
    begun,
    finished,
    failed: ended,
    recovered: ended,
    superseded: ended,
});

const facts = object({
    /** Version of this very format. */
    schema: literal(1),
    /** The server's clock. */
    now: moment,
    /** Tells this installation on this machine from every other one; a rebuilt machine has another. Empty without one. */
    instance: stringOrEmpty,
    /** Tells this machine from every other one. */
    machine: string,
    /** Whether the operations have root rights. */
    root: boolean,
    /** Whether the SSH user may use Docker without sudo, as the pull does. */
    dockerRights: boolean,
    /** Versions of the tools the operations need; null when one is missing. */
    tools: object({
        docker: nullable(string),
        compose: nullable(string),
        restic: nullable(string),
        jq: nullable(string),
    }),
    /** Where Specivo is installed, and the version its `.env` pins. */
    install: object({ dir: string, present: boolean, pin: nullable(string) }),
    /** Every container of the compose project. */
    services: array(service),
    /** Version of the running api; null when neither its tag nor its label tells it. */
    version: nullable(string),
    /** The effective database, its schema revision and its size in bytes; null without an api container. */
    database: nullable(object({ bundled: boolean, revision: nullable(string), bytes: nullable(number) })),
    /** What `docker compose` would change of how the services run, as `SERVICE: KEY`; null where that can't be told. */
    settings: nullable(
        object({
            changed: array(string),
            /** The api signs sessions with the key that Specivo's compose file falls back to. */
            publicSecretKey: boolean,
            /** Every page is below this path, the health page too, where Compose's own check does not look; empty for none. */
            stealthPrefix: string,
        }),
    ),
    /** Bytes free where backups, databases and images are made, and the size of the running image. */
    space: object({ free: nullable(number), image: nullable(number) }),
    /** Bytes of memory that can be had, and those the api uses. */
    memory: object({ available: nullable(number), api: nullable(number) }),
    /** Why the new api can't start beside the old one, so that nobody is served meanwhile; null when it can. */
    cutOverObstacle: nullable(string),
    /** The version asked for: whether its image lies on the host, and whether the registry has it, with which digest. */
    target: nullable(
        object({
            version: string,
            imageId: nullable(string),
            registry: literal("found", "missing", "unreachable", "not asked", "no archive"),
            digest: nullable(string),
        }),
    ),
    /** Releases the registry has; null when it was not asked, or did not tell. */
    releases: nullable(array(string)),
    /** Rows on which a migration of that revision, or every start (`seed`), is known to stop. */
    stumbles: array(object({ revision: string, found: string })),
    /** Public host keys of the SSH server, in the form `type base64`. */
    hostKeys: array(string),
    /** The operation that holds the lock at this moment. */
    busy: nullable(object({ operation: string, transition: string })),
    /** The ledger's lines about transitions, oldest first. */
    transitions: array(transitionLine),
    /** The proven backups, oldest first; those removed since are among them, and named by `forgotten`. */
    backups: array(backup),
    forgotten: array(object({ id: string })),
    /** What transitions found when their writers were stopped, whether it has been sent off the host or not. */
    restorePoints: array(restorePoint),
    /** How the last rollouts went, oldest first: what became of the data, and for how many milliseconds nobody was served. */
    rollouts: array(object({ data: literal("keep", "migrate", "restore"), outageMs: number })),
    /** Rows by table, and files, written since the last transition finished; null when that was not to be told. */
    since: nullable(object({ tables: record(number), files: number })),
});

/** What one look at the server found. */
export type Facts = Decoded<typeof facts>;
/** One container of the compose project. */
export type Service = Decoded<typeof service>;

/** Reads the answer of the `facts` operation. Throws a DecodeError that names the field. */
export function parseFacts(text: string): Facts {
    return decodeJson(text, "facts", facts);
}
