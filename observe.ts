import { spawn } from "node:child_process";

import { inlineCall, readBundle } from "./components/bundle";
import { sshOptions } from "./components/connection";
import { UserError } from "./components/userError";
import { DecodeError } from "./plan/decode";
import { type Facts, parseFacts } from "./plan/facts";
import type { Target } from "./plan/plan";
import * as pulumi from "./pulumiCore";
import { lookOrRecent } from "./recentLook";
import type { SshSettings } from "./settings";

/** A look takes a second or two; this only ends one that hangs. */
const TIME_LIMIT_MS = 120_000;

/** The server could not be asked: the network is in between, not a mistake of its settings. */
export class UnreachableError extends UserError {}

/** The server shows another host key than the one that the stack learned from it. */
export class OtherKeyError extends UserError {}

/** What to look at. */
export interface ObserveArgs {
    readonly ssh: SshSettings;
    readonly installDir: string;
    /** The version asked for, so that its image can be looked for. */
    readonly target: Omit<Target, "imageDigest" | "mayInstall">;
}

/**
 * Looks at the server in one SSH session that changes and installs nothing: the script comes on stdin.
 * Throws a UserError of one sentence when there is no answer, or none that can be read.
 */
export async function observe(args: ObserveArgs): Promise<Facts> {
    const { ssh } = args;
    const answer = await lookOrRecent(JSON.stringify(args), pulumi.isDryRun(), () => look(args));
    try {
        // The whole of it, as the steps read their answers: what a login script prints would stop them in the middle of an update.
        return parseFacts(answer);
    } catch (error) {
        if (error instanceof DecodeError) {
            throw new UserError(
                `The answer of ${ssh.user}@${ssh.host} can't be read, as ${error.message}: make sure that its login scripts print nothing, then try again.`,
            );
        }
        throw error;
    }
}

async function look({ installDir, target, ssh }: ObserveArgs): Promise<string> {
    const { version, ...image } = target;
    const input = { installDir, ...image, target: version };
    const ended = await runOverSsh(ssh, inlineCall(readBundle(), "facts", input));
    if (ended.status !== 0) {
        throw refusalOf(ssh, ended);
    }
    return ended.stdout;
}

function refusalOf(ssh: SshSettings, ended: Ended): UserError {
    const sentence = explain(ssh, ended);
    if (OUT_OF_REACH.test(ended.stderr) || ended.status === null) {
        return new UnreachableError(sentence);
    }
    const otherKey = ssh.hostKey !== undefined && ended.status === 255 && OTHER_KEY.test(ended.stderr);
    return otherKey ? new OtherKeyError(sentence) : new UserError(sentence);
}

/** ssh's own words for a server that can't be reached, as opposed to one that does not let us in or is not the right one. */
const OUT_OF_REACH =
    /Connection (timed out|refused|reset|closed)|No route to host|Network is unreachable|Could not resolve hostname/;

const OTHER_KEY = /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/;

/** Runs the script that comes on stdin. `bash -s` would read it from there byte by byte, for which a script of 200 KB takes 0.07 s. */
const RUN_STDIN = `bash -c 'eval "$(cat)"'`;

/** How a command over SSH ended. */
export interface Ended {
    /** Exit status; null when it hung and was ended from here. */
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
}

async function runOverSsh(ssh: SshSettings, script: string): Promise<Ended> {
    // sudo's messages are recognised below, so they have to be in English.
    const command = ssh.user === "root" ? RUN_STDIN : `env LC_ALL=C sudo -n ${RUN_STDIN}`;
    const args = [...sshOptions(ssh), "-p", String(ssh.port), "-l", ssh.user, "--", ssh.host, command];
    return new Promise((resolve, reject) => {
        const child = spawn("ssh", args, { stdio: "pipe", signal: AbortSignal.timeout(TIME_LIMIT_MS) });
        let stdout = "";
        let stderr = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
        child.on("error", (error) => {
            // A client that was ended because time is up still closes, with no status.
            if (error.name !== "AbortError") {
                const advice = "install it (openssh-client), then try again";
                reject(new UserError(`The ssh client can't be started: ${advice}.`));
            }
        });
        child.on("close", (status) => resolve({ status, stdout, stderr }));
        // A client that gives up closes its stdin; how it ended tells why.
        child.stdin.on("error", () => undefined);
        child.stdin.end(script);
    });
}

/** One sentence for what ssh, sudo or the operation had to say. */
export function explain(ssh: SshSettings, { status, stderr }: Ended): string {
    const who = `${ssh.user}@${ssh.host}`;
    const lastLine = /\S[^\r\n]*(?=\s*$)/.exec(stderr)?.[0].trimEnd() ?? "no message";
    if (status === null) {
        return `${who} has not answered within ${TIME_LIMIT_MS / 1000} s: see what keeps the server busy, then try again.`;
    }
    const sentences = status === 255 ? sshSentences(ssh, lastLine) : remoteSentences(who, lastLine, status);
    return sentences.find(([pattern]) => pattern.test(stderr))?.[1] ?? "";
}

type Sentences = readonly (readonly [RegExp, string])[];

/** Status 255 is ssh's own: the script was not started. The first that fits counts. */
function sshSentences(ssh: SshSettings, lastLine: string): Sentences {
    const server = `${ssh.host} port ${ssh.port}`;
    const known = ssh.knownHostsPath;
    const knownAs = ssh.port === 22 ? ssh.host : `[${ssh.host}]:${ssh.port}`;
    return [
        ...(ssh.hostKey === undefined
            ? []
            : [
                  [
                      OTHER_KEY,
                      `The droplet at ${server} shows another host key than the one that this stack learned from it: whether it was rebuilt can be seen in DigitalOcean's console; if not, someone may be listening in.`,
                  ] as const,
              ]),
        [
            /REMOTE HOST IDENTIFICATION HAS CHANGED/,
            `The host key of ${server} is not the one in ${known}: if the server was rebuilt, take the old key out with \`ssh-keygen -R '${knownAs}' -f ${known}\` and add the new one; if not, someone may be listening in.`,
        ],
        [
            /Host key verification failed/,
            `The host key of ${server} is not in ${known}: compare its fingerprint with the one on the server's console, then add it with \`ssh-keyscan -p ${ssh.port} ${ssh.host} >> ${known}\`.`,
        ],
        [
            /Permission denied|Too many authentication failures/,
            `${ssh.user}@${ssh.host} accepts no key of your SSH agent: see them with \`ssh-add -l\`, load the right one with \`ssh-add\`, or correct specivo:sshUser.`,
        ],
        [
            /Could not resolve hostname/,
            `The name ${ssh.host} can't be resolved: correct specivo:host, or give the server's address there.`,
        ],
        [
            /^/,
            `${server} can't be reached over SSH (${lastLine}): check specivo:host, specivo:sshPort, the server and its firewall.`,
        ],
    ];
}

function remoteSentences(who: string, lastLine: string, status: number): Sentences {
    const ownWords = /^specivo-host facts: (.*)$/.exec(lastLine)?.[1];
    return [
        ...(ownWords === undefined ? [] : [[/^/, ownWords] as const]),
        [
            /^sudo: |sudo: (command )?not found|No such file or directory.*sudo|sudo.*: No such file or directory/m,
            `${who} may not use sudo without a password (${lastLine}): allow it in /etc/sudoers.d, or set specivo:sshUser to root.`,
        ],
        [/bash: (command )?not found|not found: bash/, `${who} has no bash: install it on the server.`],
        [
            /^/,
            `The look at ${who} ended with status ${status} (${lastLine}): correct that on the server, then try again.`,
        ],
    ];
}
