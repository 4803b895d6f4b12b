import type { Client, ClientChannel } from "ssh2";
import type { Context } from "../core/plugin";
import { reveal, type Props } from "../core/values";
import type { Connection } from "./connection";
import { dial } from "./dial";
import { openSession } from "./environment";
import { quote } from "../core/gotext";
import { Output } from "./output";
import type { Ran } from "./resource";

interface RemoteInputs {
    readonly connection: Connection;
    readonly stdin?: string;
    readonly logging?: string;
    readonly environment?: Record<string, string>;
    readonly addPreviousOutputInEnv?: boolean;
}

/** Runs one command on the server, and takes down what it writes. */
export async function runRemote(command: string, state: Props, context: Context): Promise<Ran> {
    const inputs = reveal(state) as RemoteInputs;
    const client = await dial(inputs.connection, context);
    try {
        const previous = inputs.addPreviousOutputInEnv === false ? {} : reveal(state);
        return await openSession(client, command, inputs.environment ?? {}, previous as Ran, context.log, (channel) =>
            follow(client, channel, command, inputs, context),
        );
    } finally {
        client.end();
    }
}

function follow(
    client: Client,
    channel: ClientChannel,
    command: string,
    inputs: RemoteInputs,
    context: Context,
): Promise<Ran> {
    return new Promise((resolve, reject) => {
        const output = new Output(context.log, inputs.logging);
        let status: string | undefined = "wait: remote command exited without exit status or exit signal";
        let sent = false;
        let ended = false;
        const finish = () => {
            if (ended) {
                return;
            }
            ended = true;
            const { stdout, stderr, both, hangs } = output.end();
            // Whoever ends well without having taken all of its stdin has failed, for the original.
            status = hangs ?? status ?? (sent ? undefined : "EOF");
            if (status === undefined) {
                resolve({ stdout, stderr });
            } else {
                reject(new Error(`${status}: running ${quote(command)}:\n${both}`));
            }
        };
        channel.on("data", (chunk: Buffer) => output.stdout(chunk));
        channel.stderr.on("data", (chunk: Buffer) => output.stderr(chunk));
        channel.on("exit", (code: number | null, signal?: string, _dumped?: boolean, description?: string) => {
            status = code === 0 ? undefined : exitText(code, signal, description);
        });
        channel.once("finish", () => (sent = true));
        channel.on("error", () => undefined);
        channel.on("close", finish);
        client.once("close", finish);
        channel.end(inputs.stdin ?? "");
    });
}

const SIGNALS: Record<string, number> = {
    ABRT: 6,
    ALRM: 14,
    FPE: 8,
    HUP: 1,
    ILL: 4,
    INT: 2,
    KILL: 9,
    PIPE: 13,
    QUIT: 3,
    SEGV: 11,
    TERM: 15,
};

function exitText(code: number | null, signal?: string, description?: string): string {
    const name = signal?.replace(/^SIG/, "");
    const number = code ?? 128 + (SIGNALS[name ?? ""] ?? 0);
    const by = name === undefined ? "" : ` from signal ${name}`;
    const why = description === undefined || description === "" ? "" : `. Reason was: ${description}`;
    return `Process exited with status ${number}${by}${why}`;
}
