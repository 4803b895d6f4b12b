import { randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { accountRoutes } from "./account-routes";
import { actionRoutes } from "./actions";
import { ApiError, bytesOf, notFound, type Answer, type Asked, type Handler, type Routes } from "./answers";
import type { Cloud } from "./cloud";
import { dropletRoutes } from "./droplets";
import { Failures, type Failure } from "./failures";
import { firewallRoutes } from "./firewalls";
import { keyRoutes } from "./keys";
import { RateLimit } from "./rate-limit";
import { reservedIpRoutes } from "./reserved-ips";
import { spacesKeyRoutes } from "./spaces-keys";
import { volumeRoutes } from "./volumes";

interface Route {
    readonly method: string;
    readonly parts: string[];
    readonly handler: Handler;
}

/** The account's API, for whoever has the token. */
export function cloudServer(cloud: Cloud, token: string): Server {
    const failures = new Failures();
    const limit = new RateLimit();
    const own = compiled({ ...failures.routes, ...limit.routes });
    const routes = compiled({
        ...accountRoutes(cloud),
        ...actionRoutes(cloud),
        ...dropletRoutes(cloud),
        ...firewallRoutes(cloud),
        ...keyRoutes(cloud),
        ...reservedIpRoutes(cloud),
        ...spacesKeyRoutes(cloud),
        ...volumeRoutes(cloud),
    });

    async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const method = request.method ?? "";
        const url = new URL(request.url ?? "/", "http://cloud");
        const body = await bodyOf(request);
        if (!authorised(request, token)) {
            send(response, failed(new ApiError(401, "Unauthorized", "Unable to authenticate you")));
            return;
        }
        const asked = (params: Asked["params"]) => ({ params, query: url.searchParams, body });
        if (url.pathname.startsWith("/lab/")) {
            send(response, await handled(own, method, url.pathname, asked));
            return;
        }
        if (!limit.count()) {
            const refused = new ApiError(429, "too_many_requests", "API Rate limit exceeded.");
            send(response, failed(refused), limit.headers);
            return;
        }
        const failure = failures.take(method, url.pathname);
        await sleep(failure?.delay ?? 0);
        if (failure?.how === "reset") {
            request.socket.destroy();
            return;
        }
        if (failure?.action === true) {
            cloud.failNextAction = true;
        } else if (failure !== undefined && failure.how !== "lost") {
            send(response, injected(failure), limit.headers);
            return;
        }
        const done = await handled(routes, method, url.pathname, asked);
        if (failure?.how === "lost") {
            request.socket.destroy();
            return;
        }
        send(response, done, limit.headers);
    }

    return createServer((request, response) => {
        answer(request, response).catch((error: unknown) => {
            process.stderr.write(`${request.method} ${request.url}: ${String(error)}\n`);
            send(response, failed(new ApiError(500, "server_error", "Unexpected server-side error")));
        });
    });
}

function authorised(request: IncomingMessage, token: string): boolean {
    const given = Buffer.from(request.headers.authorization ?? "");
    const wanted = Buffer.from(`Bearer ${token}`);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
    const text = (await bytesOf(request)).toString();
    return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function compiled(routes: Routes): Route[] {
    return Object.entries(routes).map(([name, handler]) => {
        const [method = "", path = ""] = name.split(" ");
        return { method, parts: path.split("/"), handler };
    });
}

/** What the path has in the places that the route leaves open; undefined where they don't match. */
function match(parts: readonly string[], path: readonly string[]): Record<string, string> | undefined {
    const matches =
        parts.length === path.length && parts.every((part, at) => part.startsWith(":") || part === path[at]);
    const open = parts.flatMap((part, at) => (part.startsWith(":") ? [[part.slice(1), path[at] ?? ""]] : []));
    return matches ? (Object.fromEntries(open) as Record<string, string>) : undefined;
}

async function handled(
    routes: readonly Route[],
    method: string,
    pathname: string,
    asked: (params: Asked["params"]) => Asked,
): Promise<Answer> {
    const path = pathname.split("/").map(decodeURIComponent);
    try {
        for (const route of routes) {
            const params = route.method === method ? match(route.parts, path) : undefined;
            if (params !== undefined) {
                return await route.handler(asked(params));
            }
        }
        throw notFound();
    } catch (error) {
        if (error instanceof ApiError) {
            return failed(error);
        }
        throw error;
    }
}

function failed({ status, id, message }: ApiError): Answer {
    return { status, body: { id, message, request_id: randomUUID() } };
}

/** Without a request's id, so that it is said the same each time. */
function injected({ status = 500, id = "server_error", message = "Unexpected server-side error" }: Failure): Answer {
    return { status, body: { id, message } };
}

function send(response: ServerResponse, { status, body }: Answer, headers: Record<string, string> = {}): void {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
}
