import * as fs from "node:fs";
import { Droplet, fingerprint, Instance, on } from "./lab";

interface ComposeConfig {
    readonly services: Record<string, { readonly environment?: Record<string, string> }>;
}

interface Fingerprint {
    readonly revision: string;
    readonly tables: Record<string, { readonly rows: number; readonly hash: string }>;
    readonly files: Record<string, string>;
}

/** An instance on a droplet, as an administrator on the server and its users see it. */
export class Installed {
    constructor(
        readonly droplet: Droplet,
        readonly instance: Instance = droplet,
    ) {}

    /** What a command in the install directory prints, which must succeed. */
    async on(command: string): Promise<string> {
        return (await on(this.droplet, `cd ${this.instance.installDir} && { ${command}\n} </dev/null`)).trim();
    }

    /** One value of the environment in which a service really runs. */
    async running(variable: string, service = "api"): Promise<string | undefined> {
        const container = `${this.instance.project}-${service}-1`;
        return variables(await this.on(`docker inspect -f '{{range .Config.Env}}{{println .}}{{end}}' ${container}`))[
            variable
        ];
    }

    /** What plain `docker compose up` would give the api. */
    async composed(variable: string): Promise<string | undefined> {
        const config = JSON.parse(await this.on("docker compose config --format json")) as ComposeConfig;
        return config.services["api"]?.environment?.[variable];
    }

    /** Values of a file like `.env`, as they stand there. */
    async file(name: string): Promise<Record<string, string>> {
        return variables(await this.on(`cat ${name}`));
    }

    /** What a query on the instance's own database gives, one row a line, columns separated by `|`. */
    async sql(query: string): Promise<string> {
        return (await on(this.droplet, `${this.instance.psql} -qAt -v ON_ERROR_STOP=1`, query)).trim();
    }

    /** The response to an API request with the key that the lab has made. */
    api(method: string, path: string, body?: object): Promise<Response> {
        const authorization = `Bearer ${fs.readFileSync(this.instance.apiKeyPath, "utf8").trim()}`;
        return fetch(`${this.instance.url}/api/v1${path}`, {
            method,
            headers: { authorization, "content-type": "application/json" },
            body: body === undefined ? null : JSON.stringify(body),
            signal: AbortSignal.timeout(10_000),
        });
    }

    /** Status of the site for a visitor; 0 where nothing answers. */
    async status(url = this.instance.url): Promise<number> {
        return fetch(`${url}/`, { redirect: "manual", signal: AbortSignal.timeout(5_000) }).then(
            (response) => response.status,
            () => 0,
        );
    }

    /** Ids of the project's containers, by service. */
    async containers(): Promise<Record<string, string>> {
        const format = `{{.Label "com.docker.compose.service"}}={{.ID}}`;
        const filter = `label=com.docker.compose.project=${this.instance.project}`;
        return variables(await this.on(`docker ps -a --no-trunc --filter ${filter} --format '${format}'`));
    }

    async fingerprint(): Promise<Fingerprint> {
        return JSON.parse(await fingerprint(this.droplet, this.instance)) as Fingerprint;
    }
}

function variables(lines: string): Record<string, string> {
    return Object.fromEntries(
        lines
            .split("\n")
            .filter((line) => /^\w[\w-]*=/.test(line))
            .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
}
