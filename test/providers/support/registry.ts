import http from "node:http";
import { listen } from "./listen";

/** A registry on loopback, without TLS, that knows the digests behind some tags, as `getRegistryImage` asks for them. */
export class FakeRegistry {
    /** `host:port`, as image names begin. */
    name = "";
    readonly requests: string[] = [];
    /** Value of each request's Authorization header. */
    readonly authorizations: (string | undefined)[] = [];
    private readonly server = http.createServer((request, response) => this.answer(request, response));

    /** Digests by `repository:tag`. */
    private constructor(private readonly digests: Record<string, string>) {}

    static async start(digests: Record<string, string>): Promise<FakeRegistry> {
        const registry = new FakeRegistry(digests);
        registry.name = `127.0.0.1:${await listen(registry.server)}`;
        return registry;
    }

    stop(): void {
        this.server.close();
        this.server.closeAllConnections();
    }

    private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
        this.requests.push(`${request.method} ${request.url}`);
        this.authorizations.push(request.headers.authorization);
        const [, repository, tag] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(request.url ?? "") ?? [];
        const digest = this.digests[`${repository}:${tag}`];
        const headers = digest === undefined ? {} : { "Docker-Content-Digest": digest };
        response.writeHead(digest === undefined ? 404 : 200, headers);
        response.end();
    }
}
