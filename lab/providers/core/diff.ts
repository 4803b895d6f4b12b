import { equal, hasValue, isArchive, isAsset, isObject, isSecret, type Props } from "./values";

export type DiffKind = "ADD" | "ADD_REPLACE" | "DELETE" | "DELETE_REPLACE" | "UPDATE" | "UPDATE_REPLACE";

export interface Diff {
    readonly detailed: Record<string, DiffKind>;
    /** Names of inputs that changed. */
    readonly changed: string[];
    /** Names of inputs whose change needs a replacement. */
    readonly replaces: string[];
    /** Whether the old one has to go before its replacement is made. */
    readonly deleteBeforeReplace?: boolean;
}

type Forces = (path: string) => boolean;

const NULL = Symbol("null");

function isPlain(value: unknown): value is Props {
    return isObject(value) && !isSecret(value) && !isAsset(value) && !isArchive(value);
}

function join(path: string, key: string): string {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
        return `${path}[${JSON.stringify(key)}]`;
    }
    return path === "" ? key : `${path}.${key}`;
}

function compare(path: string, before: unknown, after: unknown, found: Record<string, DiffKind>): void {
    if (Array.isArray(before) && Array.isArray(after)) {
        for (let index = 0; index < Math.max(before.length, after.length); index++) {
            // A place in a list is taken by null too.
            const at = (list: unknown[]) => (index < list.length ? (list[index] ?? NULL) : undefined);
            compare(`${path}[${index}]`, at(before), at(after), found);
        }
    } else if (isPlain(before) && isPlain(after)) {
        for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
            compare(join(path, key), before[key], after[key], found);
        }
    } else if (hasValue(before) && hasValue(after)) {
        if (!equal(before, after)) {
            found[path] = "UPDATE";
        }
    } else if (hasValue(after)) {
        found[path] = "ADD";
    } else if (hasValue(before)) {
        found[path] = "DELETE";
    }
}

/** The name of the input that a property path begins with. */
function topLevel(path: string): string {
    return path.replace(/[.[].*$/s, "");
}

/** What changed between two sets of inputs, path by path; `forces` says which paths need a replacement. */
export function diffInputs(before: Props, after: Props, forces: Forces): Diff {
    const found: Record<string, DiffKind> = {};
    const ours = (props: Props) =>
        Object.fromEntries(Object.entries(props).filter(([key]) => key !== "version" && !key.startsWith("__")));
    compare("", ours(before), ours(after), found);
    const replaced = Object.keys(found).filter(forces);
    for (const path of replaced) {
        found[path] = `${found[path] as "ADD" | "DELETE" | "UPDATE"}_REPLACE`;
    }
    return {
        detailed: found,
        changed: [...new Set(Object.keys(found).map(topLevel))],
        replaces: [...new Set(replaced.map(topLevel))],
    };
}
