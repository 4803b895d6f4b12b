import http from "node:http";
import { text } from "node:stream/consumers";
import { explained } from "../core/errors";
import type { DockerConfig, RegistryAuth } from "./config";
import { connectEngine, type EngineConnection } from "./connection";

/** The newest API version this speaks; an older engine lowers it. */
const NEWEST = "1.51";
const OLDEST = "1.24";

export interface FoundImage {
    readonly Id: string;
    readonly RepoDigests?: string[] | null;
}

interface Answer {
    readonly status: number;
    readonly headers: http.IncomingHttpHeaders;
    readonly body: string;
}

/** A Docker engine, asked for its API version before its first work and not again. */
export class DockerClient {
    private version: string | undefined;

    constructor(readonly config: DockerConfig) {}

    /** One connection for one piece of work. */
    async use<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
        const connection = new Connection(this.config);
        try {
            this.version ??= await this.negotiate(connection);
            return await work(new Engine(connection, this.version));
        } finally {
            connection.close();
        }
    }

    async ping(): Promise<void> {
        await this.use(async () => undefined);
    }

    private async negotiate(connection: Connection): Promise<string> {
        const head = await connection.send("HEAD", "/_ping").catch((error: unknown) => {
            const advice = `please make sure that ${this.config.host} is reachable and has a  '_ping' endpoint`;
            throw explained(`failed to create Docker client: Error pinging Docker server, ${advice}. Error: `, error);
        });
        const offered = head.headers["api-version"];
        return typeof offered === "string" ? older(offered, NEWEST) : OLDEST;
    }
}

/** The Docker engine's HTTP interface, as far as images take it. */
export class Engine {
    constructor(
        private readonly connection: Connection,
        private readonly version: string,
    ) {}

    /** Undefined when the engine does not have the image. */
    async find(name: string): Promise<FoundImage | undefined> {
        const listed = await this.send("GET", "/images/json").catch((error: unknown) => {
            throw explained("unable to list Docker images: ", error);
        });
        const inspected = await this.connection.send("GET", this.path(`/images/${path(name)}/json`));
        if (inspected.status === 404) {
            return undefined;
        }
        const { Id: id } = JSON.parse(accepted(inspected).body) as FoundImage;
        return (JSON.parse(listed.body) as FoundImage[]).find((image) => image.Id === id);
    }

    /** The stream of progress is read to its end; what goes wrong within it shows by the image not being there. */
    async pull(repository: string, tag: string, platform: string | undefined, auth: RegistryAuth | undefined) {
        const query = new URLSearchParams({ fromImage: repository, tag, ...(platform ? { platform } : {}) });
        const credentials = { username: auth?.username, password: auth?.password, serveraddress: auth?.address };
        const header = Buffer.from(JSON.stringify(credentials)).toString("base64url");
        await this.send("POST", `/images/create?${query.toString()}`, { "X-Registry-Auth": header });
    }

    /** Layers that only this image had stay. */
    async remove(name: string, force: boolean): Promise<void> {
        await this.send("DELETE", `/images/${path(name)}?${force ? "force=1&" : ""}noprune=1`);
    }

    private async send(method: string, target: string, headers?: http.OutgoingHttpHeaders): Promise<Answer> {
        return accepted(await this.connection.send(method, this.path(target), headers));
    }

    private path(target: string): string {
        return `/v${this.version}${target}`;
    }
}

class Connection {
    private opened: EngineConnection | undefined;
    private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

    constructor(private readonly config: DockerConfig) {
        this.agent.createConnection = () => {
            this.opened = connectEngine(this.config);
            return this.opened.stream;
        };
    }

    close(): void {
        this.agent.destroy();
        this.opened?.stream.destroy();
    }

    send(method: string, target: string, headers: http.OutgoingHttpHeaders = {}): Promise<Answer> {
        return new Promise((resolve, reject) => {
            const request = http.request({ agent: this.agent, method, path: target, host: "docker", headers });
            request.once("error", (error) => reject(new Error(this.explain(error, method, target))));
            request.once("response", (response) => {
                text(response).then(
                    (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
                    reject,
                );
            });
            request.end();
        });
    }

    private explain(error: Error, method: string, target: string): string {
        if (!this.config.host.startsWith("ssh://")) {
            return `Cannot connect to the Docker daemon at ${this.config.host}. Is the docker daemon running?`;
        }
        const verb = method.charAt(0) + method.slice(1).toLowerCase();
        const reason = this.opened?.reason() ?? error.message;
        return `error during connect: ${verb} "http://docker.example.com${target}": ${reason}`;
    }
}

function accepted(answer: Answer): Answer {
    if (answer.status >= 400) {
        throw new Error(`Error response from daemon: ${messageOf(answer.body)}`);
    }
    return answer;
}

function messageOf(body: string): string {
    try {
        return (JSON.parse(body) as { message: string }).message;
    } catch {
        return body.trim();
    }
}

function path(name: string): string {
    return name.split("/").map(encodeURIComponent).join("/");
}

function older(a: string, b: string): string {
    const minor = (version: string) => Number(version.split(".")[1]);
    return minor(a) < minor(b) ? a : b;
}
