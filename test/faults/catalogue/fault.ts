import type { Up } from "../../support/up";
import type { Change, Stage, Step } from "../stage";

/** Something that goes wrong, and what the people who run `pulumi up` are told then. */
export interface Fault {
    /** What goes wrong, as a row of the matrix says it. */
    readonly name: string;
    readonly change: Change;
    /** Makes it before `pulumi up`. */
    readonly before?: (stage: Stage) => Promise<unknown>;
    /** The step in which `make` makes it, at a random moment. */
    readonly step?: Step;
    /** Milliseconds of the step in which that moment lies, where it has to come before what follows on a fast machine too. */
    readonly within?: number;
    readonly make?: (stage: Stage, up: Up) => unknown;
    /** Takes it away when `pulumi up` has ended, where the lab's `mend` is not enough. */
    readonly after?: (stage: Stage) => Promise<unknown>;
    /** Config for that `pulumi up`, beside the version that the change is to. */
    readonly config?: Readonly<Record<string, string>>;
    /** How `pulumi up` ends; `either` where the moment decides. */
    readonly ends: "well" | "failed" | "either";
    /** What `pulumi up` says, where it fails. */
    readonly says?: RegExp;
    /** The version that serves then, where only one will do. */
    readonly on?: "from" | "to";
    /** What else is to be true then. */
    readonly check?: (stage: Stage, output: string) => Promise<unknown>;
}
