import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { Droplet, on, tryOn } from "./lab";
import { Ended, root } from "./run";

/** The steps of a transition, and what each is told. */
export interface Transition {
    readonly id: string;
    readonly instance: string;
    readonly direction: string;
    readonly from: string;
    readonly to: string;
    /** The backup, or the restore point of that transition, whose data is put back. */
    readonly restore?: string;
}

/** The host's operations on a droplet, run from a copy of the checkout as an admin on the box would. */
export class Operations {
    readonly droplet: Droplet;

    private constructor(droplet: Droplet) {
        this.droplet = droplet;
    }

    static async install(droplet: Droplet): Promise<Operations> {
        const archive = execFileSync("tar", ["cz", "-C", root, "host"]).toString("base64");
        await on(droplet, "base64 -d | tar xz -C /root", archive);
        return new Operations(droplet);
    }

    /** Runs an operation; never throws for its status. */
    try(operation: string, input: object = {}, before = ""): Promise<Ended> {
        return tryOn(this.droplet, `${before}/root/host/specivo-host ${operation}`, JSON.stringify(input));
    }

    /** Runs an operation that must succeed; its result. */
    async run<Result = Record<string, unknown>>(operation: string, input: object = {}): Promise<Result> {
        const ended = await this.try(operation, input);
        if (ended.status !== 0) {
            throw new Error(`${operation} ended with ${ended.status}:\n${ended.output}`);
        }
        const lines = ended.stdout.trimEnd().split("\n");
        if (lines.length !== 1) {
            throw new Error(`${operation} printed ${lines.length} lines:\n${ended.stdout}`);
        }
        return JSON.parse(lines[0] ?? "") as Result;
    }

    /** Tells the host where its backups go: to the lab's SFTP server. */
    async storeOffsite(password: string, more: object = {}): Promise<void> {
        const { repository, privateKeyPath, knownHostsPath } = this.droplet.offsite.sftp;
        const sftp = {
            privateKey: fs.readFileSync(privateKeyPath, "utf8"),
            knownHosts: fs.readFileSync(knownHostsPath, "utf8"),
        };
        await this.run("offsite", { repository, password, sftp, ...more });
    }

    async instance(): Promise<string> {
        return (await this.run<{ instance: string }>("facts")).instance;
    }

    /** The last line an operation says when it refuses. */
    async refusal(operation: string, input: object): Promise<string> {
        const ended = await this.try(operation, input);
        if (ended.status !== 1) {
            throw new Error(`${operation} was not refused but ended with ${ended.status}:\n${ended.output}`);
        }
        return ended.stderr.trimEnd().split("\n").at(-1) ?? "";
    }
}
