/** What a client saw who asked all the time. */
export interface Seen {
    readonly requests: number;
    readonly failed: number;
    /** From the beginning of a request that failed to the first answer to one that began later and did not, or the end; all such spans together. */
    readonly outageMs: number;
}

/** Asks for a page that often a second, whatever becomes of earlier requests, until `end`. */
export class Visitor {
    readonly #visits: { readonly began: number; readonly ended: number; readonly well: boolean }[] = [];
    readonly #open = new Set<Promise<void>>();
    readonly #timer: NodeJS.Timeout;

    constructor(url: string, requestsPerSecond: number) {
        this.#timer = setInterval(() => {
            const began = performance.now();
            const visit = fetch(url, { signal: AbortSignal.timeout(30_000) })
                .then(async (response) => {
                    await response.arrayBuffer();
                    return response.status === 200;
                })
                .catch(() => false)
                .then((well) => {
                    this.#visits.push({ began, ended: performance.now(), well });
                    this.#open.delete(visit);
                });
            this.#open.add(visit);
        }, 1000 / requestsPerSecond);
    }

    async end(): Promise<Seen> {
        clearInterval(this.#timer);
        await Promise.all(this.#open);
        const end = performance.now();
        const visits = this.#visits.toSorted((one, other) => one.began - other.began);
        let outageMs = 0;
        let over = 0;
        for (const { well, began } of visits) {
            if (well || began < over) {
                continue;
            }
            over = Math.min(
                end,
                ...visits.filter((visit) => visit.well && visit.began > began).map(({ ended }) => ended),
            );
            outageMs += over - began;
        }
        const failed = visits.filter(({ well }) => !well).length;
        return { requests: visits.length, failed, outageMs: Math.round(outageMs) };
    }
}
