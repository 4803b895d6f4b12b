import http from "node:http";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import type { ServerChannel } from "ssh2";

export interface EngineImage {
    readonly Id: string;
    readonly RepoDigests: string[];
}

/** As much of a Docker engine as pulling takes. Images of `registry` can be pulled, and nothing else. */
export class FakeEngine {
    readonly images = new Map<string, EngineImage>();
    readonly requests: string[] = [];
    private readonly server = http.createServer((request, response) => this.answer(request, response));

    private constructor(private readonly registry: Record<string, EngineImage>) {}

    static async start(registry: Record<string, EngineImage>): Promise<FakeEngine> {
        const engine = new FakeEngine(registry);
        engine.server.listen(0, "127.0.0.1");
        await once(engine.server, "listening");
        return engine;
    }

    stop(): void {
        this.server.close();
        this.server.closeAllConnections();
    }

    get port(): number {
        return (this.server.address() as AddressInfo).port;
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
            response.writeHead(status, { "Api-Version": "1.45", "Content-Type": "application/json" });
            response.end(JSON.stringify(body));
        };
        if (target === "GET /_ping") {
            send(200, "OK");
            return;
        }
        const [, verb, name = ""] = /^(GET|DELETE) \/v1\.45\/images\/(.+?)(?:\/json)?$/.exec(target) ?? [];
        if (verb === "GET") {
            const image = this.images.get(name);
            send(image === undefined ? 404 : 200, image ?? { message: `No such image: ${name}` });
        } else if (verb === "DELETE") {
            send(this.images.delete(name) ? 200 : 404, []);
        } else if (target === "POST /v1.45/images/create") {
            const pulled = `${url.searchParams.get("fromImage")}:${url.searchParams.get("tag")}`;
            const image = this.registry[pulled];
            if (image === undefined) {
                const message = `manifest for ${pulled} not found: manifest unknown: manifest unknown`;
                send(404, { message });
            } else {
                this.images.set(pulled, image);
                send(200, { status: `Status: Downloaded newer image for ${pulled}` });
            }
        } else {
            send(400, { message: `unexpected request: ${target}` });
        }
    }
}
