import { diffInputs, type Diff } from "../core/diff";
import { equal, isObject, UNKNOWN, type Props } from "../core/values";
import type { Field, Schema } from "./schema";
import { isEmpty, planned } from "./state";

/** What the inputs ask for that the state is not, as the original tells it. */
export function difference(schema: Schema, state: Props, inputs: Props): Diff & { stables: string[] } {
    const wanted = planned(schema.fields, inputs);
    const before: Props = {};
    const after: Props = {};
    for (const [name, field] of Object.entries(schema.fields)) {
        // What the API decides is what it is, unless an input says otherwise.
        if (field.input && !(field.computed && isEmpty(inputs[name]))) {
            const [old, now] = [normal(field, state[name]), normal(field, wanted[name])];
            before[name] =
                Array.isArray(old) && Array.isArray(now) ? aligned(old, now) : (old ?? idle(state[name], now));
            after[name] = now ?? idle(wanted[name], old);
        }
    }
    const found = diffInputs(before, after, (path) => schema.forcesReplacement.includes(path.split(/[.[]/)[0] ?? ""));
    const stables = schema.forcesReplacement.filter((name) => !found.replaces.includes(name));
    // Another of the same name could not be made beside it.
    const named = "name" in schema.fields && found.replaces.length > 0 && !found.replaces.includes("name");
    return { ...found, stables, deleteBeforeReplace: named };
}

/** As the original's framework sees it: nothing, none, no and zero are the same. In blocks, what the API decides is left out. */
function normal(field: Field | undefined, value: unknown): unknown {
    if (isEmpty(value) || value === false || value === 0 || value === "") {
        return undefined;
    }
    if (Array.isArray(value)) {
        return value.map((each) => normal(field, each));
    }
    if (!isObject(value)) {
        return value;
    }
    const own = Object.entries(value).filter(([name]) => field?.fields[name]?.computed !== true);
    return Object.fromEntries(own.map(([name, each]) => [name, normal(field?.fields[name], each)]));
}

/** A no or a zero is something where the other side is more than that. */
function idle(value: unknown, other: unknown): unknown {
    return other === undefined || isEmpty(value) ? undefined : value;
}

/** Lists are sets: members that are in both come at the same place. */
function aligned(before: unknown[], after: unknown[]): unknown[] {
    const rest = [...before];
    const same = after.map((each) => {
        const at = rest.findIndex((one) => each !== UNKNOWN && equal(one, each));
        return at < 0 ? undefined : rest.splice(at, 1)[0];
    });
    const placed = same.map((each) => each ?? rest.shift());
    return [...placed, ...rest];
}
