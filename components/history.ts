import * as pulumi from "@pulumi/pulumi";

import { array, object, string } from "../plan/decode";
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

/** How the newest transitions of the instance went, those that failed too. */
export class History extends pulumi.ComponentResource {
    /**
     * The newest ten, oldest first, in one line each: when it began and what became of it, the seconds of its steps, the outage,
     * schema, backup and image. They are shown when an update fails, so they are no more; `specivo-host history` has all, as data.
     */
    public readonly transitions: pulumi.Output<readonly string[]>;

    constructor(name: string, args: HistoryArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:History", name, {}, opts);
        const { host, transition, ended } = args;
        const run = new HostOperation(
            `${name}-run`,
            {
                host,
                transition,
                after: ended,
                operation: "history",
                result: object({ transitions: array(object({ text: string })) }),
            },
            { parent: this },
        );
        this.transitions = run.result.transitions.apply((all) => all.slice(-10).map(({ text }) => text));
        this.registerOutputs({ transitions: this.transitions });
    }
}
