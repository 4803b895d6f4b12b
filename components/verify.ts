import * as pulumi from "@pulumi/pulumi";

import { object, string } from "../plan/decode";
import type { Transition } from "../plan/ledger";
import type { Host } from "./host";
import { HostOperation } from "./hostOperation";

export interface VerifyArgs {
    readonly host: Host;
    /** The transition to close. A new id runs it. */
    readonly transition: Transition;
    /** Id of the checked backup; the server compares it with its ledger. */
    readonly backup: pulumi.Input<string>;
    /** Id of the image the services must run. */
    readonly image: pulumi.Input<string>;
    /** The version that was rolled out. */
    readonly rolledOut: pulumi.Input<string>;
}

/** Looks at the instance as its users would, and records the transition as finished. */
export class Verify extends pulumi.ComponentResource {
    /** The version that serves, known once every check has passed. */
    public readonly version: pulumi.Output<string>;

    constructor(name: string, args: VerifyArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:Verify", name, {}, opts);
        const { host, transition, backup, image, rolledOut } = args;
        const run = new HostOperation(
            `${name}-run`,
            {
                host,
                transition,
                input: { backup, image },
                after: rolledOut,
                operation: "verify",
                result: object({ version: string }),
            },
            { parent: this },
        );
        this.version = run.result.version;
        this.registerOutputs({ version: this.version });
    }
}
