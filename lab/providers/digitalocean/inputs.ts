import type { Checked } from "../core/plugin";
import { hasValue, isObject, type Props } from "../core/values";
import type { Field, Fields, Schema } from "./schema";
import { isEmpty } from "./state";

/** The inputs with what is filled in, marked as the original does, and what is wrong with them. */
export function checked(schema: Schema, inputs: Props): Checked {
    const plain = Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== "__defaults"));
    const missing = Object.entries(schema.defaults).filter(([name]) => !hasValue(plain[name]));
    const filled = { ...plain, ...Object.fromEntries<unknown>(missing) };
    const name = schema.token.split(":")[0] ?? "";
    const failures = [
        ...schema.required
            .filter((each) => !hasValue(filled[each]))
            .map((each) => {
                const reason = `Missing required argument. The argument "${each}" is required, but no definition was found.`;
                return { property: "", reason: `${reason}. Examine values at '${name}.${each}'.` };
            }),
        ...Object.keys(filled)
            .filter((each) => !each.startsWith("__") && schema.fields[each]?.input !== true)
            .map((each) => ({
                property: "",
                reason: `Invalid or unknown key. Examine values at '${name}.${each}'.`,
            })),
    ];
    return { inputs: { ...marked(schema.fields, filled), __defaults: missing.map(([each]) => each) }, failures };
}

/** Blocks note which of their values were filled in, which is none. */
function marked(fields: Fields, inputs: Props): Props {
    const mark = (field: Field | undefined, value: unknown): unknown => {
        if (field?.kind === "blocks" && Array.isArray(value)) {
            return value.map((each) => mark({ ...field, kind: "block" }, each));
        }
        return field?.kind === "block" && isObject(value) ? { ...marked(field.fields, value), __defaults: [] } : value;
    };
    return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, mark(fields[name], value)]));
}

/** Inputs by what the state says now: those there were, with the values of now. */
export function inputsNow(fields: Fields, inputs: Props, state: Props): Props {
    const now = Object.keys(inputs)
        .filter((name) => !name.startsWith("__"))
        .map((name) => [name, valueNow(fields[name], inputs[name], state[name])] as const);
    return Object.fromEntries(now.filter(([, value]) => hasValue(value)));
}

function valueNow(field: Field | undefined, input: unknown, state: unknown): unknown {
    if (field?.hashed === true) {
        return input;
    }
    if (Array.isArray(input) && Array.isArray(state)) {
        return input.length === state.length
            ? input.map((each, index) => elementNow(field, each, state[index]))
            : state.map((each) => elementNow(field, {}, each));
    }
    return elementNow(field, input, state);
}

function elementNow(field: Field | undefined, input: unknown, state: unknown): unknown {
    if (!isObject(state)) {
        return state;
    }
    return isObject(input) && Object.keys(input).length > 0
        ? inputsNow(field?.fields ?? {}, input, state)
        : inputsOf(field?.fields ?? {}, state);
}

/** Inputs that would give this state, for a resource that is taken over. */
export function inputsOf(fields: Fields, state: Props): Props {
    const values = Object.entries(fields)
        .filter(([name, { input, hashed, fallback }]) => {
            return input && !hashed && !isEmpty(state[name]) && state[name] !== fallback;
        })
        .map(([name, field]) => [name, valueNow(field, Array.isArray(state[name]) ? [] : {}, state[name])]);
    return Object.fromEntries(values) as Props;
}
