/** Turns parsed JSON into a typed value, or throws a DecodeError that names the field. */
export type Decoder<T> = (value: unknown, path: string) => T;

/** What a decoder yields. */
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

/** The message is one sentence without its subject's sender: `facts.root is missing`. */
export class DecodeError extends Error {}

function wrong(value: unknown, path: string, expected: string): never {
    throw new DecodeError(value === undefined ? `${path} is missing` : `${path} is not ${expected}`);
}

export const string: Decoder<string> = (value, path) =>
    typeof value === "string" ? value : wrong(value, path, "a string");

export const boolean: Decoder<boolean> = (value, path) =>
    typeof value === "boolean" ? value : wrong(value, path, "true or false");

export function nullable<T>(inner: Decoder<T>): Decoder<T | null> {
    return (value, path) => (value === null ? null : inner(value, path));
}

/** A field that older writers left out counts as null. */
export function optional<T>(inner: Decoder<T>): Decoder<T | null> {
    return (value, path) => nullable(inner)(value ?? null, path);
}

export const number: Decoder<number> = (value, path) =>
    typeof value === "number" ? value : wrong(value, path, "a number");

/** An object of any keys whose values are all of one kind. */
export function record<T>(inner: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
    return (value, path) => {
        if (typeof value !== "object" || value === null || Array.isArray(value)) {
            return wrong(value, path, "an object");
        }
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item, `${path}.${key}`)]));
    };
}

/** A moment as ISO 8601 text, for example `2026-11-24T10:44:49Z`. */
export const moment: Decoder<Date> = (value, path) => {
    const date = new Date(string(value, path));
    return Number.isNaN(date.getTime()) ? wrong(value, path, "a time") : date;
};

export function literal<const T extends string | number>(...allowed: readonly T[]): Decoder<T> {
    return (value, path) => allowed.find((one) => one === value) ?? wrong(value, path, allowed.join(" or "));
}

export function array<T>(inner: Decoder<T>): Decoder<T[]> {
    return (value, path) =>
        Array.isArray(value)
            ? value.map((item: unknown, index) => inner(item, `${path}[${index}]`))
            : wrong(value, path, "a list");
}

/** Fields that are not named are dropped: a newer server may tell more than this program knows. */
export function object<T extends Record<string, Decoder<unknown>>>(
    fields: T,
): Decoder<{ readonly [K in keyof T]: Decoded<T[K]> }> {
    return (value, path) => {
        if (typeof value !== "object" || value === null || Array.isArray(value)) {
            return wrong(value, path, "an object");
        }
        const given = value as Record<string, unknown>;
        const entries = Object.entries(fields).map(([key, decode]) => [key, decode(given[key], `${path}.${key}`)]);
        return Object.fromEntries(entries) as { readonly [K in keyof T]: Decoded<T[K]> };
    };
}

/** Picks the decoder by the value of one field. */
export function tagged<T>(field: string, decoders: Readonly<Record<string, Decoder<T>>>): Decoder<T> {
    const tag = object({ [field]: literal(...Object.keys(decoders)) });
    return (value, path) => {
        const name = tag(value, path)[field];
        const decode = name === undefined ? undefined : decoders[name];
        return decode ? decode(value, path) : wrong(value, path, "known");
    };
}

/** Decodes JSON text; `name` stands for the whole of it in messages. */
export function decodeJson<T>(text: string, name: string, decode: Decoder<T>): T {
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch {
        throw new DecodeError(`${name} is not JSON`);
    }
    return decode(value, name);
}
