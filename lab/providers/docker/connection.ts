import { spawn } from "node:child_process";
import net from "node:net";
import { Duplex } from "node:stream";
import { exitText } from "../core/gotext";
import type { DockerConfig } from "./config";

/** A byte stream to the Docker engine, and why it broke when it did. */
export interface EngineConnection {
    readonly stream: Duplex;
    reason(): string | undefined;
}

export function connectEngine(config: DockerConfig): EngineConnection {
    const url = new URL(config.host);
    switch (url.protocol) {
        case "ssh:":
            return overSsh(url, config.sshOpts);
        case "unix:":
            return { stream: net.connect(url.pathname), reason: () => undefined };
        case "tcp:":
            return { stream: net.connect(Number(url.port || 2375), url.hostname), reason: () => undefined };
        default:
            throw new Error(`host: ${config.host} begins with none of ssh://, unix:// and tcp://`);
    }
}

/** The command line that docker's own client uses for an `ssh://` host. */
export function sshArguments(url: URL, sshOpts: string[]): string[] {
    const opts = [...sshOpts];
    if (!opts.join("").includes("ConnectTimeout")) {
        opts.push("-o ConnectTimeout=30");
    }
    if (!opts.includes("-T")) {
        opts.push("-T");
    }
    const user = url.username === "" ? [] : ["-l", decodeURIComponent(url.username)];
    const port = url.port === "" ? [] : ["-p", url.port];
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const socket = url.pathname.replace(/\/+$/, "") === "" ? [] : [`--host=unix://${url.pathname}`];
    return [...user, ...port, ...opts, "--", host, ["docker", ...socket, "system", "dial-stdio"].join(" ")];
}

const STDERR_LIMIT = 4096;

function overSsh(url: URL, sshOpts: string[]): EngineConnection {
    const args = sshArguments(url, sshOpts);
    const child = spawn("ssh", args, { stdio: ["pipe", "pipe", "pipe"] });
    let stderr = "";
    let ended: string | undefined;
    child.stderr.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-STDERR_LIMIT)));
    const stream = new Duplex({
        read: () => child.stdout.resume(),
        // What can't be written is told by how ssh ends, which comes later.
        write: (chunk, _encoding, done) => child.stdin.write(chunk, () => done()),
        final: (done) => child.stdin.end(done),
        destroy: (error, done) => {
            child.kill();
            done(error);
        },
    });
    child.stdin.on("error", () => undefined);
    child.stdout.on("data", (chunk: Buffer) => {
        if (!stream.push(chunk)) {
            child.stdout.pause();
        }
    });
    child.once("error", (error) => stream.destroy(error));
    child.once("close", (code, signal) => {
        const advice = "make sure the URL is valid, and Docker 18.09 or later is installed on the remote host";
        ended = `command [ssh ${args.join(" ")}] has exited with ${exitText(code, signal)}, ${advice}: stderr=${stderr}`;
        stream.destroy(new Error(ended));
    });
    // HTTP clients expect a socket, and set these on it.
    return {
        stream: Object.assign(stream, {
            setTimeout: () => stream,
            setNoDelay: () => stream,
            setKeepAlive: () => stream,
            ref: () => stream,
            unref: () => stream,
        }),
        reason: () => ended,
    };
}
