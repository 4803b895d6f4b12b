import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";

/** Where the user's cache keeps something of that kind, by what it is of. Its folder may not be there yet. */
export function cacheFile(kind: string, of: string, environment: NodeJS.ProcessEnv = process.env): string {
    const cache = environment.XDG_CACHE_HOME ?? path.join(environment.HOME ?? homedir(), ".cache");
    return path.join(cache, "specivo-pulumi", kind, createHash("sha256").update(of).digest("hex").slice(0, 16));
}

/** Milliseconds since it was written, less than 0 when the clock was set back, many when it is not there. */
export function ageOf(file: string): number {
    return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}
