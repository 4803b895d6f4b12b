import type { Client, ClientChannel } from "ssh2";
import type { Log } from "../core/log";
import type { Ran } from "./resource";

/** The parts of ssh2 below its public interface that asking for an answer to `env` takes. */
interface Internals {
    _protocol: {
        env: (channel: number, key: string, value: string, wantReply: boolean) => void;
        exec: (channel: number, command: string, wantReply: boolean) => void;
    };
    _chanMgr: { _channels: Record<string, { outgoing?: { id: number }; _callbacks: ((failed: boolean) => void)[] }> };
}

/**
 * Starts the command in a session with these variables set. ssh2 itself sends variables without asking whether the
 * server took them, and the command would run without: so the command is held back until every answer has come.
 * `follow` is called at once, not a promise later: a quick command's exit status may come in the very same packet.
 */
export function openSession(
    client: Client,
    command: string,
    environment: Record<string, string>,
    previous: Partial<Ran>,
    log: Log,
    follow: (channel: ClientChannel) => Promise<Ran>,
): Promise<Ran> {
    const optional = {
        ...(previous.stdout ? { PULUMI_COMMAND_STDOUT: previous.stdout } : {}),
        ...(previous.stderr ? { PULUMI_COMMAND_STDERR: previous.stderr } : {}),
    };
    const env = { ...environment, ...optional };
    if (Object.keys(env).length === 0) {
        return new Promise((resolve, reject) => {
            client.exec(command, (error, channel) => (error === undefined ? resolve(follow(channel)) : reject(error)));
        });
    }
    return new Promise((resolve, reject) => {
        const { _protocol: protocol, _chanMgr: channels } = client as unknown as Internals;
        const sendEnv = protocol.env.bind(protocol);
        const sendExec = protocol.exec.bind(protocol);
        let waiting = 0;
        let start: () => void = () => undefined;
        protocol.env = (id, key, value) => {
            const channel = Object.values(channels._channels).find((each) => each.outgoing?.id === id);
            waiting++;
            channel?._callbacks.push((refused) => {
                waiting--;
                const needed = key in environment;
                if (refused) {
                    (needed ? log.error : log.warn)(refusal(key));
                }
                if (refused && needed) {
                    reject(new Error(`could not set environment variable "${key}": ssh: setenv failed`));
                } else if (waiting === 0) {
                    start();
                }
            });
            sendEnv(id, key, value, true);
        };
        protocol.exec = (id, text, wantReply) => {
            start = () => sendExec(id, text, wantReply);
        };
        client.exec(command, { env }, (error, channel) =>
            error === undefined ? resolve(follow(channel)) : reject(error),
        );
    });
}

function refusal(key: string): string {
    return `Unable to set '${key}'. This only works if your SSH server is configured to accept
	these variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could
	prefix the command itself with the variables in the form 'VAR=value command'`;
}
