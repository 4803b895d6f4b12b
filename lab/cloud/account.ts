import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** What an account holds, as it lies in its file. Ids are those of the API. */

export interface SshKey {
    readonly id: number;
    name: string;
    readonly publicKey: string;
    readonly fingerprint: string;
}

export interface Droplet {
    readonly id: number;
    name: string;
    size: string;
    readonly region: string;
    readonly image: string;
    readonly created: string;
    readonly features: string[];
    /** Ids of keys that it was made with. */
    readonly sshKeys: number[];
    readonly userData: string;
    status: "new" | "active" | "off";
    /** Its own address; empty until it has one. */
    address: string;
    tags: string[];
}

export interface Rule {
    readonly protocol: string;
    readonly ports: string;
    readonly peers: Record<string, unknown[]>;
}

export interface Firewall {
    readonly id: string;
    name: string;
    readonly created: string;
    inbound: Rule[];
    outbound: Rule[];
    dropletIds: number[];
    tags: string[];
}

export interface ReservedIp {
    readonly address: string;
    readonly region: string;
    dropletId: number | null;
}

export interface Volume {
    readonly id: string;
    readonly name: string;
    readonly region: string;
    readonly description: string;
    readonly created: string;
    readonly filesystem: string;
    readonly label: string;
    gigabytes: number;
    dropletId: number | null;
    tags: string[];
}

export interface SpacesKey {
    name: string;
    readonly accessKey: string;
    readonly secretKey: string;
    readonly created: string;
    grants: { bucket: string; permission: string }[];
}

export interface Action {
    readonly id: number;
    readonly type: string;
    readonly resource: "droplet" | "reserved_ip" | "volume";
    /** Id of a droplet or volume, or an address. */
    readonly subject: string;
    readonly started: string;
    readonly region: string;
    status: "in-progress" | "completed" | "errored";
    completed: string | null;
}

export interface Content {
    lastId: number;
    keys: SshKey[];
    droplets: Droplet[];
    firewalls: Firewall[];
    reservedIps: ReservedIp[];
    volumes: Volume[];
    spacesKeys: SpacesKey[];
    /** Lifecycle rules of buckets, as they were given. */
    lifecycles: Record<string, string>;
    actions: Action[];
}

export function emptyAccount(): Content {
    return {
        lastId: 1000,
        keys: [],
        droplets: [],
        firewalls: [],
        reservedIps: [],
        volumes: [],
        spacesKeys: [],
        lifecycles: {},
        actions: [],
    };
}

/** The account in that file; an empty one where there is none yet. */
export function readAccount(file: string): Content {
    try {
        return { ...emptyAccount(), ...(JSON.parse(readFileSync(file, "utf8")) as Partial<Content>) };
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return emptyAccount();
        }
        throw error;
    }
}

/** Whole or not at all: the server may be killed at any time. Secret keys are in it. */
export function writeAccount(file: string, content: Content): void {
    writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
}
