import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import type { ServerChannel } from "ssh2";
import { killGroup } from "../../support/process-groups";

/** Bytes of stdin that may still come when a command has ended. */
const LATE_STDIN = 100_000;

/** Runs clients' commands as sshd does. */
export class Shell {
    private readonly running = new Set<ChildProcess>();

    exec(env: Record<string, string>): (command: string, channel: ServerChannel) => void {
        return (command, channel) => {
            const child = spawn("/bin/sh", ["-c", command], {
                env: { PATH: process.env.PATH, ...env },
                detached: true,
            });
            this.running.add(child);
            child.stdout.pipe(channel, { end: false });
            child.stderr.pipe(channel.stderr as Duplex, { end: false });
            channel.pipe(child.stdin);
            child.stdin.on("error", () => undefined);
            channel.on("error", () => undefined);
            // Without a terminal no signal comes when the client goes away: the command notices at its next write.
            channel.on("close", () => {
                child.stdin.destroy();
                child.stdout.destroy();
                child.stderr.destroy();
            });
            child.on("close", (code, signal) => {
                this.running.delete(child);
                void stdinSent(channel).then(() => {
                    if (code === null) {
                        channel.exit(signal ?? "KILL");
                    } else {
                        channel.exit(code);
                    }
                    channel.end();
                });
            });
        };
    }

    /** Resolves when no command is running. */
    async idle(): Promise<void> {
        await Promise.all([...this.running].map((child) => once(child, "close")));
    }

    /** Ends what runs on without its client. */
    stop(): void {
        this.running.forEach(({ pid }) => killGroup(pid));
    }
}

/**
 * A client fails whose command has ended before its stdin was sent. sshd takes so long to start one that a few bytes are
 * always there by then; here they are waited for, and a long stdin is not.
 */
async function stdinSent(channel: ServerChannel): Promise<void> {
    if (channel.readableEnded || channel.destroyed) {
        return;
    }
    let late = 0;
    const tooMuch = new Promise<void>((resolve) => {
        channel.unpipe();
        channel.on("data", (chunk: Buffer) => {
            late += chunk.length;
            if (late > LATE_STDIN) {
                channel.pause();
                resolve();
            }
        });
        channel.resume();
    });
    await Promise.race([once(channel, "end"), once(channel, "close"), tooMuch]);
}
