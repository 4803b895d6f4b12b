import { mkdirSync, readFileSync, renameSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import * as path from "node:path";

import { ageOf, cacheFile } from "./userCache";

/** `pulumi up --yes` begins its update a second after the look of its preview; people who read the plan take longer. */
const RECENT_MS = 5_000;

/**
 * What the look at `of` answers. A preview's answer serves one update that begins within five seconds, so that `pulumi up --yes` looks but
 * once. Whatever changes after a look is for preflight to find, on the server and under its lock, whether a second passes or five.
 */
export async function lookOrRecent(
    of: string,
    preview: boolean,
    look: () => Promise<string>,
    environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
    const file = cacheFile("looks", of, environment);
    if (!preview) {
        return take(file) ?? look();
    }
    const began = new Date();
    const answer = await look();
    keep(file, answer, began);
    return answer;
}

/** Only whoever renames it has it. */
function take(file: string): string | undefined {
    const mine = `${file}.${process.pid}`;
    try {
        renameSync(file, mine);
        const answer = readFileSync(mine, "utf8");
        const age = ageOf(mine);
        unlinkSync(mine);
        return age >= 0 && age <= RECENT_MS ? answer : undefined;
    } catch {
        return undefined;
    }
}

function keep(file: string, answer: string, began: Date): void {
    const mine = `${file}.${process.pid}`;
    try {
        mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
        writeFileSync(mine, answer, { mode: 0o600 });
        utimesSync(mine, began, began);
        renameSync(mine, file);
    } catch {
        // The update will look.
    }
}
