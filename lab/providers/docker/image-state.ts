import { hasEntries, hasUnknown, hasValue, isObject, reveal, UNKNOWN, type Props } from "../core/values";
import type { FoundImage } from "./engine";

/** Marks that the original plugin leaves in the state, and expects there when it takes the state over. */
const TIMEOUTS = { create: 1.2e12, delete: 1.2e12, update: 1.2e12 };
const TIMEOUTS_KEY = "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0";
const META = JSON.stringify({ [TIMEOUTS_KEY]: TIMEOUTS });
const PREVIEW_META = JSON.stringify({ _new_extra_shim: {}, [TIMEOUTS_KEY]: TIMEOUTS });

/** Inputs that only say how to delete: false is what they are when not given. */
export const FLAGS = ["keepLocally", "forceRemove"];
/** All inputs there are. */
export const SETTINGS = ["build", "forceRemove", "keepLocally", "name", "platform", "pullTriggers", "triggers"];

/** Triggers that are none are as good as not given. */
function settings(inputs: Props): Props {
    const given = Object.fromEntries(SETTINGS.map((name) => [name, inputs[name] ?? null]));
    return isObject(given.triggers) && !hasEntries(given.triggers) ? { ...given, triggers: null } : given;
}

/** What a preview of a new image knows; triggers that are unknown in part are unknown. */
export function previewState(inputs: Props): Props {
    const unknown = { id: UNKNOWN, imageId: UNKNOWN, repoDigest: UNKNOWN };
    const triggers = hasUnknown(inputs.triggers) ? { triggers: UNKNOWN } : {};
    return { __meta: PREVIEW_META, ...settings(inputs), ...triggers, ...unknown };
}

export function previewUpdate(old: Props, inputs: Props): Props {
    const before = without(old, "__defaults");
    const flags = FLAGS.filter((flag) => !hasValue(inputs[flag]) && old[flag] === false);
    const kept = Object.fromEntries(flags.map((flag) => [flag, false]));
    return { ...before, ...settings(inputs), ...kept, __meta: PREVIEW_META, __pulumi_raw_state_delta: delta(inputs) };
}

export function state(inputs: Props, image: FoundImage): { id: string; properties: Props } {
    const name = reveal(inputs.name) as string;
    const id = image.Id + name;
    const repoDigest = digestFor(name, image.RepoDigests ?? []);
    const own = { __meta: META, __pulumi_raw_state_delta: delta(inputs) };
    return { id, properties: { ...own, ...settings(inputs), id, imageId: image.Id, repoDigest } };
}

/** A flag that was given and no longer is has become false. */
export function updatedState(old: Props, inputs: Props, image: FoundImage): Props {
    const { properties } = state(inputs, image);
    for (const flag of FLAGS.filter((each) => !hasValue(inputs[each]) && hasValue(old[each]))) {
        properties[flag] = false;
    }
    return properties;
}

export function readState(old: Props, image: FoundImage): { id: string; properties: Props } {
    const { id, properties } = state(old, image);
    const read = without(properties, "__meta");
    return { id, properties: old.__meta === undefined ? read : { ...read, __meta: old.__meta } };
}

function without(props: Props, name: string): Props {
    return Object.fromEntries(Object.entries(props).filter(([key]) => key !== name));
}

function delta(inputs: Props): Props {
    const triggers = hasEntries(inputs.triggers) ? { triggers: { map: {} } } : {};
    return { obj: { ps: { build: { plu: { i: {} } }, ...triggers } } };
}

/** Of several registries' digests the one of the registry in the image's name, or else any. */
function digestFor(name: string, digests: string[]): string {
    const colon = name.indexOf(":");
    const wanted = colon < 0 ? name : name.slice(0, colon);
    const own = digests.length > 1 ? digests.find((digest) => digest.startsWith(wanted)) : undefined;
    return own ?? digests[0] ?? "";
}
