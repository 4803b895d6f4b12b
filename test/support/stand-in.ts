import * as assert from "node:assert/strict";
import { cleanUp } from "./clean-up";
import { Ended, run, succeed } from "./run";
import { until } from "./until";

export const SECRET_KEY = "a-secret-key-of-the-tests-that-is-long-enough";

/** Environment of the lab's own engine, which is made and started with its images where they are not there yet. */
async function engine(): Promise<NodeJS.ProcessEnv> {
    for (const script of ["engine-host/packages", "engine-host/start", "engine-host/base-image", "images/build"]) {
        await succeed(`lab/${script}`, []);
    }
    const { stdout } = await succeed("bash", ["-c", '. lab/lib/common.sh && echo "$DOCKER_HOST|$DOCKER_CONFIG"']);
    const [host, config] = stdout.trim().split("|");
    return { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: config };
}

export interface ContainerOptions {
    readonly database?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** Replaces the image's entry point, as compose does for worker and beat. */
    readonly entrypoint?: string;
}

interface AppOptions extends ContainerOptions {
    readonly port?: number;
}

/** A PostgreSQL and a Redis of the lab, and containers of the stand-in, all on one network address of their own. */
export class Pod {
    private containers = 0;

    private constructor(
        readonly name: string,
        private readonly env: NodeJS.ProcessEnv,
    ) {}

    address = "";

    static async start(name: string): Promise<Pod> {
        const pod = new Pod(`stand-in-${name}`, await engine());
        await pod.stop();
        await pod.docker("volume", "create", pod.name);
        // Holds the address, so that database and Redis may come and go.
        const owner = ["--name", `${pod.name}-address`, "--label", pod.name, "--network", "specivo-droplets"];
        await pod.docker("run", "--detach", "--init", ...owner, "lab-base", "sleep", "infinity");
        const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        pod.address = await pod.docker("inspect", "--format", format, `${pod.name}-address`);
        const variables = [
            "-e",
            "POSTGRES_USER=specivo",
            "-e",
            "POSTGRES_PASSWORD=specivo",
            "-e",
            "POSTGRES_DB=specivo",
        ];
        const database = ["pgvector/pgvector:pg18", "postgres", "-c", "fsync=off", "-c", "max_connections=300"];
        await pod.docker("run", "--detach", ...pod.options("db"), ...variables, ...database);
        await pod.docker(
            "run",
            "--detach",
            ...pod.options("redis"),
            "redis:7-alpine",
            "redis-server",
            "--appendonly",
            "yes",
        );
        await until(30, "the start of PostgreSQL", async () => {
            const ready = ["exec", `${pod.name}-db`, "pg_isready", "-h", "127.0.0.1", "-U", "specivo", "-d", "specivo"];
            return (await pod.tryDocker(...ready)).status === 0;
        });
        return pod;
    }

    /** Removes the pod with all that was started in it, and what an interrupted run has left. */
    async stop(): Promise<void> {
        const ids = await this.docker("ps", "--all", "--quiet", "--filter", `label=${this.name}`);
        await cleanUp(
            ...ids
                .split("\n")
                .filter(Boolean)
                .map((id) => () => this.docker("rm", "--force", "--volumes", id)),
        );
        await this.docker("volume", "rm", "--force", this.name);
    }

    private options(part: string): string[] {
        const container = `${this.name}-${part}`;
        return ["--name", container, "--label", this.name, "--network", `container:${this.name}-address`];
    }

    tryDocker(...args: string[]): Promise<Ended> {
        return run("docker", args, { env: this.env });
    }

    /** A line of shell on this machine, with its arguments, that speaks to the lab's engine. */
    shell(line: string, ...args: string[]): Promise<Ended> {
        return run("sh", ["-c", line, ...args], { env: this.env });
    }

    async docker(...args: string[]): Promise<string> {
        return (await succeed("docker", args, { env: this.env })).stdout.trim();
    }

    /** What a query gives, one row a line, columns separated by `|`. */
    async sql(query: string, database = "specivo"): Promise<string> {
        const psql = ["psql", "--quiet", "--tuples-only", "--no-align", "-v", "ON_ERROR_STOP=1", "-U", "specivo"];
        const args = ["exec", "--interactive", `${this.name}-db`, ...psql, "-d", database];
        return (await succeed("docker", args, { env: this.env, input: query })).stdout.trim();
    }

