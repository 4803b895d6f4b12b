import type { Routes } from "./answers";

/** Something that goes wrong with the next requests of a kind, for tests to ask for at `/lab/failures`. */
export interface Failure {
    /** Of these requests only; of any method where it is not given. */
    readonly method?: string;
    /** A regular expression for the path. */
    readonly path: string;
    /** With so many of them, and then no more; default 1. */
    count?: number;
    /** Answered in place of being done, with this status; default 500. */
    readonly status?: number;
    readonly id?: string;
    readonly message?: string;
    /** `reset`: the connection ends in place of an answer. `lost`: it is done, and the connection ends in place of the answer. */
    readonly how?: "answer" | "reset" | "lost";
    /** Milliseconds that pass before. */
    readonly delay?: number;
    /** The action that the request begins ends as `errored`. */
    readonly action?: boolean;
}

export class Failures {
    private pending: Failure[] = [];

    /** The failure that is due for a request, which is one fewer then. */
    take(method: string, path: string): Failure | undefined {
        const due = this.pending.find(
            (failure) => (failure.method ?? method) === method && new RegExp(failure.path).test(path),
        );
        if (due !== undefined) {
            due.count = (due.count ?? 1) - 1;
            this.pending = this.pending.filter((failure) => failure.count !== 0);
        }
        return due;
    }

    readonly routes: Routes = {
        "GET /lab/failures": () => ({ status: 200, body: { failures: this.pending } }),
        "POST /lab/failures": ({ body }) => {
            this.pending.push({ ...(body as unknown as Failure) });
            return { status: 204 };
        },
        "DELETE /lab/failures": () => {
            this.pending = [];
            return { status: 204 };
        },
    };
}
