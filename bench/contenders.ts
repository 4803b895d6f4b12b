import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type Droplet, on } from "../test/support/lab";
import { root } from "../test/support/run";
import { Stack } from "../test/support/stack";
import { measured, type Ran } from "./process";

/** A way to change an instance's version. */
export interface Contender {
    readonly name: string;
    /** Whatever is done once, by whoever begins to use it. */
    prepare(): Promise<void>;
    /** To a version, with a backup off the server first. */
    upgrade(version: string): Promise<Ran>;
    /** Back to the version before; `data` when the schema has moved since. */
    rollback(version: string, data: boolean): Promise<Ran>;
    remove(): Promise<void>;
}

/** The published how-to, typed by a script over one SSH session; what it asks to be looked at is printed. */
export class HowTo implements Contender {
    readonly name = "the how-to";
    readonly #key = "/root/.ssh/bench-target";
    #times = 0;

    constructor(private readonly droplet: Droplet) {}

    async prepare(): Promise<void> {
        const { privateKeyPath, knownHostsPath } = this.droplet.offsite.sftp;
        const write = (file: string, from: string) =>
            on(this.droplet, `umask 077; mkdir -p /root/.ssh; cat >${file}`, fs.readFileSync(from, "utf8"));
        await write(this.#key, privateKeyPath);
        await write(`${this.#key}.known`, knownHostsPath);
    }

    upgrade(version: string): Promise<Ran> {
        const name = String(++this.#times);
        const [, target = "", directory = ""] =
            /^sftp:([^:]+):(.*)\/[^/]+$/.exec(this.droplet.offsite.sftp.repository) ?? [];
        return this.#type(`
            docker compose ps
            docker compose exec -T api alembic current
            df -h /
            mkdir -p ../specivo-backups
            docker compose exec -T db pg_dump -U specivo specivo >../specivo-backups/backup-${name}.sql
            # 1: a file changed while it was read, which under a live database it may.
            tar czf ../specivo-backups/specivo-data-${name}.tar.gz specivo-data || [ $? = 1 ]
            scp -q -i ${this.#key} -o UserKnownHostsFile=${this.#key}.known ../specivo-backups/*-${name}.* ${target}:${directory}/
            ${pin(version)}
            docker compose pull
            docker compose up -d
            ${VERIFY}`);
    }

    rollback(version: string, data: boolean): Promise<Ran> {
        const name = String(this.#times);
        return this.#type(
            data
                ? `${pin(version)}
            docker compose down
            tar xzf ../specivo-backups/specivo-data-${name}.tar.gz
            docker compose up -d db
            # The page does not say it, but psql can't connect before.
            until docker compose exec -T db pg_isready -q -h 127.0.0.1 -U specivo; do sleep 0.5; done
            docker compose exec -T db psql -q -U specivo specivo <../specivo-backups/backup-${name}.sql >/dev/null 2>&1
            docker compose up -d
            ${VERIFY}`
                : `${pin(version)}
            docker compose pull
            docker compose up -d
            ${VERIFY}`,
        );
    }

    async remove(): Promise<void> {
        // Nothing of it is outside of the droplet.
    }

    #type(commands: string): Promise<Ran> {
        const { droplet } = this;
        const options = ["BatchMode=yes", "StrictHostKeyChecking=yes", `UserKnownHostsFile=${droplet.knownHosts}`];
        const args = ["-F", "none", ...options.flatMap((option) => ["-o", option]), "-p", String(droplet.port)];
        return measured("ssh", [...args, `${droplet.user}@${droplet.address}`, `bash -ec "$(cat)"`], {
            env: { ...process.env, SSH_AUTH_SOCK: droplet.agentSocket },
            input: `cd ${droplet.installDir}\n${commands}\n`,
        });
    }
}

function pin(version: string): string {
    return `sed -i 's/^SPECIVO_VERSION=.*/SPECIVO_VERSION=${version}/' .env`;
}

/** As the page says: watched until the application is up, then containers, sign-in page and schema. */
const VERIFY = `until docker compose logs api | grep -q 'Application startup complete'; do sleep 0.5; done
            docker ps
            curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:9933/ | grep -x 302
            docker compose exec -T api alembic current`;

/** A stack of this program, with all its proofs. */
export class Program implements Contender {
    readonly name = "this program";
    #stack: Stack | undefined;

    constructor(private readonly droplet: Droplet) {}

    async prepare(): Promise<void> {
        this.#stack = await Stack.create(`bench-${this.droplet.name}`, this.droplet);
        await this.#stack.configure(this.droplet, "0.1.9");
        await this.#stack.set({ rollbackWindow: "1d" });
    }

    async upgrade(version: string): Promise<Ran> {
        await this.#made.set({ specivoVersion: version });
        return this.#pulumi("up", "--yes");
    }

    rollback(version: string): Promise<Ran> {
        return this.upgrade(version);
    }

    /** `up` with nothing to do. */
    idle(): Promise<Ran> {
        return this.#pulumi("up", "--yes", "--expect-no-changes");
    }

    preview(): Promise<Ran> {
        return this.#pulumi("preview");
    }

    async remove(): Promise<void> {
        await this.#stack?.remove();
    }

    get #made(): Stack {
        if (this.#stack === undefined) {
            throw new Error("prepare comes first");
        }
        return this.#stack;
    }

    #pulumi(...args: string[]): Promise<Ran> {
        return pulumi(root, [...args, "--stack", this.#made.name], this.#made.environment);
    }
}

/** A program that does nothing: what the engine itself takes. */
export class EmptyProgram {
    readonly #directory = fs.mkdtempSync(path.join(os.tmpdir(), "empty-"));
    readonly #env = { ...process.env, SPECIVO_LAB: "1" };

    async prepare(): Promise<void> {
        fs.symlinkSync(path.join(root, "node_modules"), path.join(this.#directory, "node_modules"));
        fs.copyFileSync(path.join(root, "tsconfig.json"), path.join(this.#directory, "tsconfig.json"));
        fs.writeFileSync(path.join(this.#directory, "Pulumi.yaml"), "name: empty\nruntime: nodejs\n");
        fs.writeFileSync(path.join(this.#directory, "package.json"), '{ "main": "index.ts" }\n');
        fs.writeFileSync(path.join(this.#directory, "index.ts"), "export {};\n");
        await pulumi(this.#directory, ["stack", "init", "empty"], this.#env);
        await this.idle();
    }

    idle(): Promise<Ran> {
        return pulumi(this.#directory, ["up", "--yes", "--stack", "empty"], this.#env);
    }

    preview(): Promise<Ran> {
        return pulumi(this.#directory, ["preview", "--stack", "empty"], this.#env);
    }

    async remove(): Promise<void> {
        await pulumi(this.#directory, ["stack", "rm", "--yes", "--force", "--stack", "empty"], this.#env);
        fs.rmSync(this.#directory, { recursive: true });
    }
}

/** The command itself, as its users call it, without what `npm run pulumi` looks after first. */
function pulumi(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
    const call = `. '${root}/scripts/env'; exec pulumi "$@" --non-interactive --color never`;
    return measured("bash", ["-c", call, "pulumi", ...args], { cwd, env });
}
