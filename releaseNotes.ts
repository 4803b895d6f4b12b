import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";

import { parseChangelog, type ReleaseNotes } from "./plan/releaseNotes";
import { ageOf, cacheFile } from "./userCache";

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
    const kept = cacheFile("changelog", source, environment);
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

function parse(read: () => string): ReleaseNotes | undefined {
    try {
        return parseChangelog(read());
    } catch {
        return undefined;
    }
}
