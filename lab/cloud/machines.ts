import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";

/** What lies outside of a droplet and is made to reach it. */
export interface Attached {
    readonly addresses: readonly string[];
    readonly volumes: readonly { readonly name: string; readonly file: string }[];
    readonly firewall: { readonly inbound: PacketRule[]; readonly outbound: PacketRule[] } | null;
}

export interface PacketRule {
    readonly protocol: string;
    readonly ports: string;
    /** Address ranges. */
    readonly peers: string[];
}

export type Power = "on" | "off" | "shutdown" | "reboot" | "cycle";

/** The hardware of a cloud. */
export interface Machines {
    /** Makes and boots a droplet with that much memory in MB; its address. */
    create(
        id: number,
        memory: number,
        given: { readonly sshKeys: string[]; readonly userData: string },
    ): Promise<string>;
    remove(id: number): Promise<void>;
    attach(id: number, attached: Attached): Promise<void>;
    power(id: number, action: Power): Promise<void>;
    resize(id: number, memory: number): Promise<void>;
    reserve(): Promise<string>;
    release(address: string): Promise<void>;
    createVolume(id: string, gigabytes: number, filesystem: string): Promise<void>;
    resizeVolume(id: string, gigabytes: number): Promise<void>;
    removeVolume(id: string): Promise<void>;
    volumeFile(id: string): string;
}

/** Droplets of the lab. The folder is the cloud's own, its name begins theirs. */
export class LabMachines implements Machines {
    private readonly name: string;

    constructor(private readonly folder: string) {
        this.name = path.basename(folder);
        for (const part of ["reserved", "volumes"]) {
            mkdirSync(path.join(folder, part), { recursive: true });
        }
    }

    create(id: number, memory: number, given: { sshKeys: string[]; userData: string }): Promise<string> {
        return script("create", [this.machine(id), `${memory}m`], given);
    }

    async remove(id: number): Promise<void> {
        await script("remove", [this.machine(id)]);
    }

    async attach(id: number, attached: Attached): Promise<void> {
        await script("attach", [this.machine(id)], attached);
    }

    async power(id: number, action: Power): Promise<void> {
        await script("power", [this.machine(id), action]);
    }

    async resize(id: number, memory: number): Promise<void> {
        await script("resize", [this.machine(id), `${memory}m`]);
    }

    reserve(): Promise<string> {
        return script("reserve", [path.join(this.folder, "reserved")]);
    }

    async release(address: string): Promise<void> {
        rmSync(path.join(this.folder, "reserved", address), { force: true });
    }

    async createVolume(id: string, gigabytes: number, filesystem: string): Promise<void> {
        await script("volume", ["create", this.volumeFile(id), String(gigabytes), filesystem]);
    }

    async resizeVolume(id: string, gigabytes: number): Promise<void> {
        await script("volume", ["resize", this.volumeFile(id), String(gigabytes)]);
    }

    async removeVolume(id: string): Promise<void> {
        await script("volume", ["remove", this.volumeFile(id)]);
    }

    volumeFile(id: string): string {
        return path.join(this.folder, "volumes", `${id}.img`);
    }

    private machine(id: number): string {
        return `${this.name}-${id}`;
    }
}

/** Runs a script of `machines/`; what it prints. */
function script(name: string, args: readonly string[], input?: object): Promise<string> {
    return new Promise((resolve, reject) => {
        const child = spawn(path.join(__dirname, "machines", name), args, { stdio: ["pipe", "pipe", "pipe"] });
        let stdout = "";
        let stderr = "";
        child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
        child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
        child.stdin.on("error", () => undefined); // one that reads nothing may have ended
        child.stdin.end(input === undefined ? "" : JSON.stringify(input));
        child.on("error", reject);
        child.on("close", (status) => {
            if (status === 0) {
                resolve(stdout.trim());
            } else {
                reject(new Error(`${name} ${args.join(" ")} ended with ${status}:\n${stderr}`));
            }
        });
    });
}
