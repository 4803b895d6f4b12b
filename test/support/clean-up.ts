/** Runs every clean-up, whatever becomes of the others, and then fails with what failed. For `after` hooks. */
export async function cleanUp(...steps: readonly (() => unknown)[]): Promise<void> {
    const results = await Promise.allSettled(steps.map(async (step) => step()));
    const reasons = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : []));
    if (reasons.length > 0) {
        throw new Error(reasons.join("\n"));
    }
}
