import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Duplex } from "node:stream";
import { Client, utils, type AnyAuthMethod, type ConnectConfig, type ParsedKey } from "ssh2";
import { explained } from "../core/errors";
import type { Context } from "../core/plugin";
import type { Connection, Endpoint } from "./connection";
import { dialError, hostPort } from "../core/gotext";
import { expectedHostKey } from "./hostkey";

const FIRST_DELAY = 100;
const BACKOFF = 1.5;
const LONGEST_DELAY = 5000;

/** Opens an SSH connection, trying again as often as the connection allows. */
export async function dial(connection: Connection, context: Context): Promise<Client> {
    const config = await clientConfig(connection);
    if (connection.proxy === undefined) {
        return retrying("Dial", connection.dialErrorLimit, context, async () => {
            return handshake(config, connection, await tcp(connection));
        });
    }
    const proxy = connection.proxy;
    try {
        const proxyConfig = await clientConfig(proxy);
        const bastion = await retrying("Dial proxy", proxy.dialErrorLimit, context, async () => {
            return handshake(proxyConfig, proxy, await tcp(proxy));
        });
        const client = await retrying("Dial from proxy", connection.dialErrorLimit, context, async () => {
            return handshake(config, connection, await forward(bastion, connection));
        });
        client.once("close", () => bastion.end());
        return client;
    } catch (error) {
        throw explained("proxy: ", error);
    }
}

async function retrying<T>(what: string, limit: number, context: Context, attempt: () => Promise<T>): Promise<T> {
    let delay = FIRST_DELAY;
    for (let tries = 0; ; tries++) {
        try {
            return await attempt();
        } catch (error) {
            if (limit > -1 && tries + 1 > limit) {
                throw explained(`after ${tries} failed attempts: `, error);
            }
        }
        context.log.status(`${what} ${tries + 1}/${limit === -1 ? "inf" : limit} failed: retrying`);
        await sleep(delay, undefined, { signal: context.cancelled }).catch(() => {
            throw new Error("context canceled");
        });
        delay = Math.min(delay * BACKOFF, LONGEST_DELAY);
    }
}

function tcp(endpoint: Endpoint): Promise<net.Socket> {
    const target = hostPort(endpoint.host, endpoint.port);
    return new Promise((resolve, reject) => {
        const socket = net.connect({ host: endpoint.host, port: endpoint.port, keepAlive: true, noDelay: true });
        const failed = (error: Error) => {
            clearTimeout(timer);
            socket.destroy();
            reject(error);
        };
        const timer =
            endpoint.perDialTimeout > 0
                ? setTimeout(() => failed(new Error(`dial tcp ${target}: i/o timeout`)), endpoint.perDialTimeout * 1000)
                : undefined;
        socket.once("error", (error) => failed(dialError(error, "tcp", target)));
        socket.once("connect", () => {
            clearTimeout(timer);
            socket.removeAllListeners("error");
            resolve(socket);
        });
    });
}

function forward(bastion: Client, endpoint: Endpoint): Promise<Duplex> {
    return new Promise((resolve, reject) => {
        bastion.forwardOut("127.0.0.1", 0, endpoint.host, endpoint.port, (error, stream) => {
            if (error !== undefined) {
                reject(error);
            } else {
                resolve(stream);
            }
        });
    });
}

function handshake(config: ConnectConfig, endpoint: Endpoint, sock: Duplex): Promise<Client> {
    const hostKey = expectedHostKey(endpoint.hostKey);
    return new Promise((resolve, reject) => {
        const client = new Client();
        let reason: string | undefined;
        const failed = (error: Error & { level?: string }) => {
            if (error.level === "agent") {
                return;
            }
            client.destroy();
            reject(new Error(`ssh: handshake failed: ${reason ?? wording(error, config)}`));
        };
        client.on("error", failed);
        client.once("close", () => failed(new Error("EOF")));
        client.once("ready", () => {
            // From here on the session tells what went wrong: an error event without a listener would end the plugin.
            client.removeAllListeners("close");
            client.removeListener("error", failed);
            client.on("error", () => undefined);
            resolve(client);
        });
        client.connect({
            ...config,
            sock,
            algorithms: { serverHostKey: hostKey.algorithms },
            hostVerifier: (presented: Buffer) => {
                const accepted = hostKey.accepts(presented);
                reason = accepted ? undefined : "ssh: host key mismatch";
                return accepted;
            },
        });
    });
}

function wording(error: Error & { level?: string; code?: string }, config: ConnectConfig): string {
    if (error.level === "client-authentication") {
        const methods = new Set((config.authHandler as AnyAuthMethod[]).map(({ type }) => methodName(type)));
        const attempted = [...methods].join(" ");
        return `ssh: unable to authenticate, attempted methods [${attempted}], no supported methods remain`;
    }
    if (error.message.includes("no matching host key format")) {
        return `ssh: no common algorithm for host key; ${error.message}`;
    }
    return /before handshake|^EOF$/.test(error.message) ? "EOF" : error.message;
}

function methodName(type: AnyAuthMethod["type"]): string {
    return type === "agent" ? "publickey" : type;
}

async function clientConfig(endpoint: Endpoint): Promise<ConnectConfig> {
    // What is wrong with the settings themselves is told at once; dialling again would not mend it.
    expectedHostKey(endpoint.hostKey);
    const username = endpoint.user;
    const methods: AnyAuthMethod[] = [{ type: "none", username }];
    if (endpoint.privateKey !== undefined) {
        methods.push({ type: "publickey", username, key: privateKey(endpoint) });
    }
    const password = endpoint.password;
    if (password !== undefined) {
        methods.push({ type: "password", username, password });
        methods.push({
            type: "keyboard-interactive",
            username,
            prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
        });
    }
    const agent = endpoint.agentSocketPath ?? process.env.SSH_AUTH_SOCK ?? "";
    if (agent !== "") {
        await reachable(agent);
        methods.push({ type: "agent", username, agent });
    }
    return { username, authHandler: methods, readyTimeout: 0 };
}

function privateKey(endpoint: Endpoint): ParsedKey {
    const parsed = utils.parseKey(endpoint.privateKey ?? "", endpoint.privateKeyPassword) as
        ParsedKey | ParsedKey[] | Error;
    const key = Array.isArray(parsed) ? parsed[0] : parsed;
    if (key === undefined || key instanceof Error) {
        const encrypted = /encrypted|passphrase/i.test(key?.message ?? "");
        throw new Error(encrypted ? "ssh: this private key is passphrase protected" : "ssh: no key found");
    }
    return key;
}

function reachable(agent: string): Promise<void> {
    return new Promise((resolve, reject) => {
        const socket = net.connect(agent);
        socket.once("error", (error) => reject(dialError(error, "unix", agent)));
        socket.once("connect", () => {
            socket.destroy();
            resolve();
        });
    });
}
