import * as pulumi from "@pulumi/pulumi";

import { object, string } from "../plan/decode";
import type { Transition } from "../plan/ledger";
import type { Host } from "./host";
import { HostOperation } from "./hostOperation";

export interface RolloutArgs {
    readonly host: Host;
    /** The transition that is rolled out. A new id runs it. */
    readonly transition: Transition;
    /** Id of the checked backup; the server compares it with its ledger. */
    readonly backup: pulumi.Input<string>;
    /** Id of the image the services must run. */
    readonly image: pulumi.Input<string>;
    /** The pinned version, known once it is in `.env`. */
    readonly pinned: pulumi.Input<string>;
}

/** Cut-over: api, worker and beat on the pinned version. When it fails, the server puts the previous one back first. */
export class Rollout extends pulumi.ComponentResource {
    /** The version that was rolled out, known once its services are up; verify waits for it. */
    public readonly version: pulumi.Output<string>;

    constructor(name: string, args: RolloutArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:Rollout", name, {}, opts);
        const { host, transition, backup, image, pinned } = args;
        const run = new HostOperation(
            `${name}-run`,
            {
                host,
                transition,
                input: { backup, image },
                after: pinned,
                operation: "rollout",
                result: object({ version: string }),
            },
            { parent: this },
        );
        this.version = run.result.version;
        this.registerOutputs({ version: this.version });
    }
}
