import type { Routes } from "./answers";

const HOUR = 3600_000;

/** So many requests an hour, as the API's headers tell. `/lab/rate-limit` sets what is left. */
export class RateLimit {
    private readonly limit = 5000;
    private remaining = this.limit;
    private reset = Date.now() + HOUR;

    /** Counts a request; false for one too many. */
    count(): boolean {
        if (Date.now() >= this.reset) {
            this.remaining = this.limit;
            this.reset = Date.now() + HOUR;
        }
        this.remaining--;
        return this.remaining >= 0;
    }

    get headers(): Record<string, string> {
        const seconds = Math.max(1, Math.ceil((this.reset - Date.now()) / 1000));
        const left = Math.max(0, this.remaining);
        return {
            "ratelimit-limit": String(this.limit),
            "ratelimit-remaining": String(left),
            "ratelimit-reset": String(Math.floor(this.reset / 1000)),
            ...(left === 0 ? { "retry-after": String(seconds) } : {}),
        };
    }

    readonly routes: Routes = {
        "PUT /lab/rate-limit": ({ body }) => {
            this.remaining = Number(body.remaining ?? this.limit);
            this.reset = Date.now() + Number(body.seconds ?? HOUR / 1000) * 1000;
            return { status: 204 };
        },
    };
}
