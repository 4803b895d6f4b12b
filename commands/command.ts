/** A mistake in how a command was called, or in what it was given: one sentence, no stack trace. */
export class UsageError extends Error {}

/** Runs a command; a user's mistake, `parseArgs`' own included, is told in one sentence. */
export function runCommand(main: () => void | Promise<void>): void {
    Promise.resolve()
        .then(main)
        .catch((error: unknown) => {
            const isMistake =
                error instanceof UsageError ||
                (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"));
            console.error(isMistake ? error.message : error);
            process.exitCode = 1;
        });
}
