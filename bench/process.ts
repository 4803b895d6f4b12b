import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { endWithTests } from "../test/support/process-groups";
import { root } from "../test/support/run";

/** How a command went, and what it took on this machine. */
export interface Ran {
    readonly output: string;
    /** Seconds. */
    readonly wall: number;
    /** The most memory that it and all it started held at once, in bytes (resident, shared pages counted each time). */
    readonly memory: number;
}

/** Runs a command that must succeed, and measures it. */
export async function measured(
    command: string,
    args: readonly string[],
    options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string; readonly input?: string } = {},
): Promise<Ran> {
    const { env = process.env, cwd = root, input = "" } = options;
    const began = performance.now();
    const child = spawn(command, args, { cwd, env, detached: true, stdio: "pipe" });
    endWithTests(child);
    let memory = 0;
    const timer = setInterval(() => (memory = Math.max(memory, memoryOf(child.pid ?? 0))), 250);
    let output = "";
    const note = (data: Buffer) => (output += data.toString());
    child.stdout.on("data", note);
    child.stderr.on("data", note);
    child.stdin.on("error", () => undefined); // it may end without reading all
    child.stdin.end(input);
    const status = await new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("close", resolve);
    });
    clearInterval(timer);
    if (status !== 0) {
        throw new Error(`${command} ${args.join(" ")} ended with ${String(status)}:\n${output}`);
    }
    return { output, wall: (performance.now() - began) / 1000, memory };
}

/** Bytes that a process and its descendants hold now. */
function memoryOf(ancestor: number): number {
    const children = new Map<number, number[]>();
    const pages = new Map<number, number>();
    for (const entry of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        try {
            const fields = fs
                .readFileSync(`/proc/${entry}/stat`, "utf8")
                .replace(/^.*\) /, "")
                .split(" ");
            const [pid, parent] = [Number(entry), Number(fields[1])];
            pages.set(pid, Number(fields[21]));
            children.set(parent, [...(children.get(parent) ?? []), pid]);
        } catch {
            // It has ended since.
        }
    }
    const sum = (pid: number): number =>
        (pages.get(pid) ?? 0) + (children.get(pid) ?? []).reduce((all, child) => all + sum(child), 0);
    return sum(ancestor) * 4096;
}
