import http from "node:http";
import net from "node:net";
import type { ServerChannel } from "ssh2";
import { listen } from "./listen";

export interface EngineImage {
    readonly Id: string;
    readonly RepoDigests: readonly string[];
}

const API = "1.45";

/**
 * As much of a Docker engine as having an image takes, answering in the words of the real one. Images of `registry` can be
 * pulled, and nothing else.
 */
export class FakeEngine {
    /** By `repository:tag`. */
    readonly images = new Map<string, EngineImage>();
    readonly requests: string[] = [];
    /** What is given away by pulls from here on. */
    readonly registry: Map<string, EngineImage>;
    /** Credentials that pulls came with. */
    readonly credentials: unknown[] = [];
    port = 0;
    private readonly server = http.createServer((request, response) => this.answer(request, response));

    private constructor(registry: Record<string, EngineImage>) {
        this.registry = new Map(Object.entries(registry));
    }

    static async start(registry: Record<string, EngineImage>): Promise<FakeEngine> {
        const engine = new FakeEngine(registry);
        engine.port = await listen(engine.server);
        return engine;
    }

    stop(): void {
        this.server.close();
        this.server.closeAllConnections();
    }

    /** Requests that change something. */
    get work(): string[] {
        return this.requests.filter((request) => /^(POST|DELETE) /.test(request));
    }

    /** No image, and nothing asked yet. */
    clear(): void {
        this.images.clear();
        this.requests.length = 0;
        this.credentials.length = 0;
    }

    /** What `docker system dial-stdio` does on the server. */
    readonly dialStdio = (command: string, channel: ServerChannel): void => {
        if (command !== "docker system dial-stdio") {
            channel.stderr.write(`unexpected command: ${command}\n`);
            channel.exit(127);
            channel.end();
            return;
        }
        const socket = net.connect(this.port, "127.0.0.1");
        socket.on("error", () => channel.end());
        channel.on("error", () => socket.destroy());
        channel.pipe(socket).pipe(channel);
    };

    private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
        const url = new URL(request.url ?? "", "http://engine");
        const target = `${request.method} ${decodeURIComponent(url.pathname)}`;
        this.requests.push(target + url.search);
        const send = (status: number, body: unknown) => {
            response.writeHead(status, { "Api-Version": API, "Content-Type": "application/json" });
            response.end(JSON.stringify(body));
        };
        const [, method, name = ""] = new RegExp(`^(GET|DELETE) /v${API}/images/(.+?)(?:/json)?$`).exec(target) ?? [];
        if (/^(GET|HEAD) \/_ping$/.test(target)) {
            send(200, "OK");
        } else if (target === `GET /v${API}/version`) {
            send(200, { ApiVersion: API, Version: "26.1.5", Os: "linux" });
        } else if (target === `GET /v${API}/images/json`) {
            send(200, this.list());
        } else if (method === "GET") {
            const image = this.images.get(name);
            send(image === undefined ? 404 : 200, image ?? { message: `No such image: ${name}` });
        } else if (method === "DELETE") {
            const removed = this.images.delete(name);
            send(removed ? 200 : 404, removed ? [{ Untagged: name }] : { message: `No such image: ${name}` });
        } else if (target === `POST /v${API}/images/create`) {
            this.credentials.push(decoded(request.headers["x-registry-auth"]));
            this.pull(`${url.searchParams.get("fromImage")}:${url.searchParams.get("tag")}`, send);
        } else {
            send(400, { message: `unexpected request: ${target}` });
        }
    }

    private list(): (EngineImage & { RepoTags: string[] })[] {
        return [...this.images].map(([tag, image]) => ({ ...image, RepoTags: [tag] }));
    }

    private pull(name: string, send: (status: number, body: unknown) => void): void {
        // A name without a registry may come as Docker Hub's own, which is the same image.
        const short = name.replace(/^docker\.io\//, "");
        const image = this.registry.get(short);
        if (image === undefined) {
            send(404, { message: `manifest for ${short} not found: manifest unknown: manifest unknown` });
        } else {
            this.images.set(short, image);
            send(200, { status: `Status: Downloaded newer image for ${short}` });
        }
    }
}

function decoded(header: string | string[] | undefined): unknown {
    return typeof header === "string" ? JSON.parse(Buffer.from(header, "base64url").toString()) : undefined;
}
