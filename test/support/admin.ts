import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { Droplet, tryOn } from "./lab";
import { Ended, root, run } from "./run";

/** A shell that has its own ~/.ssh, which the ssh program finds by the user's home and by nothing else. */
const SHELL = `
mkdir -p ~/.ssh
mount --bind "$FOLDER/ssh" ~/.ssh
. "$ROOT/scripts/env"
cd "$1"
eval "$2"`;

/** Somebody who never used this program, has a server's address and a key for it, and types what the documents say. */
export class Admin {
    readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), "admin-"));
    readonly #droplet: Droplet;
    readonly #env: NodeJS.ProcessEnv;
    #cwd = this.#folder;

    constructor(droplet: Droplet) {
        this.#droplet = droplet;
        fs.mkdirSync(path.join(this.#folder, "ssh"), { mode: 0o700 });
        fs.mkdirSync(path.join(this.#folder, "state"));
        this.#env = {
            ...process.env,
            ROOT: root,
            FOLDER: this.#folder,
            SSH_AUTH_SOCK: droplet.agentSocket,
            // Compares the fingerprint, and says so.
            SSH_ASKPASS: this.#script("askpass", "echo yes"),
            SSH_ASKPASS_REQUIRE: "force",
            EDITOR: this.#script("editor", this.#edits()),
            PULUMI_HOME: path.join(this.#folder, "pulumi"),
            PULUMI_CONFIG_PASSPHRASE: "a passphrase for the stack",
        };
        for (const name of ["SPECIVO_LAB", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE"]) {
            delete this.#env[name];
        }
    }

    /** What stands in the documents for what is the admin's own, and for an answer to a question. */
    get #own(): readonly (readonly [RegExp, string])[] {
        const { address, offsite } = this.#droplet;
        return [
            [/\bREPOSITORY\b/, root],
            [/203\.0\.113\.1[01]/, address],
            [/s3:\S+\/example-staging-backups/, `${offsite.s3.repository}/staging`],
            [/--local$/, `file://${this.#folder}/state`],
            [/^pulumi (up|cancel)$/, "$& --yes"],
        ];
    }

    /** What is typed where a command asks. */
    get #answers(): Readonly<Record<string, string>> {
        return {
            "pulumi config set --secret backupPassword": "a password for backups",
            "pulumi config set --secret offsiteSecretAccessKey": fs
                .readFileSync(this.#droplet.offsite.s3.secretAccessKeyPath, "utf8")
                .trim(),
        };
    }

    #edits(): string {
        const { address, offsite } = this.#droplet;
        const values = {
            specivoVersion: "0.1.10",
            host: address,
            offsiteRepository: offsite.s3.repository,
            offsiteAccessKeyId: fs.readFileSync(offsite.s3.accessKeyIdPath, "utf8").trim(),
        };
        const edits = Object.entries(values).map(([key, value]) => `-e 's|^\\( *specivo:${key}:\\).*|\\1 ${value}|'`);
        return `sed -i ${edits.join(" ")} "$1"`;
    }

    #script(name: string, command: string): string {
        const file = path.join(this.#folder, name);
        fs.writeFileSync(file, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
        return file;
    }

    /** Types a command, with `id` where the documents have that of a backup; `specivo-host` on the server. Never throws for its status. */
    type(command: string, id = ""): Promise<Ended> {
        const own = this.#own.reduce((text, [from, to]) => text.replace(from, to), command).replace("1f3a9c02", id);
        if (own.startsWith("specivo-host ")) {
            return tryOn(this.#droplet, own);
        }
        const shell = ["--mount", "bash", "-euo", "pipefail", "-c", SHELL, "admin", this.#cwd, own];
        const [, folder = ""] = /^cd (\S+)$/.exec(own) ?? [];
        this.#cwd = path.join(this.#cwd, folder);
        return run("unshare", shell, { env: this.#env, cwd: this.#folder, input: this.#answers[command] ?? "" });
    }

    remove(): void {
        fs.rmSync(this.#folder, { recursive: true });
    }
}
