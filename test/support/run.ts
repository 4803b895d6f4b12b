import { spawn, SpawnOptions } from "node:child_process";
import * as path from "node:path";
import { endWithTests, killGroup } from "./process-groups";

/** The repository's root. */
export const root = path.resolve(__dirname, "../..");

/** How a process ended, and all it said. */
export interface Ended {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
    /** stdout and stderr in the order they came. */
    readonly output: string;
}

export interface RunOptions extends SpawnOptions {
    readonly input?: string;
    /** After this many milliseconds the command is killed with all it started; the status is null then. */
    readonly timeLimit?: number;
}

/** Runs a command to its end; never throws for a status other than 0. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const { input = "", timeLimit = 600_000, ...spawnOptions } = options;
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, {
            cwd: root,
            ...spawnOptions,
            detached: true,
            stdio: ["pipe", "pipe", "pipe"],
        });
        let stdout = "";
        let stderr = "";
        let output = "";
        child.stdout?.on("data", (data: Buffer) => {
            stdout += data.toString();
            output += data.toString();
        });
        child.stderr?.on("data", (data: Buffer) => {
            stderr += data.toString();
            output += data.toString();
        });
        child.stdin?.on("error", () => undefined); // a command may end without reading its input
        child.stdin?.end(input);
        endWithTests(child);
        const timer = setTimeout(() => {
            output += `\n${command} was killed after ${timeLimit / 1000} s.\n`;
            killGroup(child.pid);
            // What left the group may hold these for ever.
            child.stdout?.destroy();
            child.stderr?.destroy();
        }, timeLimit);
        child.on("error", (error) => {
            clearTimeout(timer);
            reject(error);
        });
        child.on("close", (status) => {
            clearTimeout(timer);
            resolve({ status, stdout, stderr, output });
        });
    });
}

/** Runs a command that must succeed; the error holds all it said. */
export async function succeed(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const ended = await run(command, args, options);
    if (ended.status !== 0) {
        throw new Error(`${command} ${args.join(" ")} ended with ${ended.status}:\n${ended.output}`);
    }
    return ended;
}