    async newDatabase(name: string, template = "template0"): Promise<string> {
        await this.sql(`CREATE DATABASE ${name} TEMPLATE ${template}`, "postgres");
        return name;
    }

    async revision(database = "specivo"): Promise<string> {
        return this.sql("SELECT version_num FROM alembic_version", database);
    }

    /** Rows of each table of the database, those of alembic aside. */
    async counts(database = "specivo"): Promise<Record<string, number>> {
        const lines = await this.sql(
            `SELECT format('SELECT %L, count(*) FROM %I', relname, relname)
            FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                AND NOT relispartition AND relname <> 'alembic_version' ORDER BY relname \\gexec`,
            database,
        );
        return Object.fromEntries(
            lines
                .split("\n")
                .filter(Boolean)
                .map((line) => line.split("|"))
                .map(([table = "", count]) => [table, Number(count)]),
        );
    }

    private variables(options: ContainerOptions): string[] {
        const env = {
            DATABASE_URL: `postgresql+asyncpg://specivo:specivo@127.0.0.1:5432/${options.database ?? "specivo"}`,
            REDIS_URL: "redis://127.0.0.1:6379/0",
            SECRET_KEY,
            BCRYPT_ROUNDS: "4",
            RATE_LIMIT_ENABLED: "false",
            ...options.env,
        };
        return Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    }

    /** Runs one command of a release to its end, without its entry point. */
    run(version: string, command: readonly [string, ...string[]], options: ContainerOptions = {}): Promise<Ended> {
        const part = `run-${++this.containers}`;
        const [entrypoint, ...args] = command;
        const all = ["run", "--rm", ...this.options(part), ...this.variables(options), "--entrypoint", entrypoint];
        return this.tryDocker(...all, "--volume", `${this.name}:/app/data`, `specivo/specivo:${version}`, ...args);
    }

    migrate(version: string, database: string): Promise<Ended> {
        return this.run(version, ["alembic", "upgrade", "head"], { database });
    }

    /** Starts a container as compose would, with its restart policy and, for the api, its health check. */
    private async start(
        version: string,
        options: ContainerOptions,
        extra: string[],
        command: string[],
    ): Promise<Container> {
        const part = `${++this.containers}-${version}`;
        const entrypoint = options.entrypoint === undefined ? [] : ["--entrypoint", options.entrypoint];
        const always = ["--restart", "unless-stopped", "--volume", `${this.name}:/app/data`, ...entrypoint, ...extra];
        const all = ["run", "--detach", ...this.options(part), ...this.variables(options), ...always];
        await this.docker(...all, `specivo/specivo:${version}`, ...command);
        return new Container(this, `${this.name}-${part}`);
    }

    worker(version: string, options: ContainerOptions = {}): Promise<Container> {
        const args = ["-A", "specivo.tasks", "worker", "--loglevel=info", "--concurrency=1"];
        return this.start(version, { ...options, entrypoint: "celery" }, [], args);
    }

    beat(version: string, options: ContainerOptions = {}): Promise<Container> {
        const args = ["-A", "specivo.tasks", "beat", "--loglevel=info", "--schedule=/tmp/schedule"];
        return this.start(version, { ...options, entrypoint: "celery" }, [], args);
    }

    async api(version: string, options: AppOptions = {}): Promise<Api> {
        const port = options.port ?? 8000;
        const probe = `import urllib.request; urllib.request.urlopen('http://localhost:${port}/health')`;
        const times = [
            "--health-interval=10s",
            "--health-timeout=5s",
            "--health-retries=5",
            "--health-start-period=30s",
        ];
        const health = ["--health-cmd", `python -c "${probe}"`, ...times];
        const command = ["uvicorn", "specivo.main:app", "--host", "0.0.0.0", "--port", String(port)];
        const container = await this.start(version, options, health, command);
        return new Api(this, container.name, `http://${this.address}:${port}`);
    }
}

/** A container that goes on by itself, in the state that the engine tells. */
export class Container {
    constructor(
        protected readonly pod: Pod,
        readonly name: string,
    ) {}

    private inspect(format: string): Promise<string> {
        return this.pod.docker("inspect", "--format", format, this.name);
    }

