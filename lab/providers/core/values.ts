/** Values as they travel between the engine and a provider: plain JSON, with a few objects marked by a signature key. */
export type Props = Record<string, unknown>;

/** Stands for a value that a preview can't know yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

export function isObject(value: unknown): value is Props {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: unknown): value is Props {
    return isObject(value) && value[SIGNATURE] === SECRET;
}

export function isAsset(value: unknown): value is Props {
    return isObject(value) && value[SIGNATURE] === ASSET;
}

export function isArchive(value: unknown): value is Props {
    return isObject(value) && value[SIGNATURE] === ARCHIVE;
}

export function secret(value: unknown): unknown {
    return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** The value without any secret marks, at every depth: what the work itself needs. */
export function reveal(value: unknown): unknown {
    if (isSecret(value)) {
        return reveal(value.value);
    }
    if (Array.isArray(value)) {
        return value.map(reveal);
    }
    if (isObject(value)) {
        return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, reveal(entry)]));
    }
    return value;
}

export function hasValue(value: unknown): boolean {
    return value !== undefined && value !== null;
}

/** Whether it can't be known yet, in whole or in part. */
export function hasUnknown(value: unknown): boolean {
    return value === UNKNOWN || (value instanceof Object && Object.values(value).some(hasUnknown));
}

export function hasEntries(value: unknown): boolean {
    return isObject(value) && Object.keys(value).length > 0;
}

/** Equality as the engine means it: assets and archives are equal when their hashes are. */
export function equal(a: unknown, b: unknown): boolean {
    if (Array.isArray(a) && Array.isArray(b)) {
        return a.length === b.length && a.every((entry, index) => equal(entry, b[index]));
    }
    if ((isAsset(a) && isAsset(b)) || (isArchive(a) && isArchive(b))) {
        return a.hash === b.hash;
    }
    if (isObject(a) && isObject(b)) {
        const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
        return [...keys].every((key) => equal(a[key] ?? null, b[key] ?? null));
    }
    return a === b;
}
