import { setTimeout as sleep } from "node:timers/promises";
import type { Props } from "../core/values";

/** How often a request is tried again, as the original does where the provider's settings say nothing else. */
const RETRIES = 4;
const SHORTEST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
/** Milliseconds between looks at something that is under way. */
const INTERVAL = 500;

/** An answer that is no success, worded as the original's client does. */
export class ApiFailure extends Error {
    constructor(
        message: string,
        readonly status: number,
    ) {
        super(message);
    }
}

interface Refusal {
    readonly message?: string;
    readonly request_id?: string;
}

/** The API of one account. */
export class Api {
    constructor(
        private readonly endpoint: string,
        private readonly token: string,
    ) {}

    get = (path: string): Promise<Props> => this.request("GET", path);
    post = (path: string, body: Props): Promise<Props> => this.request("POST", path, body);
    put = (path: string, body: Props): Promise<Props> => this.request("PUT", path, body);
    delete = (path: string, body?: Props): Promise<Props> => this.request("DELETE", path, body);

    /** Undefined where there is nothing at that path. */
    async find(path: string): Promise<Props | undefined> {
        try {
            return await this.get(path);
        } catch (error) {
            if (error instanceof ApiFailure && error.status === 404) {
                return undefined;
            }
            throw error;
        }
    }

    /** Begins an action, and waits for its end. */
    async act(path: string, body: Props): Promise<void> {
        const { action } = (await this.post(`${path}/actions`, body)) as { action: { id: number; status: string } };
        await this.until(async () => {
            const now = (await this.get(`/v2/actions/${action.id}`)) as { action: { status: string } };
            if (now.action.status === "errored") {
                throw new Error(`unexpected state 'errored', wanted target 'completed'. last error: %!s(<nil>)`);
            }
            return now.action.status === "completed";
        });
    }

    /** Looks until it is so. */
    async until(isSo: () => Promise<boolean>): Promise<void> {
        while (!(await isSo())) {
            await sleep(INTERVAL);
        }
    }

    private async request(method: string, path: string, body?: Props): Promise<Props> {
        const url = new URL(path, this.endpoint).href;
        for (let tries = 1; ; tries++) {
            const response = await this.send(method, url, body).catch((error: unknown) => error as Error);
            const passes = !(response instanceof Error) && response.status !== 429 && response.status < 500;
            if (passes && response.ok) {
                const text = await response.text();
                return text === "" ? {} : (JSON.parse(text) as Props);
            }
            const gaveUp = passes ? "" : `; giving up after ${tries} attempt(s)`;
            if (passes || tries > RETRIES) {
                throw await failure(method, url, response, gaveUp);
            }
            await sleep(waitBefore(tries, response));
        }
    }

    private send(method: string, url: string, body?: Props): Promise<Response> {
        return fetch(url, {
            method,
            headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
            body: body === undefined ? null : JSON.stringify(body),
        });
    }
}

function waitBefore(tries: number, response: Response | Error): number {
    const after = response instanceof Error ? null : response.headers.get("retry-after");
    return after !== null && /^\d+$/.test(after)
        ? Number(after) * 1000
        : Math.min(SHORTEST_WAIT * 2 ** (tries - 1), LONGEST_WAIT);
}

async function failure(method: string, url: string, response: Response | Error, gaveUp: string): Promise<Error> {
    if (response instanceof Error) {
        const cause = response.cause instanceof Error ? response.cause.message : response.message;
        return new Error(`${method} "${url}": ${cause}`);
    }
    const text = await response.text();
    const refusal = text.startsWith("{") ? (JSON.parse(text) as Refusal) : {};
    const request = refusal.request_id === undefined ? "" : ` (request "${refusal.request_id}")`;
    return new ApiFailure(
        `${method} ${url}: ${response.status}${request} ${refusal.message ?? ""}${gaveUp}`,
        response.status,
    );
}
