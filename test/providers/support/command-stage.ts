import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "./calls";
import { PluginProcess, type Answer } from "./plugin";
import type { Plugin } from "./plugins";
import { SshServer, type SshServerOptions } from "./ssh-server";
import { cleanUp } from "../../support/clean-up";

/** A server, a command plugin that has its agent, and the calls that the engine makes for a `remote.Command`. */
export class CommandStage {
    private constructor(
        /** The server's `/root`. */
        readonly folder: string,
        readonly server: SshServer,
        readonly process: PluginProcess,
    ) {}

    static async start(plugin: Plugin, options: Omit<SshServerOptions, "root"> = {}): Promise<CommandStage> {
        const folder = mkdtempSync(path.join(tmpdir(), "command-"));
        const server = await SshServer.start({ root: folder, ...options });
        try {
            const process = await PluginProcess.start(plugin, { SSH_AUTH_SOCK: server.agentSocket });
            await process.configure({});
            return new CommandStage(folder, server, process);
        } catch (error) {
            server.stop();
            rmSync(folder, { recursive: true });
            throw error;
        }
    }

    stop(): Promise<void> {
        return cleanUp(
            () => this.process.stop(),
            () => this.server.stop(),
            () => rmSync(this.folder, { recursive: true }),
        );
    }

    /** As Check gives it, but for the limits: nothing is dialled twice unless a test wants it. */
    connection(more: Json = {}): Json {
        const { port } = this.server;
        return { host: "127.0.0.1", port, user: "root", dialErrorLimit: 0, perDialTimeout: 5, ...more };
    }

    /** A resource's inputs, connection included. */
    inputs(more: Json): Json {
        return { connection: this.connection(), ...more };
    }

    create(inputs: Json, preview = false): Promise<Answer> {
        return this.process.call("Create", { ...COMMAND, properties: this.inputs(inputs), preview });
    }

    /** From `before`, with the outputs it left, to `after`. */
    update(before: Json, outputs: Ran, after: Json, preview = false): Promise<Answer> {
        const oldInputs = this.inputs(before);
        const olds = { ...oldInputs, ...outputs };
        return this.process.call("Update", { ...COMMAND, id: "x", oldInputs, olds, news: this.inputs(after), preview });
    }

    delete(inputs: Json, outputs: Ran = NOTHING): Promise<Answer> {
        const oldInputs = this.inputs(inputs);
        return this.process.call("Delete", {
            ...COMMAND,
            id: "x",
            oldInputs,
            properties: { ...oldInputs, ...outputs },
        });
    }

    diff(before: Json, after: Json): Promise<Answer> {
        const oldInputs = this.inputs(before);
        const olds = { ...oldInputs, ...NOTHING };
        return this.process.call("Diff", { ...COMMAND, id: "x", oldInputs, olds, news: this.inputs(after) });
    }

    /** Waits until a line has come through the log of a running command. */
    async logged(line: string): Promise<void> {
        while (!this.process.logged.includes(line)) {
            await sleep(10);
        }
    }
}

export interface Ran {
    readonly stdout: string;
    readonly stderr: string;
}

export const NOTHING: Ran = { stdout: "", stderr: "" };

export const COMMAND = resource("command:remote:Command", "step");
export const COPY = resource("command:remote:CopyToRemote", "copy");

function resource(type: string, name: string): Json {
    return { urn: `urn:pulumi:dev::p::${type}::${name}`, type, name };
}

/** What a successful answer says of the resource. */
export function properties(answer: Answer): Json {
    if (answer.response === null) {
        throw new Error(`expected success, and not: ${answer.error}`);
    }
    return answer.response.properties as Json;
}
