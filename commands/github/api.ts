import { array, type Decoder, DecodeError } from "../../plan/decode";
import { UsageError } from "../command";

/** A repository on GitHub, and the right to write there. */
export interface Repository {
    /** Address of the API, without a final `/`. */
    readonly api: string;
    /** `OWNER/NAME`. */
    readonly name: string;
    readonly token: string;
}

const TRIES = 4;
const PER_PAGE = 100;

/** From the variables that GitHub gives each job; the token has to be handed to the step. */
export function readRepository(environment: NodeJS.ProcessEnv): Repository {
    const { GITHUB_API_URL: api, GITHUB_REPOSITORY: name, GITHUB_TOKEN: token } = environment;
    if (!name || !/^[\w.-]+\/[\w.-]+$/.test(name)) {
        throw new UsageError(
            `GITHUB_REPOSITORY is ${name ? JSON.stringify(name) : "not set"}: set it to OWNER/NAME, as GitHub does in a workflow.`,
        );
    }
    if (!token) {
        throw new UsageError(
            "GITHUB_TOKEN is not set: hand it to the step, with `env: GITHUB_TOKEN: ${{ github.token }}`.",
        );
    }
    return { api: (api ?? "https://api.github.com").replace(/\/$/, ""), name, token };
}

/** Asks once, and again after a fault that is GitHub's or the network's. Throws a UsageError in one sentence when it says no. */
export async function request(repository: Repository, method: string, path: string, body?: unknown): Promise<unknown> {
    for (let tried = 1; ; tried++) {
        const answer = await ask(repository, method, path, body);
        if (answer.ok) {
            return answer.json;
        }
        if (!answer.mayPass || tried === TRIES) {
            throw new UsageError(
                `GitHub did not do ${method} ${path} (${answer.reason})${ADVICE[answer.status] ?? ": try again later"}.`,
            );
        }
        await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tried));
    }
}

const ADVICE: Readonly<Record<number, string>> = {
    401: ": the token has expired or is no token of this GitHub",
    403: ": see that the job's `permissions` allow it",
    404: ": see that GITHUB_REPOSITORY and the number are right, and that the job's `permissions` allow it",
    422: ": it does not take what was sent",
};

type Answer =
    | { readonly ok: true; readonly json: unknown }
    | { readonly ok: false; readonly status: number; readonly reason: string; readonly mayPass: boolean };

async function ask({ api, name, token }: Repository, method: string, path: string, body: unknown): Promise<Answer> {
    const headers = {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "x-github-api-version": "2022-11-28",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const init = { method, headers, redirect: "error", signal: AbortSignal.timeout(30_000) } as const;
    try {
        const response = await fetch(
            `${api}/repos/${name}${path}`,
            body === undefined ? init : { ...init, body: JSON.stringify(body) },
        );
        const text = await response.text();
        if (response.ok) {
            return { ok: true, json: text === "" ? undefined : JSON.parse(text) };
        }
        const { status } = response;
        return { ok: false, status, reason: `${status} ${messageOf(text)}`, mayPass: status >= 500 || status === 429 };
    } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        return { ok: false, status: 0, reason: String(cause), mayPass: true };
    }
}

/** GitHub's own words, where it is GitHub that answers. */
function messageOf(text: string): string {
    return /"message":\s*"([^"]{1,200})"/.exec(text)?.[1] ?? "without a word";
}

/** All pages of a list. */
export async function listAll<T>(repository: Repository, path: string, item: Decoder<T>): Promise<T[]> {
    const all: T[] = [];
    for (let page = 1; ; page++) {
        const separator = path.includes("?") ? "&" : "?";
        const answer = await request(repository, "GET", `${path}${separator}per_page=${PER_PAGE}&page=${page}`);
        const items = decodeAnswer(answer, array(item));
        all.push(...items);
        if (items.length < PER_PAGE) {
            return all;
        }
    }
}

function decodeAnswer<T>(answer: unknown, decode: Decoder<T>): T {
    try {
        return decode(answer, "GitHub's answer");
    } catch (error) {
        throw error instanceof DecodeError
            ? new UsageError(`GitHub's answer can't be read, as ${error.message}: see that GITHUB_API_URL is GitHub's.`)
            : error;
    }
}
