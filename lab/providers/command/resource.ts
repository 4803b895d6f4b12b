import { randomBytes } from "node:crypto";
import { diffInputs } from "../core/diff";
import type { CheckFailure, Context, Resource, State } from "../core/plugin";
import { equal, hasValue, isArchive, reveal, UNKNOWN, type Props } from "../core/values";
import { checkedConnection } from "./connection";

export interface Ran {
    readonly stdout: string;
    readonly stderr: string;
}

export type Run = (command: string, state: Props, context: Context) => Promise<Ran>;

export function uniqueHex(prefix: string): string {
    return prefix + randomBytes(4).toString("hex");
}

/**
 * A changed trigger inside the list is an update here and a replacement in the engine, which the SDK has told to
 * replace on `triggers[*]`; only a list that comes or goes as a whole is answered as a replacement by the plugin.
 */
export function diff(oldInputs: Props, inputs: Props) {
    return diffInputs(oldInputs, inputs, (path) => path === "triggers");
}

/** Neither commands nor copies can be read back: the state is echoed, a folder of which only the hash is left as an empty one. */
export async function read(state: State): Promise<State> {
    return { ...state, inputs: emptied(state.inputs), properties: emptied(state.properties) };
}

function emptied(props: Props): Props {
    const empty = (value: unknown) =>
        isArchive(value) && value.path === undefined && value.uri === undefined ? { assets: {}, ...value } : value;
    return Object.fromEntries(Object.entries(props).map(([key, value]) => [key, empty(value)]));
}

export function checkConnection(inputs: Props): { inputs: Props; failures: CheckFailure[] } {
    if (!hasValue(inputs.connection)) {
        return { inputs, failures: [{ property: "connection", reason: "missing required property" }] };
    }
    return { inputs: { ...inputs, connection: checkedConnection(inputs.connection) }, failures: [] };
}

/** `remote.Command` and `local.Command` differ in where they run, and in what they check. */
export function commandResource(run: Run, check: Resource["check"]): Resource {
    return {
        check,
        diff,
        read,
        async create(inputs, preview, context) {
            const id = uniqueHex(context.name);
            if (preview) {
                return { id, properties: { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN } };
            }
            const command = reveal(inputs.create) as string | undefined;
            const ran = hasValue(command) ? await run(command ?? "", inputs, context) : { stdout: "", stderr: "" };
            return { id, properties: { ...inputs, ...ran } };
        },
        async update(old, inputs, preview, context) {
            const previous = { stdout: reveal(old.stdout) ?? "", stderr: reveal(old.stderr) ?? "" };
            const state = { ...inputs, ...previous };
            if (preview) {
                return changes(old, inputs) ? { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN } : state;
            }
            const command = reveal(inputs.update ?? inputs.create) as string | undefined;
            return hasValue(command) ? { ...inputs, ...(await run(command ?? "", state, context)) } : state;
        },
        async delete(properties, context) {
            const command = reveal(properties.delete) as string | undefined;
            if (hasValue(command)) {
                await run(command ?? "", properties, context);
            }
        },
    };
}

/** A preview knows the outputs of an update only when nothing that was there before has changed. */
function changes(old: Props, inputs: Props): boolean {
    const before = Object.entries(old).filter(([key]) => key !== "stdout" && key !== "stderr");
    return (
        JSON.stringify(inputs).includes(UNKNOWN) ||
        before.some(([key, value]) => !equal(value ?? null, inputs[key] ?? null))
    );
}
