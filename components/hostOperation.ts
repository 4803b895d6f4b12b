import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { decodeJson, type Decoder } from "../plan/decode";
import type { Transition } from "../plan/ledger";
import type { Host } from "./host";

export interface HostOperationArgs<T> {
    /** The server it runs on. */
    readonly host: Host;
    /** Step of a transition, or the look at how they went, as `specivo-host` names it. */
    readonly operation:
        "preflight" | "backup" | "load" | "rehearsal" | "pin" | "rollout" | "verify" | "restore-point" | "history";
    /** The transition it is a step of. A new id, or another instance, runs it; nothing else needs to. */
    readonly transition: Transition;
    /** What the step reads besides: outputs of the steps before it. No secret, the stack's state shows it. */
    readonly input?: Readonly<Record<string, pulumi.Input<string>>>;
    /** Outputs of steps that must be done, where `input` needs none of theirs. */
    readonly after?: pulumi.Input<unknown>;
    /** Reads the step's answer. */
    readonly result: Decoder<T>;
}

/**
 * One step on the server: the only place that makes a command of a transition. The command's text never changes and
 * what varies comes on stdin, because any changed input runs a command again. That it can run again is harmless:
 * for a step that is finished the server gives the recorded answer, word for word.
 */
export class HostOperation<T> extends remote.Command {
    /** The step's answer, known once it is done. */
    public readonly result: pulumi.Output<T>;

    constructor(name: string, args: HostOperationArgs<T>, opts?: pulumi.CustomResourceOptions) {
        const { host, operation, transition } = args;
        const input = pulumi.jsonStringify({
            ...host.location,
            transition: { ...transition, instance: host.instance },
            ...args.input,
        });
        super(
            name,
            {
                connection: host.connection,
                create: host.command(operation),
                stdin: pulumi.all([input, args.after]).apply(([text]) => text),
                triggers: [transition.id, host.instance],
                logging: "stderr",
                addPreviousOutputInEnv: false,
            },
            pulumi.mergeOptions(opts, { dependsOn: host.ready }),
        );
        this.result = this.stdout.apply((line) => decodeJson(line, `the answer of ${operation}`, args.result));
    }
}
