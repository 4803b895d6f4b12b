import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { createInterface } from "node:readline";
import { listen } from "./listen";

/** A server on loopback that hangs up on every client, and notes when each came. */
export class DialLog {
    /** Times, in milliseconds. */
    readonly dials: number[] = [];
    port = 0;
    private readonly server = net.createServer((socket) => {
        this.dials.push(performance.now());
        socket.on("error", () => undefined);
        socket.destroy();
    });

    static async start(): Promise<DialLog> {
        const log = new DialLog();
        log.port = await listen(log.server);
        return log;
    }

    stop(): void {
        this.server.close();
    }

    /** Milliseconds between each dial and the one before. */
    get waits(): number[] {
        return this.dials.slice(1).map((time, index) => time - (this.dials[index] ?? time));
    }
}

/**
 * A port that answers nothing, as that of a host behind a firewall: its process is stopped and its queue of connections
 * full, so that the kernel drops what comes.
 */
export class SilentPort {
    private readonly fillers: net.Socket[] = [];

    private constructor(
        private readonly pid: number,
        readonly port: number,
    ) {}

    static async open(): Promise<SilentPort> {
        const program = `require("net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
            console.log(this.address().port);
        })`;
        const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
        const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
        const silent = new SilentPort(child.pid ?? Number.NaN, Number(line));
        child.kill("SIGSTOP");
        while (await silent.fill());
        return silent;
    }

    close(): void {
        this.fillers.forEach((socket) => socket.destroy());
        process.kill(this.pid, "SIGKILL");
    }

    /** Whether one more connection was taken. */
    private async fill(): Promise<boolean> {
        const socket = net.connect(this.port, "127.0.0.1");
        this.fillers.push(socket);
        const refused = new Promise<boolean>((resolve) => setTimeout(resolve, 200, false));
        return Promise.race([once(socket, "connect").then(() => true), refused]);
    }
}
