import * as pulumi from "@pulumi/pulumi";

import { nullable, object, string } from "../plan/decode";
import type { Transition } from "../plan/ledger";
import type { Host } from "./host";
import { HostOperation } from "./hostOperation";

export interface RestorePointArgs {
    readonly host: Host;
    /** The transition a rollback of which needs it. A new id runs it. */
    readonly transition: Transition;
    /** Id of the checked backup; the server compares it with its ledger. */
    readonly backup: pulumi.Input<string>;
    /** The version that serves, known once the transition has finished. */
    readonly verified: pulumi.Input<string>;
}

/**
 * What the transition found when its writers were stopped, off the host and proven: a rollback puts it back. When it can't be
 * sent the instance is well all the same, and the next `pulumi up` sends it.
 */
export class RestorePoint extends pulumi.ComponentResource {
    /** Id of the restic snapshot; null for a transition that left the schema as it was, whose rollback needs none. */
    public readonly id: pulumi.Output<string | null>;

    constructor(name: string, args: RestorePointArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:RestorePoint", name, {}, opts);
        const { host, transition, backup, verified } = args;
        const run = new HostOperation(
            `${name}-run`,
            {
                host,
                transition,
                input: { backup },
                after: verified,
                operation: "restore-point",
                result: object({ restorePoint: nullable(string) }),
            },
            { parent: this },
        );
        this.id = run.result.restorePoint;
        this.registerOutputs({ id: this.id });
    }
}
