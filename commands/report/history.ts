import {
    array,
    boolean,
    type Decoded,
    decodeJson,
    DecodeError,
    literal,
    moment,
    nullable,
    number,
    object,
    optional,
    string,
} from "../../plan/decode";
import { direction } from "../../plan/facts";
import { UsageError } from "../command";

const change = object({ before: optional(string), after: optional(string) });

const transition = object({
    id: string,
    direction,
    from: string,
    to: string,
    state: literal("begun", "finished", "failed", "recovered", "superseded"),
    reason: optional(string),
    began: moment,
    ended: nullable(moment),
    /** For how long nobody was served; null where no cut-over came about. */
    outageMs: optional(number),
    /** Id of the backup made before. */
    backup: optional(string),
    /** Schema revisions. */
    revisions: change,
    /** The steps that were done, each with its end and its length. */
    steps: array(object({ step: string, at: moment, seconds: optional(number) })),
});

const backup = object({
    id: string,
    at: moment,
    version: nullable(string),
    revision: nullable(string),
    purpose: nullable(string),
    transition: nullable(string),
    bytes: nullable(number),
    /** Made by this very server. */
    here: boolean,
    /** Restored once and compared, as this server's ledger tells. */
    proven: boolean,
});

const history = object({ transitions: array(transition) });
const backups = object({ repository: string, backups: array(backup) });

/** One transition, as `specivo-host history` tells it. */
export type Transition = Decoded<typeof transition>;

/** What `specivo-host backups` tells. */
export type Backups = Decoded<typeof backups>;

/** Oldest first. Throws a UsageError when it is not the operation's output. */
export function readHistory(text: string): readonly Transition[] {
    return read("history", () => decodeJson(text, "it", history)).transitions;
}

export function readBackups(text: string): Backups {
    return read("backups", () => decodeJson(text, "it", backups));
}

function read<T>(operation: string, decode: () => T): T {
    try {
        return decode();
    } catch (error) {
        throw error instanceof DecodeError
            ? new UsageError(
                  `The output of \`specivo-host ${operation}\` can't be read, as ${error.message}: take its stdout as it is.`,
              )
            : error;
    }
}
