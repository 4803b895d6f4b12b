import { createHash } from "node:crypto";
import { hasUnknown, hasValue, isObject, secret, UNKNOWN, type Props } from "../core/values";
import type { Field, Fields, Schema } from "./schema";

/** Marks that the original leaves in the state, and expects there when it takes the state over. */
const TIMEOUTS_KEY = "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0";

export function isEmpty(value: unknown): boolean {
    return !hasValue(value) || (Array.isArray(value) && value.length === 0);
}

export function hash(text: string): string {
    return createHash("sha1").update(text).digest("hex");
}

/** What the inputs alone say about the state: values, defaults, and the unknown where the API decides. */
export function planned(fields: Fields, inputs: Props): Props {
    return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, plannedField(field, inputs[name])]));
}

function plannedField(field: Field, value: unknown): unknown {
    if (isEmpty(value)) {
        return field.computed ? UNKNOWN : field.fallback;
    }
    if (value === UNKNOWN) {
        return UNKNOWN;
    }
    switch (field.kind) {
        case "list":
            // A set with a member that is unknown is unknown as a whole.
            return hasUnknown(value) ? UNKNOWN : value;
        case "blocks":
            return (value as Props[]).map((each) => plannedBlock(field.fields, each));
        case "block":
            return plannedBlock(field.fields, value as Props);
        default:
            return field.hashed ? hash(value as string) : value;
    }
}

function plannedBlock(fields: Fields, value: Props): unknown {
    return (value as unknown) === UNKNOWN ? UNKNOWN : planned(fields, value);
}

/** The state as it is told to the engine, with the framework's marks; `news` are what a preview notes. */
export function told(schema: Schema, properties: Props, meta: Props, noted?: Props): Props {
    const state: Props = { ...properties };
    for (const name of schema.secrets.filter((each) => each in state)) {
        state[name] = secret(state[name]);
    }
    if (schema.timeouts !== undefined && !("__meta" in meta)) {
        const kept = { [TIMEOUTS_KEY]: schema.timeouts };
        const version = schema.version === undefined ? {} : { schema_version: schema.version };
        state.__meta = JSON.stringify(
            noted === undefined ? { ...kept, ...version } : { _new_extra_shim: noted, ...kept },
        );
    } else if ("__meta" in meta) {
        state.__meta = meta.__meta;
    }
    if (!hasUnknown(properties)) {
        state.__pulumi_raw_state_delta = delta(schema, properties);
    }
    return state;
}

/** How the state differs in form from the framework's own. */
function delta(schema: Schema, properties: Props): Props {
    const renamed = Object.keys(schema.renamed).length > 0 ? { renamed: schema.renamed } : {};
    const { obj } = blockDelta(schema.fields, properties) as { obj: Props };
    return { obj: { ...obj, ...renamed } };
}

function blockDelta(fields: Fields, value: Props): Props {
    const parts = Object.entries(fields).flatMap(([name, field]) => {
        const part = fieldDelta(field, value[name]);
        return part === undefined ? [] : [[name, part]];
    });
    return { obj: parts.length > 0 ? { ps: Object.fromEntries(parts) as Props } : {} };
}

function fieldDelta(field: Field, value: unknown): Props | undefined {
    if (field.kind === "block") {
        return { plu: { i: isObject(value) ? blockDelta(field.fields, value) : {} } };
    }
    if (!Array.isArray(value)) {
        return undefined;
    }
    if (field.kind === "blocks" && value.length > 0) {
        const elements = value.map((each, index) => [String(index), blockDelta(field.fields, each as Props)]);
        return { arr: { el: Object.fromEntries(elements) as Props } };
    }
    return { arr: {} };
}
