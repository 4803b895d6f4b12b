import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
    chmodSync,
    closeSync,
    fchmodSync,
    mkdirSync,
    mkdtempSync,
    openSync,
    rmSync,
    statSync,
    writeFileSync,
    writeSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";
import { Server, utils, type Connection, type ServerChannel, type SFTPWrapper } from "ssh2";

const { STATUS_CODE, flagsToString } = utils.sftp;

/** Runs a command of a client; the default hands it to a shell. */
export type Exec = (command: string, channel: ServerChannel) => void;

export interface SshServerOptions {
    /** What a path beginning with `/root` on the server stands for. */
    readonly root: string;
    readonly exec?: Exec;
    readonly acceptsEnv?: boolean;
}

/** A throw-away SSH server on loopback, with an agent that holds the one key it lets in. */
export class SshServer {
    readonly hostKeys = {
        ed25519: utils.generateKeyPairSync("ed25519"),
        ecdsa: utils.generateKeyPairSync("ecdsa", { bits: 256 }),
    };
    readonly agentSocket: string;
    readonly clientKey = utils.generateKeyPairSync("ed25519");
    /** Logins so far, refused ones included. */
    connections = 0;
    private readonly folder = mkdtempSync(path.join(tmpdir(), "ssh-server-"));
    private readonly agent: ChildProcess;
    private readonly server: Server;
    private readonly clients = new Set<Connection>();

    private constructor(private readonly options: SshServerOptions) {
        this.agentSocket = path.join(this.folder, "agent");
        this.agent = spawn("ssh-agent", ["-D", "-a", this.agentSocket], { stdio: "ignore" });
        const hostKeys = Object.values(this.hostKeys).map((key) => key.private);
        this.server = new Server({ hostKeys }, (client) => this.serve(client));
    }

    static async start(options: SshServerOptions): Promise<SshServer> {
        const server = new SshServer(options);
        server.server.listen(0, "127.0.0.1");
        await once(server.server, "listening");
        const key = path.join(server.folder, "key");
        writeFileSync(key, server.clientKey.private);
        chmodSync(key, 0o600);
        const deadline = Date.now() + 5000;
        while (!addKey(key, server.agentSocket)) {
            if (Date.now() > deadline) {
                server.stop();
                throw new Error("ssh-agent does not answer");
            }
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        return server;
    }

    get port(): number {
        return (this.server.address() as AddressInfo).port;
    }

    stop(): void {
        for (const client of this.clients) {
            client.end();
        }
        this.server.close();
        this.agent.kill();
        rmSync(this.folder, { recursive: true, force: true });
    }

    private serve(client: Connection): void {
        this.connections++;
        this.clients.add(client);
        client.on("close", () => this.clients.delete(client));
        // A client that does not like the host key goes away in the middle of the handshake.
        client.on("error", () => undefined);
        const allowed = utils.parseKey(this.clientKey.public);
        client.on("authentication", (context) => {
            if (context.method !== "publickey" || allowed instanceof Error) {
                context.reject(["publickey"]);
            } else if (!context.key.data.equals(allowed.getPublicSSH())) {
                context.reject(["publickey"]);
            } else if (context.signature !== undefined && context.blob !== undefined) {
                const valid = allowed.verify(context.blob, context.signature, context.hashAlgo) === true;
                (valid ? () => context.accept() : () => context.reject())();
            } else {
                context.accept();
            }
        });
        client.on("session", (accept) => {
            const session = accept();
            const env: Record<string, string> = {};
            session.on("env", (acceptEnv, reject, info) => {
                if (this.options.acceptsEnv === true) {
                    env[info.key] = info.val;
                    (acceptEnv as (() => void) | undefined)?.();
                } else {
                    (reject as (() => void) | undefined)?.();
                }
            });
            session.on("exec", (acceptExec, _reject, info) => {
                const channel = acceptExec();
                // The path is the droplet's in the recordings, and has to lie in a temporary folder here.
                const command = info.command.replaceAll("/root", this.options.root);
                (this.options.exec ?? shell(env))(command, channel);
            });
            session.on("sftp", (acceptSftp) => serveFiles(acceptSftp(), this.options.root));
        });
    }
}

function addKey(key: string, socket: string): boolean {
    try {
        execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "ignore" });
        return true;
    } catch {
        return false;
    }
}

function shell(env: Record<string, string>): Exec {
    return (command, channel) => {
        const child = spawn("/bin/sh", ["-c", command], { env: { PATH: process.env.PATH, ...env } });
        child.stdout.pipe(channel, { end: false });
        child.stderr.pipe(channel.stderr as Duplex, { end: false });
        channel.pipe(child.stdin);
        child.stdin.on("error", () => undefined);
        channel.on("close", () => child.kill());
        child.on("close", (code, signal) => {
            if (code === null) {
                channel.exit(signal ?? "KILL");
            } else {
                channel.exit(code);
            }
            channel.end();
        });
    };
}

/** The part of SFTP that uploading takes. */
function serveFiles(sftp: SFTPWrapper, root: string): void {
    const local = (remote: string) => remote.replace(/^\/root/, root);
    const answering = (id: number, work: () => void) => {
        try {
            work();
        } catch (error) {
            const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
            sftp.status(id, missing ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE, (error as Error).message);
        }
    };
    const done = (id: number) => sftp.status(id, STATUS_CODE.OK);
    const describe = (id: number, remote: string) =>
        answering(id, () => {
            const { mode, uid, gid, size, atimeMs, mtimeMs } = statSync(local(remote));
            sftp.attrs(id, { mode, uid, gid, size, atime: atimeMs / 1000, mtime: mtimeMs / 1000 });
        });
    sftp.on("STAT", describe);
    sftp.on("LSTAT", describe);
    sftp.on("MKDIR", (id, remote) => answering(id, () => (mkdirSync(local(remote)), done(id))));
    sftp.on("OPEN", (id, remote, flags) =>
        answering(id, () => {
            const handle = Buffer.alloc(4);
            handle.writeUInt32BE(openSync(local(remote), flagsToString(flags) ?? "w"));
            sftp.handle(id, handle);
        }),
    );
    sftp.on("WRITE", (id, handle, offset, data) =>
        answering(id, () => (writeSync(handle.readUInt32BE(), data, 0, data.length, offset), done(id))),
    );
    sftp.on("FSETSTAT", (id, handle, attributes) =>
        answering(id, () => {
            fchmodSync(handle.readUInt32BE(), attributes.mode);
            done(id);
        }),
    );
    sftp.on("CLOSE", (id, handle) => answering(id, () => (closeSync(handle.readUInt32BE()), done(id))));
}
