import type { Facts } from "./facts";

const MEGABYTE = 1_000_000;

/** Room for what is not counted one by one: the throwaway server's own files, settings, logs. The server asks for the same, and for files that it has to copy. */
const BESIDE = 500 * MEGABYTE;
/** What a throwaway server takes of memory: its buffers, and those of an index build. The few MB of the rehearsal's Redis are within. */
const PROOF_MEMORY = 300 * MEGABYTE;

/** What a transition takes on the server, and what there is, in bytes. */
export interface Need {
    readonly what: "disk" | "memory";
    readonly needed: number;
    readonly present: number;
    /** What the need is made of. */
    readonly parts: string;
}

export const megabytes = (bytes: number) => `${Math.ceil(bytes / MEGABYTE)} MB`;

/** What of a transition takes room. */
export interface Takes {
    readonly pull: boolean;
    readonly migrates: boolean;
    /** The new version runs once on the copy, beside production. */
    readonly rehearsal: boolean;
}

/** Computed from this instance: its image, its database, its api. What the server did not tell is not asked for. */
export function needsOf(facts: Facts, { pull, migrates, rehearsal }: Takes): Need[] {
    const needs: Need[] = [];
    const { free, image } = facts.space;
    const database = facts.database?.bytes ?? null;
    if (free !== null && database !== null) {
        // An uncompressed dump is taken for as large as the database. It goes when it has arrived off the server, before the proof
        // restores it; a restore point is a copy that stays. The rehearsal migrates the proof's copy before production writes the same rows.
        const parts: [string, number][] = [
            ["dump or proof, and restore point", 2 * database + BESIDE],
            // As large as the one that runs, for want of anything better: registries tell compressed sizes.
            ["image", pull ? (image ?? 0) : 0],
            ["rows that migrations write again", migrates ? database : 0],
        ];
        const counted = parts.filter(([, bytes]) => bytes > 0);
        needs.push({
            what: "disk",
            needed: counted.reduce((sum, [, bytes]) => sum + bytes, 0),
            present: free,
            parts: counted.map(([name, bytes]) => `${name} ${megabytes(bytes)}`).join(", "),
        });
    }
    const { available, api } = facts.memory;
    if (available !== null && api !== null) {
        // The rehearsal has both at once. Without one, a second api that there is no memory for takes the place of the first.
        needs.push({
            what: "memory",
            needed: PROOF_MEMORY + (rehearsal ? api : 0),
            present: available,
            parts: `proof ${megabytes(PROOF_MEMORY)}${rehearsal ? `, a second api ${megabytes(api)}` : ""}`,
        });
    }
    return needs;
}

/** Why it can't be done for want of room; undefined when there is enough. */
export function refuseShort(needs: readonly Need[]): string | undefined {
    const short = needs.find(({ needed, present }) => present < needed);
    if (short === undefined) {
        return undefined;
    }
    const { what, needed, present, parts } = short;
    const advice =
        what === "disk"
            ? "free some, for example with `docker image prune` on the server, or give it a larger disk"
            : "give the server more memory, or swap";
    return `The server has ${megabytes(present)} of ${what} to spare and this needs ${megabytes(needed)} (${parts}): ${advice}.`;
}
