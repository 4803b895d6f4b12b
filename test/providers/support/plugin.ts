import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { send, type Json } from "./calls";
import { EngineLog, type LogLine } from "./engine-log";
import type { Plugin } from "./plugins";
import { endWithTests, killGroup } from "../../support/process-groups";

/** What a plugin answered: a response in the form of the recordings, or the text of the error. */
export interface Answer {
    readonly response: Json | null;
    readonly error?: string;
}

/** As the engine sets it: a folder may travel in one message. */
const MESSAGE_LIMIT = 400 * 1024 * 1024;
/** Milliseconds a plugin has, once interrupted, before it is killed. */
const GRACE = 5000;

/**
 * A plugin running as the engine runs it: a process in a group of its own that is given the engine's address and prints its
 * port on the first line, is shaken hands with, configured and called over gRPC, and interrupted in the end.
 */
export class PluginProcess {
    private constructor(
        private readonly plugin: Plugin,
        private readonly child: ChildProcess,
        private readonly engineLog: EngineLog,
        private readonly client: ResourceProviderClient,
    ) {}

    /** The plugin's environment is that of the tests with `env` on top; its folder would be the program's. */
    static async start(plugin: Plugin, env: NodeJS.ProcessEnv = {}, cwd = tmpdir()): Promise<PluginProcess> {
        const log = await EngineLog.start();
        const child = spawn(plugin.path, [log.address], {
            cwd,
            env: { ...process.env, ...env },
            detached: true,
            stdio: ["pipe", "pipe", "pipe"],
        });
        endWithTests(child);
        try {
            const port = await portOf(plugin, child);
            const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
                "grpc.max_receive_message_length": MESSAGE_LIMIT,
                "grpc.max_send_message_length": MESSAGE_LIMIT,
            });
            const started = new PluginProcess(plugin, child, log, client);
            await started.shakeHands();
            return started;
        } catch (error) {
            killGroup(child.pid);
            log.stop();
            throw error;
        }
    }

    /** All lines sent to the engine's log so far. */
    get log(): LogLine[] {
        return this.engineLog.lines;
    }

    /** Their texts. */
    get logged(): string[] {
        return this.log.map((line) => line.message);
    }

    async stop(): Promise<void> {
        this.client.close();
        await end(this.child);
        this.engineLog.stop();
    }

    /** Ends it at once, as `kill -9` of Pulumi and all it has started does. */
    async kill(): Promise<void> {
        killGroup(this.child.pid);
        await this.stop();
    }

    /** Checks the provider's own settings and hands them over; the error is that of the first that fails. */
    async configure(settings: Json): Promise<Answer> {
        const type = `pulumi:providers:${this.plugin.name}`;
        const urn = `urn:pulumi:dev::p::${type}::default`;
        const checked = await this.call("CheckConfig", { urn, name: "default", type, news: settings });
        const args = unimplemented(checked) ? settings : (checked.response?.inputs as Json | undefined);
        if (args === undefined) {
            return checked;
        }
        const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
        const variables = Object.entries(args).map(([key, value]) => [
            `${this.plugin.name}:config:${key}`,
            text(value),
        ]);
        return this.call("Configure", {
            urn,
            name: "default",
            type,
            id: "b9ad5ad5-5b5f-4b8f-8d2c-6b9f0d6c1d1e",
            acceptSecrets: true,
            acceptResources: true,
            sendsOldInputs: true,
            sendsOldInputsToDelete: true,
            variables: Object.fromEntries(variables) as Json,
            args,
        });
    }

    /** What the engine sends when it is interrupted. */
    cancel(): Promise<void> {
        return new Promise((resolve, reject) => {
            this.client.cancel(new Empty(), (error) => (error === null ? resolve() : reject(error)));
        });
    }

    async call(verb: string, request: Json): Promise<Answer> {
        try {
            return { response: await send(this.client, verb, request) };
        } catch (error) {
            const { code, details } = error as grpc.ServiceError;
            if (code === undefined) {
                throw error;
            }
            return { response: null, error: `rpc error: code = ${pascal(grpc.status[code])} desc = ${details}` };
        }
    }

    private async shakeHands(): Promise<void> {
        const folder = path.dirname(this.plugin.path);
        const shaken = await this.call("Handshake", {
            engineAddress: this.engineLog.address,
            rootDirectory: folder,
            programDirectory: folder,
            configureWithUrn: true,
            supportsViews: true,
            supportsRefreshBeforeUpdate: true,
            invokeWithPreview: true,
            acceptsByteString: true,
        });
        if (shaken.error !== undefined && !unimplemented(shaken)) {
            throw new Error(`${this.plugin.title} did not shake hands: ${shaken.error}`);
        }
    }
}

/** Plugins from before a call was invented don't have it, and the engine does without. */
function unimplemented(answer: Answer): boolean {
    return answer.error?.startsWith("rpc error: code = Unimplemented ") === true;
}

async function portOf(plugin: Plugin, child: ChildProcess): Promise<number> {
    let stderr = "";
    child.stderr?.on("data", (data: Buffer) => (stderr += data.toString()));
    const failed = Promise.race([
        once(child, "error").then(([error]) => String(error)),
        once(child, "close").then(([code, signal]) => `it ended with ${code ?? signal}\n${stderr}`),
    ]).then((why) => {
        throw new Error(`${plugin.title} (${plugin.path}) did not serve: ${why}`);
    });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const [line] = (await Promise.race([once(lines, "line"), failed])) as [string];
    failed.catch(() => undefined);
    if (!/^\d+$/.test(line)) {
        throw new Error(`${plugin.title} (${plugin.path}) printed "${line}" where its port was expected`);
    }
    return Number(line);
}

async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) {
        return;
    }
    const ended = once(child, "exit");
    killGroup(child.pid, "SIGINT");
    const impatience = setTimeout(() => killGroup(child.pid), GRACE);
    await ended;
    clearTimeout(impatience);
}

/** Codes as Go, and so the recordings, name them. */
function pascal(name: string): string {
    const words = name.split("_");
    return words.map((word) => word.charAt(0) + word.slice(1).toLowerCase()).join("");
}
