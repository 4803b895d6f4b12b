import type { ChildProcess } from "node:child_process";

/** Leaders of groups that run now: none may outlive the tests, however these end. */
const running = new Set<number>();

process.once("exit", () => running.forEach((leader) => killGroup(leader)));

/** Has the group of a process that was started as `detached` killed when the tests end before it. */
export function endWithTests(child: ChildProcess): void {
    const { pid } = child;
    if (pid !== undefined) {
        running.add(pid);
        child.once("close", () => running.delete(pid));
    }
}

/** Signals a process that leads a group, and all in that group. */
export function killGroup(leader: number | undefined, signal: NodeJS.Signals = "SIGKILL"): void {
    try {
        process.kill(-(leader ?? Number.NaN), signal);
    } catch {
        // It has ended, or never began.
    }
}
