import { createServer, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** A comment or an issue, as far as the API's answers are used. */
export interface Entry {
    id: number;
    number: number;
    body: string;
    title?: string;
    state?: string;
    user: { login: string };
    pull_request?: object;
}

/** As much of GitHub's REST API as the workflows use, for one repository, on loopback. */
export class GitHub {
    readonly comments: Entry[] = [];
    readonly issues: Entry[] = [];
    /** Method and path of each request, without the repository. */
    readonly asked: string[] = [];
    /** Answers of these statuses come first. */
    readonly faults: number[] = [];
    readonly token = "ghs_canary4c1d";
    readonly #server: Server;

    private constructor() {
        this.#server = createServer((request, response) => {
            void this.#answer(request).then(([status, body]) => {
                response.writeHead(status, { "content-type": "application/json" });
                response.end(JSON.stringify(body));
            });
        });
    }

    static async start(): Promise<GitHub> {
        const github = new GitHub();
        github.#server.listen(0, "127.0.0.1");
        await once(github.#server, "listening");
        return github;
    }

    stop(): void {
        this.#server.close();
        this.#server.closeAllConnections();
    }

    /** What a job's steps are given. */
    get environment(): Record<string, string> {
        const { port } = this.#server.address() as AddressInfo;
        return {
            GITHUB_API_URL: `http://127.0.0.1:${port}`,
            GITHUB_REPOSITORY: "team/infra",
            GITHUB_TOKEN: this.token,
        };
    }

    add(to: Entry[], body: string, login = "github-actions[bot]"): Entry {
        const id = 1000 + to.length;
        const entry = { id, number: id, body, state: "open", user: { login } };
        to.push(entry);
        return entry;
    }

    async #answer(request: IncomingMessage): Promise<[number, unknown]> {
        const url = new URL(request.url ?? "", "http://x");
        const path = url.pathname.replace("/repos/team/infra", "");
        this.asked.push(`${request.method} ${path}`);
        const fault = this.faults.shift();
        if (fault !== undefined) {
            return [fault, { message: "A fault of this test" }];
        }
        if (request.headers.authorization !== `Bearer ${this.token}`) {
            return [401, { message: "Bad credentials" }];
        }
        const chunks: Buffer[] = [];
        for await (const chunk of request) {
            chunks.push(chunk as Buffer);
        }
        const sent = JSON.parse(Buffer.concat(chunks).toString() || "{}") as Partial<Entry>;
        return this.#route(`${request.method} ${path}`, url.searchParams, sent);
    }

    #route(what: string, query: URLSearchParams, sent: Partial<Entry>): [number, unknown] {
        if ((sent.body ?? "").length > 65_536) {
            return [422, { message: "Validation Failed" }];
        }
        const [list, id] = /\/comments/.test(what)
            ? [this.comments, /comments\/(\d+)$/]
            : [this.issues, /issues\/(\d+)$/];
        const one = list.find(({ number }) => String(number) === id.exec(what)?.[1]);
        if (/^GET .*\/(comments|issues)$/.test(what)) {
            const [size, page] = [Number(query.get("per_page") ?? 30), Number(query.get("page") ?? 1)];
            const open = list.filter(({ state }) => list === this.comments || state === "open");
            return [200, open.slice((page - 1) * size, page * size)];
        }
        if (/^POST \/issues(\/\d+\/comments)?$/.test(what)) {
            return [201, Object.assign(this.add(list, ""), sent)];
        }
        return what.startsWith("PATCH") && one !== undefined
            ? [200, Object.assign(one, sent)]
            : [404, { message: "Not Found" }];
    }
}
