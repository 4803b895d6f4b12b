import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Server, utils, type AuthContext, type Connection, type ServerChannel, type Session } from "ssh2";
import { ed25519 } from "./keys";
import { listen } from "./listen";
import { serveFiles } from "./sftp";
import { Shell } from "./shell";
import { SshAgent } from "./ssh-agent";

/** Runs a command of a client; the default hands it to a shell. */
export type Exec = (command: string, channel: ServerChannel) => void;

export interface SshServerOptions {
    /** What a path beginning with `/root` on the server stands for. */
    readonly root: string;
    readonly exec?: Exec;
    /** Whether variables are taken, as with `AcceptEnv *`. */
    readonly acceptsEnv?: boolean;
    /** Lets in by this password instead of the key. */
    readonly password?: string;
}

/**
 * A throw-away SSH server on loopback that behaves as OpenSSH's does, with an agent that holds the one key it lets in.
 * A client that goes away takes only the ends of the pipes from its command, which gets no signal.
 */
export class SshServer {
    readonly hostKeys = {
        ed25519: ed25519(),
        ecdsa: utils.generateKeyPairSync("ecdsa", { bits: 256 }),
    };
    /** Where it listens, or did last. */
    port = 0;
    readonly clientKey = ed25519();
    /** Connections so far, those that were refused included. */
    connections = 0;
    /** What clients asked for besides commands and files, such as `env COLOUR`, `pty` or `keepalive@openssh.com`. */
    readonly asked: string[] = [];
    /** Commands so far, in their order. */
    readonly commands: string[] = [];
    private readonly folder = mkdtempSync(path.join(tmpdir(), "ssh-server-"));
    private readonly agent = new SshAgent(this.folder);
    private readonly shell = new Shell();
    private readonly server: Server;
    private readonly clients = new Set<Connection>();

    private constructor(private readonly options: SshServerOptions) {
        const hostKeys = Object.values(this.hostKeys).map((key) => key.private);
        this.server = new Server({ hostKeys }, (client) => this.serve(client));
    }

    static async start(options: SshServerOptions): Promise<SshServer> {
        const server = new SshServer(options);
        try {
            await server.open();
            await server.agent.add(server.clientKey.private);
        } catch (error) {
            server.stop();
            throw error;
        }
        return server;
    }

    /** Listens, on any port that is free unless told which. */
    async open(port = 0): Promise<void> {
        this.port = await listen(this.server, port);
    }

    /** Listens no more. */
    async close(): Promise<void> {
        await new Promise((resolve) => this.server.close(resolve));
    }

    get agentSocket(): string {
        return this.agent.socket;
    }

    /** Ends every connection there is; new ones are served. */
    drop(): void {
        for (const client of this.clients) {
            client.end();
        }
    }

    /** Resolves when no command is running. */
    idle(): Promise<void> {
        return this.shell.idle();
    }

    /** Resolves when no client is connected. */
    async deserted(): Promise<void> {
        await Promise.all([...this.clients].map((client) => once(client, "close")));
    }

    stop(): void {
        this.drop();
        this.server.close();
        this.shell.stop();
        this.agent.stop();
        rmSync(this.folder, { recursive: true, force: true });
    }

    private serve(client: Connection): void {
        this.connections++;
        this.clients.add(client);
        client.on("close", () => this.clients.delete(client));
        // As sshd does; the types leave it out.
        (client as Connection & { setNoDelay(noDelay: boolean): void }).setNoDelay(true);
        // A client that does not like the host key goes away in the middle of the handshake.
        client.on("error", () => undefined);
        client.on("authentication", (context) => this.authenticate(context));
        client.on("request", (_accept, reject, name) => {
            this.asked.push(name);
            reject?.();
        });
        client.on("tcpip", (accept, _reject, { destIP, destPort }) => {
            this.asked.push(`tcpip ${destIP}:${destPort}`);
            const channel = accept();
            const socket = net.connect(destPort, destIP);
            socket.on("error", () => channel.end());
            channel.on("error", () => socket.destroy());
            channel.pipe(socket).pipe(channel);
        });
        client.on("session", (accept) => this.session(accept()));
    }

    private authenticate(context: AuthContext): void {
        if (this.options.password !== undefined) {
            const right = context.method === "password" && context.password === this.options.password;
            (right ? () => context.accept() : () => context.reject(["password"]))();
            return;
        }
        const allowed = utils.parseKey(this.clientKey.public);
        const known =
            context.method === "publickey" &&
            !(allowed instanceof Error) &&
            context.key.data.equals(allowed.getPublicSSH()) &&
            // A key is first offered without a signature.
            (context.signature === undefined ||
                (context.blob !== undefined &&
                    allowed.verify(context.blob, context.signature, context.hashAlgo) === true));
        (known ? () => context.accept() : () => context.reject(["publickey"]))();
    }

    private session(session: Session): void {
        const env: Record<string, string> = {};
        session.on("env", (accept, reject, { key, val }) => {
            this.asked.push(`env ${key}`);
            const taken = this.options.acceptsEnv === true;
            if (taken) {
                env[key] = val;
            }
            // Without a wish for an answer there is nothing to call.
            ((taken ? accept : reject) as (() => void) | undefined)?.();
        });
        session.on("pty", (_accept, reject) => {
            this.asked.push("pty");
            (reject as (() => void) | undefined)?.();
        });
        session.on("signal", (_accept, reject, { name }) => {
            this.asked.push(`signal ${name}`);
            (reject as (() => void) | undefined)?.();
        });
        session.on("exec", (accept, _reject, { command }) => {
            this.commands.push(command);
            // The path is the droplet's in the recordings, and has to lie in a temporary folder here.
            const translated = command.replaceAll("/root", this.options.root);
            (this.options.exec ?? this.shell.exec(env))(translated, accept());
        });
        session.on("sftp", (accept) => serveFiles(accept(), this.options.root, this.asked));
    }
}
