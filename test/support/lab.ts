import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Ended, root, run, succeed } from "./run";

/** One Specivo on a droplet. */
export interface Instance {
    readonly installDir: string;
    /** Docker Compose's name of it. */
    readonly project: string;
    readonly dataDir: string;
    /** A command on the droplet that reaches the database with its rows, wherever that is: `psql` and its options. */
    readonly psql: string;
    readonly url: string;
    /** A file on this machine. */
    readonly apiKeyPath: string;
}

/** What `npm run lab -- up --json` prints of a lab droplet; as for the instance, the first one. */
export interface Droplet extends Instance {
    readonly name: string;
    readonly address: string;
    readonly port: number;
    readonly user: string;
    readonly agentSocket: string;
    readonly knownHosts: string;
    /** Address of the registry that stands for Docker Hub. */
    readonly registry: string;
    /** All there are: none on a droplet of version `none`, two in the form `two`. */
    readonly instances: readonly Instance[];
    readonly offsite: {
        readonly sftp: {
            readonly repository: string;
            readonly privateKeyPath: string;
            readonly knownHostsPath: string;
        };
        readonly s3: {
            readonly repository: string;
            readonly accessKeyIdPath: string;
            readonly secretAccessKeyPath: string;
        };
    };
}

export interface DropletOptions {
    /** How Specivo is installed; default `compose`. */
    readonly form?: string;
    /** How much is in it; default `small`. */
    readonly data?: string;
    /** Size of the disk, for example `16g`; default: what the data needs, at least 8 GB. */
    readonly disk?: string;
}

/** A new droplet with that name, running that version; one of the name that is left from before is removed first. */
export async function newDroplet(name: string, version: string, options: DropletOptions = {}): Promise<Droplet> {
    await removeDroplet(name);
    const more = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value as string]);
    const { stdout } = await succeed("lab/lab", ["up", "--name", name, "--version", version, ...more, "--json"]);
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Droplet;
}

export async function removeDroplet(name: string): Promise<void> {
    await succeed("lab/lab", ["down", "--name", name]);
}

function sshArguments(droplet: Droplet): string[] {
    return [
        ...["-F", "none", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3", "-o", "ConnectTimeout=15"],
        ...["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", `UserKnownHostsFile=${droplet.knownHosts}`],
        ...["-p", String(droplet.port), `${droplet.user}@${droplet.address}`],
    ];
}

/** Runs a shell command on the droplet; never throws for its status. */
export function tryOn(droplet: Droplet, command: string, input = ""): Promise<Ended> {
    const env = { ...process.env, SSH_AUTH_SOCK: droplet.agentSocket };
    return run("ssh", [...sshArguments(droplet), command], { env, input });
}

/** Starts a shell command on the droplet, for those who must see what it says while it runs. */
export function spawnOn(droplet: Droplet, command: string): ChildProcessWithoutNullStreams {
    const env = { ...process.env, SSH_AUTH_SOCK: droplet.agentSocket };
    return spawn("ssh", [...sshArguments(droplet), command], { env, stdio: "pipe" });
}

/** Runs a shell command on the droplet that must succeed; its stdout. */
export async function on(droplet: Droplet, command: string, input = ""): Promise<string> {
    const ended = await tryOn(droplet, command, input);
    if (ended.status !== 0) {
        throw new Error(`on ${droplet.name}: ${command}\nended with ${ended.status}:\n${ended.output}`);
    }
    return ended.stdout;
}

/** Ids of the project's containers, by service. */
export async function containers(droplet: Droplet): Promise<Record<string, string>> {
    const lines = await on(
        droplet,
        `docker ps -a --no-trunc --filter label=com.docker.compose.project --format '{{.Label "com.docker.compose.service"}} {{.ID}}'`,
    );
    return Object.fromEntries(
        lines
            .trim()
            .split("\n")
            .map((line) => line.split(" ") as [string, string]),
    );
}

/** The rows and files of an instance, as the lab's fingerprint tool sees them; for `differences`. */
export async function fingerprint(droplet: Droplet, instance: Instance = droplet): Promise<string> {
    const { stdout } = await succeed("lab/lab", [
        ...["fingerprint", "--name", droplet.name, "--instance", instance.project],
    ]);
    return stdout;
}

/** What that tool runs on the server, for `bash -s DIRECTORY`, where Specivo was installed by something else than the lab. */
export const COLLECT = fs.readFileSync(path.join(root, "lab/fingerprint/collect"), "utf8");

/** The differences between two fingerprints, in plain lines; empty when they hold the same data. */
export async function differences(before: string, after: string): Promise<string> {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "fingerprint-"));
    try {
        const files = [before, after].map((text, index) => {
            const file = path.join(directory, String(index));
            fs.writeFileSync(file, text);
            return file;
        });
        const ended = await run(path.join(root, "lab/fingerprint/compare"), files);
        return ended.status === 0 ? "" : ended.output;
    } finally {
        fs.rmSync(directory, { recursive: true });
    }
}

/** Keeps the droplet as it is now, with its backups, for `resetDroplet`. */
export async function saveDroplet(droplet: Droplet): Promise<void> {
    await succeed("lab/lab", ["save", "--name", droplet.name]);
}

/** Brings the droplet back to how it was saved; its containers start again after that. */
export async function resetDroplet(droplet: Droplet): Promise<void> {
    await succeed("lab/lab", ["reset", "--name", droplet.name]);
}
