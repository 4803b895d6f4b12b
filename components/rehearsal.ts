import * as pulumi from "@pulumi/pulumi";

import { object, optional, string } from "../plan/decode";
import type { Transition } from "../plan/ledger";
import type { Host } from "./host";
import { HostOperation } from "./hostOperation";

export interface RehearsalArgs {
    readonly host: Host;
    /** The transition whose version is tried. A new id runs it. */
    readonly transition: Transition;
    /** Id of the checked backup that the version is tried on. */
    readonly backup: pulumi.Input<string>;
    /** Id of the pulled image. */
    readonly image: pulumi.Input<string>;
}

/** The new version, whole, on the restored backup and apart from production: where it does not start, nothing was touched. */
export class Rehearsal extends pulumi.ComponentResource {
    /** Schema revision it brings the data to, known once it was healthy there; null where there was nothing to try. */
    public readonly revision: pulumi.Output<string | null>;

    constructor(name: string, args: RehearsalArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:Rehearsal", name, {}, opts);
        const { host, transition, backup, image } = args;
        const run = new HostOperation(
            `${name}-run`,
            {
                host,
                transition,
                input: { backup, image },
                operation: "rehearsal",
                result: object({ revisionAfter: optional(string) }),
            },
            { parent: this },
        );
        this.revision = run.result.revisionAfter;
        this.registerOutputs({ revision: this.revision });
    }
}
