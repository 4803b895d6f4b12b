export function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

/** The same failure, said with where it happened. */
export function explained(prefix: string, error: unknown, suffix = ""): Error {
    return new Error(`${prefix}${messageOf(error)}${suffix}`, { cause: error });
}
