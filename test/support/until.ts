import * as assert from "node:assert/strict";

/** Waits until the check gives something other than undefined or false, and returns it. */
export async function until<T>(seconds: number, what: string, check: () => Promise<T | undefined | false>): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
        const found = await check();
        if (found !== undefined && found !== false) {
            return found;
        }
        assert.ok(Date.now() < deadline, `${what} did not happen within ${seconds} s`);
        await new Promise((resolve) => setTimeout(resolve, 300));
    }
}
