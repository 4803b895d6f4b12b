import { AwsClient } from "aws4fetch";
import * as fs from "node:fs";
import { type Ended, run, succeed } from "./run";
import type { Stack } from "./stack";

/** What `npm run lab -- cloud up --json` prints of a cloud of the lab. */
export interface CloudAccess {
    readonly name: string;
    readonly apiEndpoint: string;
    /** Of its Spaces, for the digitalocean plugin. */
    readonly spacesEndpoint: string;
    readonly tokenPath: string;
    readonly agentSocket: string;
    /** Public key of the one in the agent. */
    readonly publicKeyPath: string;
    /** The engine that droplets are containers of. */
    readonly engine: string;
    /** The first three numbers of every address; `.1` is this machine. */
    readonly subnet: string;
    /** Where buckets lie, and the key to all of them. */
    readonly spaces: {
        readonly endpoint: string;
        readonly accessKeyIdPath: string;
        readonly secretAccessKeyPath: string;
    };
}

export interface AccessKey {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
}

/** An account of the lab's cloud, as its owner sees it. */
export class Account {
    private constructor(readonly access: CloudAccess) {}

    /** A new, empty account; one of the name that is left from before is removed first. */
    static async create(name: string): Promise<Account> {
        await Account.remove(name);
        const { stdout } = await succeed("lab/lab", ["cloud", "up", "--name", name, "--json"]);
        return new Account(JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as CloudAccess);
    }

    static async remove(name: string): Promise<void> {
        await succeed("lab/lab", ["cloud", "down", "--name", name]);
    }

    get token(): string {
        return fs.readFileSync(this.access.tokenPath, "utf8").trim();
    }

    get publicKey(): string {
        return fs.readFileSync(this.access.publicKeyPath, "utf8").trim();
    }

    /** The key to all buckets. */
    get owner(): AccessKey {
        const { accessKeyIdPath, secretAccessKeyPath } = this.access.spaces;
        return {
            accessKeyId: fs.readFileSync(accessKeyIdPath, "utf8").trim(),
            secretAccessKey: fs.readFileSync(secretAccessKeyPath, "utf8").trim(),
        };
    }

    /** Config for a droplet in this account with a volume of that size, which this machine alone may use SSH of. */
    async configure(stack: Stack, volumeGB: number): Promise<void> {
        await stack.set({
            dropletRegion: "fra1",
            dropletSshPublicKey: this.publicKey,
            dropletSshFrom: `${this.access.subnet}.1/32`,
            dropletWebFrom: `${this.access.subnet}.0/24`,
            dropletVolumeSize: String(volumeGB),
            "digitalocean:apiEndpoint": this.access.apiEndpoint,
        });
        await stack.setSecret("digitalocean:token", this.token);
    }

    /** Config for backups in a bucket of its Spaces, which the stack makes. */
    async configureBackups(stack: Stack, bucket: string): Promise<void> {
        await stack.set({
            backupBucket: bucket,
            backupEndpoint: this.access.spaces.endpoint,
            "digitalocean:spacesEndpoint": this.access.spacesEndpoint,
            "digitalocean:spacesAccessId": this.owner.accessKeyId,
        });
        await stack.setSecret("digitalocean:spacesSecretKey", this.owner.secretAccessKey);
        await stack.setSecret("backupPassword", "a password for backups");
    }

    /** A request to where buckets lie, with a key or as anybody. */
    async s3(key: AccessKey | undefined, method: string, path: string, body = ""): Promise<Response> {
        const url = `${this.access.spaces.endpoint}/${path}`;
        const request = { method, body: body === "" ? null : body };
        if (key === undefined) {
            return fetch(url, request);
        }
        const client = new AwsClient({ ...key, service: "s3", region: "us-east-1", retries: 0 });
        return client.fetch(url, { ...request, headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } });
    }

    /** What a request is answered, whatever its status. */
    async request(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
        const response = await fetch(this.access.apiEndpoint + path, {
            method,
            headers: { authorization: `Bearer ${this.token}` },
            body: body === undefined ? null : JSON.stringify(body),
        });
        const text = await response.text();
        return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    }

    /** All there are of a kind, under the name that the API gives them. */
    async all<T>(path: string, name: string): Promise<T[]> {
        return ((await this.request("GET", path)).body as Record<string, T[]>)[name] ?? [];
    }

    /** Runs a command on a droplet, which must show that host key. */
    on({ address, hostKey }: { address: string; hostKey: string }, command: string, input = ""): Promise<Ended> {
        const options = ["StrictHostKeyChecking=yes", "BatchMode=yes", "UserKnownHostsFile=none"];
        const known = ["-o", `KnownHostsCommand=/bin/echo %H ${hostKey}`];
        const args = [
            "-F",
            "none",
            ...options.flatMap((option) => ["-o", option]),
            ...known,
            `root@${address}`,
            command,
        ];
        return run("ssh", args, { env: { ...process.env, SSH_AUTH_SOCK: this.access.agentSocket }, input });
    }

    /** Whether a port can be reached from a neighbour of the droplets, the lab's SFTP server. */
    async opensForNeighbour(address: string, port: number): Promise<boolean> {
        const command = `timeout 10 bash -c '</dev/tcp/${address}/${port}'`;
        const env = { ...process.env, DOCKER_HOST: this.access.engine };
        return (await run("docker", ["exec", "lab-sftp", "bash", "-c", command], { env })).status === 0;
    }

    /** Whether it can be reached from this machine. */
    async opensFromHere(address: string, port: number): Promise<boolean> {
        return (await run("timeout", ["10", "bash", "-c", `</dev/tcp/${address}/${port}`])).status === 0;
    }
}
