import { explained } from "../core/errors";

/** What goes wrong in it, said with what was being done. */
export function doing<T>(what: string, work: () => Promise<T>): Promise<T> {
    return work().catch((error: unknown) => {
        throw explained(what, error);
    });
}
