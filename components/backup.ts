import * as pulumi from "@pulumi/pulumi";

import { object, string } from "../plan/decode";
import type { Transition } from "../plan/ledger";
import type { Host } from "./host";
import { HostOperation } from "./hostOperation";

export interface BackupArgs {
    readonly host: Host;
    /** The transition this backup protects. A new id makes a new backup; nothing else does. */
    readonly transition: Transition;
    /** Known once preflight has opened the transition. */
    readonly opened: pulumi.Input<string>;
}

/** A backup that lies off the host and has been checked there, before anything else may change. */
export class Backup extends pulumi.ComponentResource {
    /** Id of the restic snapshot, known once it is checked; the pull consumes it, so it can't begin earlier. */
    public readonly id: pulumi.Output<string>;

    constructor(name: string, args: BackupArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:Backup", name, {}, opts);
        const { host, transition, opened } = args;
        const run = new HostOperation(
            `${name}-run`,
            { host, transition, after: opened, operation: "backup", result: object({ id: string }) },
            { parent: this },
        );
        this.id = run.result.id;
        this.registerOutputs({ id: this.id });
    }
}
