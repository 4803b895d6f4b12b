import type { IncomingMessage } from "node:http";

/** What a route is asked, and what it answers. */

export interface Asked {
    /** Parts of the path that the route leaves open. */
    readonly params: Readonly<Record<string, string>>;
    readonly query: URLSearchParams;
    readonly body: Readonly<Record<string, unknown>>;
}

export interface Answer {
    readonly status: number;
    readonly body?: object;
}

export type Handler = (asked: Asked) => Answer | Promise<Answer>;

/** `METHOD /path/:param`, and what answers it. */
export type Routes = Readonly<Record<string, Handler>>;

/** An answer that is no success, in the API's own form. */
export class ApiError extends Error {
    constructor(
        readonly status: number,
        readonly id: string,
        message: string,
    ) {
        super(message);
    }
}

export function notFound(): ApiError {
    return new ApiError(404, "not_found", "The resource you were accessing could not be found.");
}

export function unprocessable(message: string): ApiError {
    return new ApiError(422, "unprocessable_entity", message);
}

/** The one that is meant, or the API's answer that there is none. */
export function found<T>(item: T | undefined): T {
    if (item === undefined) {
        throw notFound();
    }
    return item;
}

const PER_PAGE = 20;
const MOST_PER_PAGE = 200;

/** One page of a list, with what leads to the others. */
export function page(name: string, items: readonly object[], { query }: Asked, base: string): Answer {
    const per = Math.min(wholeNumber(query.get("per_page"), PER_PAGE), MOST_PER_PAGE);
    const current = wholeNumber(query.get("page"), 1);
    const last = Math.max(1, Math.ceil(items.length / per));
    const link = (to: number) => `${base}?page=${to}&per_page=${per}`;
    const pages = {
        ...(current > 1 ? { first: link(1), prev: link(current - 1) } : {}),
        ...(current < last ? { next: link(current + 1), last: link(last) } : {}),
    };
    return {
        status: 200,
        body: {
            [name]: items.slice((current - 1) * per, current * per),
            links: Object.keys(pages).length > 0 ? { pages } : {},
            meta: { total: items.length },
        },
    };
}

function wholeNumber(text: string | null, fallback: number): number {
    return text !== null && /^[1-9]\d*$/.test(text) ? Number(text) : fallback;
}

/** All that a message has in its body. */
export async function bytesOf(message: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) {
        chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks);
}

export function text(body: Asked["body"], name: string): string {
    const value = body[name];
    if (typeof value !== "string" || value === "") {
        throw unprocessable(`${name} is required`);
    }
    return value;
}

export function optionalText(body: Asked["body"], name: string): string {
    const value = body[name];
    return typeof value === "string" ? value : "";
}

export function list<T>(body: Asked["body"], name: string): T[] {
    const value = body[name];
    return Array.isArray(value) ? (value as T[]) : [];
}
