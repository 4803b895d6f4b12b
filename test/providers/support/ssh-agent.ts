import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A throw-away agent; its files lie in the given folder. */
export class SshAgent {
    readonly socket: string;
    private readonly process: ChildProcess;

    constructor(private readonly folder: string) {
        this.socket = path.join(folder, "agent");
        this.process = spawn("ssh-agent", ["-D", "-a", this.socket], { stdio: "ignore" });
    }

    async add(privateKey: string): Promise<void> {
        const key = path.join(this.folder, "key");
        writeFileSync(key, privateKey, { mode: 0o600 });
        const deadline = Date.now() + 5000;
        while (!this.tryToAdd(key)) {
            if (Date.now() > deadline) {
                throw new Error("ssh-agent does not answer");
            }
            await sleep(20);
        }
    }

    stop(): void {
        this.process.kill();
    }

    private tryToAdd(key: string): boolean {
        try {
            const env = { ...process.env, SSH_AUTH_SOCK: this.socket };
            execFileSync("ssh-add", ["-q", key], { env, stdio: "ignore" });
            return true;
        } catch {
            return false;
        }
    }
}
