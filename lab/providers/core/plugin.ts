import type { Diff } from "./diff";
import type { Log } from "./log";
import type { Props } from "./values";

/** What every operation gets to know about its resource and its surroundings. */
export interface Context {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    readonly log: Log;
    /** Aborts when the engine cancels. */
    readonly cancelled: AbortSignal;
}

export interface CheckFailure {
    readonly property: string;
    readonly reason: string;
}

export interface Checked {
    readonly inputs: Props;
    readonly failures?: CheckFailure[];
}

export interface State {
    readonly id: string;
    readonly properties: Props;
    readonly inputs: Props;
}

/** One resource type of a plugin. Values keep their secret and unknown marks. */
export interface Resource {
    check(inputs: Props): Checked;
    diff(oldInputs: Props, inputs: Props, state: Props): Diff & { readonly stables?: string[] };
    create(inputs: Props, preview: boolean, context: Context): Promise<{ id: string; properties: Props }>;
    update(old: Props, inputs: Props, preview: boolean, context: Context): Promise<Props>;
    delete(properties: Props, context: Context): Promise<void>;
    /** Undefined when the resource is gone. */
    read(state: State, context: Context): Promise<State | undefined>;
}

export type Function = (args: Props, context: Context) => Promise<Props>;

export interface Plugin {
    readonly version: string;
    /** False when the engine itself has to carry secret marks from inputs to outputs. */
    readonly acceptsSecrets: boolean;
    configure(config: Props): Promise<void>;
    readonly resources: Record<string, Resource>;
    readonly functions: Record<string, Function>;
}
