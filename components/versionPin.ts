import * as pulumi from "@pulumi/pulumi";

import { object, string } from "../plan/decode";
import type { Transition } from "../plan/ledger";
import type { Host } from "./host";
import { HostOperation } from "./hostOperation";

export interface VersionPinArgs {
    readonly host: Host;
    /** The transition whose version is pinned. A new id runs it. */
    readonly transition: Transition;
    /** Id of the checked backup; the server compares it with its ledger. */
    readonly backup: pulumi.Input<string>;
    /** Id of the pulled image; the server checks that the version's tag names it. */
    readonly image: pulumi.Input<string>;
    /** Schema revision that the version brought a copy of the data to, known once it was healthy there. */
    readonly rehearsed: pulumi.Input<string | null>;
}

/** `SPECIVO_VERSION` in the `.env` of the installation; every other byte of the file stays. */
export class VersionPin extends pulumi.ComponentResource {
    /** The pinned version, known once it is in the file; the rollout waits for it. */
    public readonly version: pulumi.Output<string>;

    constructor(name: string, args: VersionPinArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:VersionPin", name, {}, opts);
        const { host, transition, backup, image, rehearsed } = args;
        const run = new HostOperation(
            `${name}-run`,
            {
                host,
                transition,
                input: { backup, image },
                after: rehearsed,
                operation: "pin",
                result: object({ version: string }),
            },
            { parent: this },
        );
        this.version = run.result.version;
        this.registerOutputs({ version: this.version });
    }
}
