import * as pulumi from "@pulumi/pulumi";

import { array, type Decoded, number, nullable, object, string } from "../plan/decode";
import type { Transition } from "../plan/ledger";
import type { Host } from "./host";
import { HostOperation } from "./hostOperation";

export interface HistoryArgs {
    readonly host: Host;
    /** The newest transition. A new id has the history read again; nothing else does, as little else can change it. */
    readonly transition: Transition;
    /** Known once the transition has nothing left to do. */
    readonly ended: pulumi.Input<string | null>;
}

const versions = object({ before: nullable(string), after: nullable(string) });

const past = object({
    id: string,
    direction: string,
    from: string,
    to: string,
    /** `finished`, `failed`, `recovered` or `superseded`. */
    state: string,
    /** Why it did not finish. */
    reason: nullable(string),
    /** ISO 8601, as all times. */
    began: string,
    ended: nullable(string),
    /** For how long nobody was served, as seen through nginx; null where nothing was cut over. */
    outageMs: nullable(number),
    /** Id of the backup made before it. */
    backup: nullable(string),
    /** Schema revisions. */
    revisions: versions,
    /** Ids of the images that served. */
    images: versions,
    /** The digest by which the image was pulled. */
    digest: nullable(string),
    /** The steps that finished, each with the time it did. */
    steps: array(object({ step: string, at: string, seconds: nullable(number) })),
});

/** How one transition went. */
export type PastTransition = Decoded<typeof past>;

/** How the newest transitions of the instance went, those that failed too. */
export class History extends pulumi.ComponentResource {
    /** The newest twenty, oldest first; the server keeps all. */
    public readonly transitions: pulumi.Output<readonly PastTransition[]>;

    constructor(name: string, args: HistoryArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:History", name, {}, opts);
        const { host, transition, ended } = args;
        const run = new HostOperation(
            `${name}-run`,
            { host, transition, after: ended, operation: "history", result: object({ transitions: array(past) }) },
            { parent: this },
        );
        this.transitions = run.result.transitions.apply((all) => all.slice(-20));
        this.registerOutputs({ transitions: this.transitions });
    }
}
