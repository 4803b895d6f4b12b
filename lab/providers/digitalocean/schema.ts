/** Properties of a resource, as far as the original's answers depend on them. */
export interface Field {
    readonly kind: "plain" | "list" | "blocks" | "block";
    /** An input that the resource can do without, or none at all. */
    readonly input: boolean;
    /** Told by the API where no input gives it. */
    readonly computed: boolean;
    /** What it is when neither gives it; null for most. */
    readonly fallback: unknown;
    /** Of blocks, or of the one block. */
    readonly fields: Fields;
    /** Lies in the state as a hash. */
    readonly hashed: boolean;
}

export type Fields = Readonly<Record<string, Field>>;

const base: Field = { kind: "plain", input: true, computed: false, fallback: null, fields: {}, hashed: false };

export const given: Field = base;
export const computed: Field = { ...base, input: false, computed: true };
export const givenOrComputed: Field = { ...base, computed: true };
export const hashed: Field = { ...base, hashed: true };
export const list: Field = { ...base, kind: "list" };
export const computedList: Field = { ...base, kind: "list", input: false, computed: true };
export const givenOrComputedList: Field = { ...base, kind: "list", computed: true };
/** Within blocks, where a list that is not given is empty. */
export const innerList: Field = { ...base, kind: "list", fallback: [] };

export function otherwise(fallback: unknown): Field {
    return { ...base, fallback };
}

export function blocks(fields: Fields, fallback: unknown = null): Field {
    return { ...base, kind: "blocks", fields, fallback };
}

export function block(fields: Fields): Field {
    return { ...base, kind: "block", fields };
}

export interface Schema {
    /** Token of the type, without the plugin's name: `droplet:Droplet`. */
    readonly token: string;
    readonly fields: Fields;
    readonly required: readonly string[];
    /** Inputs that are filled in where they are not given. */
    readonly defaults: Readonly<Record<string, unknown>>;
    readonly forcesReplacement: readonly string[];
    /** Names that the original's framework has for properties. */
    readonly renamed: Readonly<Record<string, string>>;
    /** Outputs that are secrets. */
    readonly secrets: readonly string[];
    /** Nanoseconds that its operations may take, where the original notes them in the state. */
    readonly timeouts: Readonly<Record<string, number>> | undefined;
    readonly version: string | undefined;
    /** Inputs that a preview notes beside the state, by the framework's names. */
    readonly noted: Readonly<Record<string, string>>;
}

export function schema(
    token: string,
    fields: Fields,
    more: Partial<Omit<Schema, "token" | "fields">> & Pick<Schema, "required">,
): Schema {
    const none = { defaults: {}, forcesReplacement: [], renamed: {}, secrets: [], noted: {} };
    return { ...none, timeouts: undefined, version: undefined, ...more, token, fields };
}