    state(): Promise<string> {
        return this.inspect("{{.State.Status}}");
    }

    health(): Promise<string> {
        return this.inspect("{{.State.Health.Status}}");
    }

    async restarts(): Promise<number> {
        return Number(await this.inspect("{{.RestartCount}}"));
    }

    /** All it has said on stdout and stderr so far, in that order: through one pipe, as two would mix them up. */
    async log(): Promise<string> {
        const ended = await this.pod.shell('exec docker logs "$0" 2>&1', this.name);
        return ended.stdout;
    }

    async says(pattern: RegExp, seconds = 30): Promise<string> {
        return until(seconds, `${this.name} saying ${pattern}`, async () => {
            const log = await this.log();
            return pattern.test(log) && log;
        });
    }

    exec(...command: string[]): Promise<Ended> {
        return this.pod.tryDocker("exec", this.name, ...command);
    }

    async restart(): Promise<void> {
        await this.pod.docker("restart", "--time", "2", this.name);
    }

    async remove(): Promise<void> {
        await this.pod.docker("rm", "--force", "--volumes", this.name);
    }
}

type Json = Record<string, unknown>;

/** The application, as its users reach it. */
export class Api extends Container {
    constructor(
        pod: Pod,
        name: string,
        readonly url: string,
    ) {
        super(pod, name);
    }

    fetch(path: string, init: RequestInit = {}): Promise<Response> {
        return fetch(this.url + path, { redirect: "manual", signal: AbortSignal.timeout(10_000), ...init });
    }

    /** Waits for the application itself, not for the health check that the engine runs every 10 s. */
    async answers(path = "/health/", seconds = 40): Promise<this> {
        await until(seconds, `an answer of ${this.name}`, () =>
            this.fetch(path).then(
                () => true,
                () => false,
            ),
        );
        return this;
    }

    async healthBody(): Promise<Json> {
        const response = await this.fetch("/health/");
        assert.equal(response.status, 200);
        return (await response.json()) as Json;
    }

    /** A request under `/api/v1` with that API key or session. */
    request(method: string, path: string, token: string, body?: Json | FormData): Promise<Response> {
        const json = body === undefined || body instanceof FormData ? {} : { "content-type": "application/json" };
        return this.fetch(`/api/v1${path}`, {
            method,
            headers: { authorization: `Bearer ${token}`, ...json },
            body: body === undefined || body instanceof FormData ? (body ?? null) : JSON.stringify(body),
        });
    }

    /** The body of a request that must succeed. */
    async call<T = Json>(method: string, path: string, token: string, body?: Json | FormData): Promise<T> {
        const response = await this.request(method, path, token, body);
        const text = await response.text();
        assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
        return JSON.parse(text) as T;
    }

    async createAdmin(): Promise<void> {
        const user = ["--login", "admin", "--email", "admin@example.org", "--password", "correct horse"];
        const ended = await this.exec("python", "-m", "specivo.cli.admin", "create", ...user);
        assert.equal(ended.status, 0, ended.output);
    }

    /** A session of the administrator. */
    async signIn(): Promise<string> {
        const body = { login: "admin", password: "correct horse" };
        return (await this.call<{ access_token: string }>("POST", "/auth/login/", "", body)).access_token;
    }

    async createKey(): Promise<string> {
        return (await this.call<{ key: string }>("POST", "/api-keys/", await this.signIn(), { name: "test" })).key;
    }

    createIssue(key: string, project: string, subject: string, description = ""): Promise<{ id: number; ref: string }> {
        return this.call("POST", "/issues/", key, { project, subject, description });
    }

    async found(key: string, words: string): Promise<string[]> {
        const { items } = await this.call<{ items: { title: string }[] }>("GET", `/search/?q=${words}`, key);
        return items.map((item) => item.title).sort();
    }

    upload(key: string, issue: number, name: string, content: string, description?: string): Promise<{ id: number }> {
        const form = new FormData();
        form.set("file", new Blob([content]), name);
        form.set("container_type", "issue");
        form.set("container_id", String(issue));
        if (description !== undefined) {
            form.set("description", description);
        }
        return this.call("POST", "/attachments/", key, form);
    }

    async download(key: string, attachment: number): Promise<string> {
        return (await this.request("GET", `/attachments/${attachment}/download/`, key)).text();
    }
}
