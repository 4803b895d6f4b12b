import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";

import { parseChangelog, type ReleaseNotes } from "./plan/releaseNotes";

const FRESH_MS = 6 * 3_600_000;
const TIME_LIMIT_MS = 3_000;

/**
 * The change log at that address, or in that file when it is an absolute path. Kept for six hours, and longer while the address is out of
 * reach. Undefined when there is none to be had: notes are good to have, and no reason to stop.
 */
export async function readReleaseNotes(
    source: string,
    environment: NodeJS.ProcessEnv = process.env,
): Promise<ReleaseNotes | undefined> {
    if (source.startsWith("/")) {
        return parse(() => readFileSync(source, "utf8"));
    }
    const kept = keptAt(source, environment);
    if (ageOf(kept) > FRESH_MS) {
        try {
            const response = await fetch(source, { signal: AbortSignal.timeout(TIME_LIMIT_MS) });
            if (response.ok) {
                mkdirSync(path.dirname(kept), { recursive: true });
                writeFileSync(kept, await response.text());
            }
        } catch {
            // An older copy will do.
        }
    }
    return parse(() => readFileSync(kept, "utf8"));
}

function keptAt(source: string, environment: NodeJS.ProcessEnv): string {
    const cache = environment.XDG_CACHE_HOME ?? path.join(environment.HOME ?? homedir(), ".cache");
    return path.join(
        cache,
        "specivo-pulumi",
        "changelog",
        createHash("sha256").update(source).digest("hex").slice(0, 16),
    );
}

function ageOf(file: string): number {
    return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

function parse(read: () => string): ReleaseNotes | undefined {
    try {
        return parseChangelog(read());
    } catch {
        return undefined;
    }
}
