// The history of one instance as one page, asked of the server over SSH or read from files.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { sshOptions } from "../../components/connection";
import { runCommand, UsageError } from "../command";
import { type Backups, readBackups, readHistory } from "./history";
import { makePage } from "./page";

/** The listing of backups asks their place off the server. */
const TIME_LIMIT_MS = 180_000;

function main(): void {
    const { positionals, values } = parseArgs({
        allowPositionals: true,
        options: {
            port: { type: "string", default: "22" },
            "known-hosts": { type: "string", default: "~/.ssh/known_hosts" },
            "install-dir": { type: "string", default: "/opt/specivo" },
            history: { type: "string" },
            backups: { type: "string" },
            out: { type: "string", default: "report.html" },
        },
    });
    const [server, more] = positionals;
    if ((server === undefined) === (values.history === undefined) || more !== undefined) {
        throw new UsageError("Name the server, as in `npm run report -- root@203.0.113.10`, or give --history FILE.");
    }
    const ask = (operation: string) => askServer(server ?? "", operation, values);
    const transitions = readHistory(values.history === undefined ? ask("history") : readText(values.history));
    let backups: Backups | undefined;
    let whyNoBackups = "They were not asked for.";
    if (server !== undefined || values.backups !== undefined) {
        try {
            backups = readBackups(values.backups === undefined ? ask("backups") : readText(values.backups));
        } catch (error) {
            if (!(error instanceof UsageError)) {
                throw error;
            }
            // The history is worth a page without them, most of all on a bad day.
            whyNoBackups = error.message;
            console.error(error.message);
        }
    }
    const name = server?.split("@").at(-1) ?? "this server";
    writeFileSync(values.out, makePage({ server: name, transitions, backups, whyNoBackups, now: new Date() }));
    console.log(`The history is in ${values.out}.`);
}

interface Place {
    readonly port: string;
    readonly "known-hosts": string;
    readonly "install-dir": string;
}

/** What an operation that changes nothing prints. */
function askServer(server: string, operation: string, place: Place): string {
    const [, user = "root", host = ""] = /^(?:([a-z_][\w-]*)@)?([A-Za-z0-9.-]+)$/.exec(server) ?? [];
    if (host === "" || !/^\d{1,5}$/.test(place.port)) {
        throw new UsageError(
            `The server is ${JSON.stringify(server)}, port ${place.port}: name it as USER@HOST, the port by --port.`,
        );
    }
    const options = sshOptions({ host, port: Number(place.port), user, knownHostsPath: place["known-hosts"] });
    const command = `${user === "root" ? "" : "sudo -n "}/usr/local/sbin/specivo-host ${operation}`;
    const ended = spawnSync("ssh", [...options, "-p", place.port, "-l", user, "--", host, command], {
        input: JSON.stringify({ installDir: place["install-dir"] }),
        encoding: "utf8",
        timeout: TIME_LIMIT_MS,
        maxBuffer: 64 * 1024 * 1024,
    });
    if (ended.status !== 0) {
        const said = ended.stderr?.trim().split("\n").at(-1) ?? "";
        throw new UsageError(
            `${server} did not tell its ${operation} (${said === "" ? "no answer" : said}): check the address, the agent's keys and known_hosts.`,
        );
    }
    return ended.stdout;
}

function readText(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        throw new UsageError(`There is no file ${file}: name one with the operation's output.`);
    }
}

runCommand(main);
