import http from "node:http";
import { text } from "node:stream/consumers";
import type { DockerConfig, RegistryAuth } from "./config";
import { connectEngine, type EngineConnection } from "./connection";

/** The newest API version this speaks; an older engine lowers it. */
const NEWEST = "1.51";
const OLDEST = "1.24";

export interface FoundImage {
    readonly Id: string;
    readonly RepoDigests?: string[];
}

interface Answer {
    readonly status: number;
    readonly headers: http.IncomingHttpHeaders;
    readonly body: string;
}

/** The Docker engine's HTTP interface over one connection, which `close` ends. */
export class Engine {
    private connection: EngineConnection | undefined;
    private version = OLDEST;
    private readonly agent: http.Agent;

    private constructor(private readonly config: DockerConfig) {
        this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        this.agent.createConnection = () => {
            this.connection = connectEngine(this.config);
            return this.connection.stream;
        };
    }

    static async use<T>(config: DockerConfig, work: (engine: Engine) => Promise<T>): Promise<T> {
        const engine = new Engine(config);
        try {
            return await work(engine);
        } finally {
            engine.agent.destroy();
            engine.connection?.stream.destroy();
        }
    }

    async ping(): Promise<void> {
        const answer = await this.send("GET", "/_ping");
        const offered = answer.headers["api-version"];
        if (typeof offered === "string") {
            this.version = older(offered, NEWEST);
        }
    }

    /** Undefined when the engine does not have the image. */
    async inspect(name: string): Promise<FoundImage | undefined> {
        await this.ping();
        const answer = await this.send("GET", `/v${this.version}/images/${path(name)}/json`);
        if (answer.status === 404) {
            return undefined;
        }
        return JSON.parse(this.accepted(answer).body) as FoundImage;
    }

    /** The stream of progress is read to its end; what goes wrong within it shows by the image not being there. */
    async pull(repository: string, tag: string, platform: string | undefined, auth: RegistryAuth | undefined) {
        const query = new URLSearchParams({ fromImage: repository, tag, ...(platform ? { platform } : {}) });
        const credentials = { username: auth?.username, password: auth?.password, serveraddress: auth?.address };
        const header = Buffer.from(JSON.stringify(credentials)).toString("base64url");
        const headers = { "X-Registry-Auth": header };
        this.accepted(await this.send("POST", `/v${this.version}/images/create?${query.toString()}`, headers));
    }

    async remove(name: string, force: boolean): Promise<void> {
        const query = force ? "?force=1" : "";
        this.accepted(await this.send("DELETE", `/v${this.version}/images/${path(name)}${query}`));
    }

    private accepted(answer: Answer): Answer {
        if (answer.status >= 400) {
            const message = messageOf(answer.body);
            throw new Error(`Error response from daemon: ${message}`);
        }
        return answer;
    }

    private send(method: string, target: string, headers: http.OutgoingHttpHeaders = {}): Promise<Answer> {
        return new Promise((resolve, reject) => {
            const request = http.request({ agent: this.agent, method, path: target, host: "docker", headers });
            request.once("error", (error) => {
                const reason = this.connection?.reason() ?? error.message;
                const verb = method.charAt(0) + method.slice(1).toLowerCase();
                reject(new Error(`error during connect: ${verb} "http://docker.example.com${target}": ${reason}`));
            });
            request.once("response", (response) => {
                text(response).then(
                    (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
                    reject,
                );
            });
            request.end();
        });
    }
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
