import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import * as path from "node:path";

import type { InstallSettings } from "../installSettings";
import { decodeJson, object, string } from "../plan/decode";
import type { BackupSettings } from "../settings";
import type { Host } from "./host";

const STACK_DIR = path.join(__dirname, "..", "host", "stack");
/** What Compose and nginx read, as it is put on the server. */
const FILES = ["docker-compose.yml", "nginx/default.conf"];

/** What is to be there where nothing is. */
export interface InstallWish extends InstallSettings {
    /** The version to begin with; a later change of it is an upgrade, and none of this. */
    readonly version: string;
    /** Digest its image must have; empty for any. */
    readonly digest: string;
    /** Archive on the server that the image is loaded from; empty for a pull. */
    readonly archive: string;
    /** It is missing, as far as could be seen. Else what it was begun with is of no interest any more. */
    readonly missing: boolean;
}

export interface InstallArgs {
    readonly host: Host;
    /** The machine; on another one it is installed anew. */
    readonly machine: pulumi.Input<string>;
    readonly wish: InstallWish;
    /** Where backups are, for one that is brought back. */
    readonly backup: BackupSettings;
}

/** A Specivo where there was none. Where there is one already, it does nothing. */
export class Install extends pulumi.ComponentResource {
    /** Tells this installation on this machine from every other one; known once it runs. */
    public readonly instance: pulumi.Output<string>;

    constructor(name: string, args: InstallArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:Install", name, {}, opts);
        const { host, machine, backup } = args;
        const { restoreFrom, missing, ...wish } = args.wish;
        const restore = restoreFrom === "" ? {} : { restore: { from: restoreFrom, ...backup } };
        const files = Object.fromEntries(FILES.map((file) => [file, readFileSync(path.join(STACK_DIR, file), "utf8")]));
        const run = new remote.Command(
            `${name}-run`,
            {
                connection: host.connection,
                create: host.command("install"),
                stdin: pulumi.jsonStringify({ ...host.location, ...wish, files, ...restore }),
                triggers: [machine, host.location.installDir],
                logging: "stderr",
                addPreviousOutputInEnv: false,
            },
            { parent: this, ignoreChanges: missing ? [] : ["stdin", "create"] },
        );
        this.instance = run.stdout.apply(
            (line) => decodeJson(line, "the answer of install", object({ instance: string })).instance,
        );
        this.registerOutputs({ instance: this.instance });
    }
}
