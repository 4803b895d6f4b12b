import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Droplet, Instance } from "./lab";
import { Ended, root, run } from "./run";

/** One event of the engine's own log, as far as tests look into it. */
export interface EngineEvent {
    readonly timestamp: number;
    readonly sequence: number;
    readonly resourcePreEvent?: { metadata: { op: string; urn: string; type: string } };
    readonly resOutputsEvent?: { metadata: { op: string; urn: string; type: string } };
    readonly summaryEvent?: { resourceChanges: Record<string, number> };
}

/** A stack of this program, driven through the command line as its users do. */
export class Stack {
    readonly #env: NodeJS.ProcessEnv;
    readonly #name: string;

    private constructor(name: string, env: NodeJS.ProcessEnv) {
        this.#name = name;
        this.#env = env;
    }

    /** A new, empty stack; one of the name that is left from before is removed first. */
    static async create(
        name: string,
        droplet: Pick<Droplet, "agentSocket">,
        environment: NodeJS.ProcessEnv = {},
    ): Promise<Stack> {
        const { agentSocket } = droplet;
        const stack = new Stack(name, { ...process.env, SPECIVO_LAB: "1", SSH_AUTH_SOCK: agentSocket, ...environment });
        await stack.remove();
        await stack.succeed(["stack", "init", name]);
        return stack;
    }

    get name(): string {
        return this.#name;
    }

    /** What a command needs that works on this stack. */
    get environment(): NodeJS.ProcessEnv {
        return this.#env;
    }

    /** `npm run upgrade -- VERSION`. */
    upgrade(version: string): Promise<Ended> {
        return run("scripts/upgrade", [version, "--stack", this.#name], { env: this.#env });
    }

    get #file(): string {
        return path.join(root, `Pulumi.${this.#name}.yaml`);
    }

    /** The stack's config as it lies in its file, for `restoreConfig`. */
    config(): string {
        return fs.readFileSync(this.#file, "utf8");
    }

    restoreConfig(config: string): void {
        fs.writeFileSync(this.#file, config);
    }

    /** Removes the stack of that name if there is one; its resources stay. */
    static async remove(name: string): Promise<void> {
        await new Stack(name, { ...process.env, SPECIVO_LAB: "1" }).remove();
    }

    /** The state is lost, as on another machine or after an accident; the server is as it was. */
    async forget(): Promise<void> {
        await this.remove();
        await this.succeed(["stack", "init", this.#name]);
    }

    async remove(): Promise<void> {
        // An update that was killed leaves its lock, at which the removal would stop.
        await this.pulumi(["cancel", "--yes"]);
        const ended = await this.pulumi(["stack", "rm", "--yes", "--force", "--stack", this.#name]);
        if (ended.status !== 0 && !/no stack named '.*' found/.test(ended.output)) {
            throw new Error(`the stack ${this.#name} could not be removed:\n${ended.output}`);
        }
        fs.rmSync(this.#file, { force: true });
    }

    /** Runs `pulumi ARGS` on this stack; never throws for its status. */
    pulumi(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ""): Promise<Ended> {
        const stack = args.includes("--stack") || args[0] === "stack" ? [] : ["--stack", this.#name];
        return run("scripts/pulumi", [...args, ...stack, "--non-interactive", "--color", "never"], {
            env: { ...this.#env, ...env },
            input,
        });
    }

    async succeed(args: readonly string[]): Promise<Ended> {
        const ended = await this.pulumi(args);
        if (ended.status !== 0) {
            throw new Error(`pulumi ${args.join(" ")} ended with ${ended.status}:\n${ended.output}`);
        }
        return ended;
    }

    async set(values: Record<string, string>): Promise<void> {
        await this.succeed([
            "config",
            "set-all",
            ...Object.entries(values).flatMap(([k, v]) => ["--plaintext", `${k}=${v}`]),
        ]);
    }

    async setSecret(key: string, value: string): Promise<void> {
        const ended = await this.pulumi(["config", "set", "--secret", key], {}, value);
        if (ended.status !== 0) {
            throw new Error(ended.output);
        }
    }

    /** Config for this droplet and an instance on it, with its SFTP server as the place for backups. No release notes: they are elsewhere. */
    async configure(
        droplet: Droplet,
        version: string,
        backupPassword = "a password for backups",
        instance: Instance = droplet,
    ): Promise<void> {
        const { sftp } = droplet.offsite;
        const own = instance.installDir === droplet.installDir ? "" : `-${instance.project}`;
        await this.set({
            specivoVersion: version,
            host: droplet.address,
            sshKnownHostsPath: droplet.knownHosts,
            installDir: instance.installDir,
            changelog: "",
            offsiteRepository: `${sftp.repository}${own}`,
            offsiteSshKnownHosts: fs.readFileSync(sftp.knownHostsPath, "utf8"),
        });
        await this.setSecret("backupPassword", backupPassword);
        await this.setSecret("offsiteSshPrivateKey", fs.readFileSync(sftp.privateKeyPath, "utf8"));
    }

    /** The stack's outputs; none that is secret is in clear. */
    async outputs(): Promise<Record<string, unknown>> {
        const { stdout } = await this.succeed(["stack", "output", "--json", "--stack", this.#name]);
        return JSON.parse(stdout) as Record<string, unknown>;
    }

    preview(...args: string[]): Promise<Ended> {
        return this.pulumi(["preview", ...args]);
    }

    up(...args: string[]): Promise<Ended> {
        return this.pulumi(["up", "--yes", ...args]);
    }

    /** `pulumi up` to that version, which must succeed and be what the stack tells then; what it said. */
    async upTo(version: string): Promise<string> {
        await this.set({ specivoVersion: version });
        const { status, output } = await this.up();
        const told = status === 0 ? (await this.outputs())["version"] : undefined;
        if (told !== version) {
            throw new Error(`pulumi up to ${version} ended with ${status}, on ${String(told)}:\n${output}`);
        }
        return output;
    }

    /** `pulumi up`, and what the engine itself logged of it. */
    async upWithEvents(...args: string[]): Promise<{ ended: Ended; events: EngineEvent[] }> {
        const directory = fs.mkdtempSync(path.join(os.tmpdir(), "events-"));
        try {
            const log = path.join(directory, "events.json");
            // The flag is shown, and taken, only in this mode; the Automation API uses it the same way.
            const ended = await this.pulumi(["up", "--yes", "--event-log", log, ...args], {
                PULUMI_DEBUG_COMMANDS: "1",
            });
            const events = fs
                .readFileSync(log, "utf8")
                .split("\n")
                .filter((line) => line !== "")
                .map((line) => JSON.parse(line) as EngineEvent);
            return { ended, events };
        } finally {
            fs.rmSync(directory, { recursive: true });
        }
    }

    /** Makes the state what `export` gave. */
    async import(state: string): Promise<void> {
        const ended = await this.pulumi(["stack", "import", "--stack", this.#name], {}, state);
        if (ended.status !== 0) {
            throw new Error(ended.output);
        }
    }

    async export(): Promise<string> {
        return (await this.succeed(["stack", "export", "--stack", this.#name])).stdout;
    }
}
