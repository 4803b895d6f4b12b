import * as pulumi from "@pulumi/pulumi";

import { object, string } from "../plan/decode";
import type { Transition } from "../plan/ledger";
import type { Host } from "./host";
import { HostOperation } from "./hostOperation";

export interface PreflightArgs {
    readonly host: Host;
    /** The transition to begin. A new id runs it. */
    readonly transition: Transition;
}

/** Checks on the server what must still hold, and records the transition as begun. */
export class Preflight extends pulumi.ComponentResource {
    /** Id of the transition, known once it is open in the server's ledger; the backup waits for it. */
    public readonly opened: pulumi.Output<string>;

    constructor(name: string, args: PreflightArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:Preflight", name, {}, opts);
        const run = new HostOperation(
            `${name}-run`,
            { ...args, operation: "preflight", result: object({ transition: string }) },
            { parent: this },
        );
        this.opened = run.result.transition;
        this.registerOutputs({ opened: this.opened });
    }
}
