import { diffInputs, type Diff } from "../core/diff";
import { hasEntries, hasUnknown, hasValue, UNKNOWN, type Props } from "../core/values";
import { FLAGS } from "./image-state";

/** Inputs whose change replaces the image. */
const FORCES_REPLACEMENT = ["name", "platform", "pullTriggers", "triggers"];

/** What changed, as the original tells it. */
export function diffImages(oldInputs: Props, inputs: Props): Diff & { stables: string[] } {
    const after = { ...inputs };
    // Triggers come as a whole, and go one by one; of those that are not all known none is.
    after.triggers = hasUnknown(after.triggers) ? UNKNOWN : (after.triggers ?? {});
    const before = { ...oldInputs };
    if (!hasEntries(before.triggers)) {
        before.triggers = hasEntries(after.triggers) || after.triggers === UNKNOWN ? undefined : {};
    }
    const found = diffInputs(before, after, (path) => FORCES_REPLACEMENT.includes(path.split(/[.[]/)[0] ?? ""));
    const going = FLAGS.filter((flag) => before[flag] === false && !hasValue(after[flag]));
    const coming = FLAGS.filter((flag) => !hasValue(before[flag]) && after[flag] === false);
    // A flag that is false is no other than one that is not given, but is told of when there is something to be done.
    const others = found.changed.filter((name) => ![...going, ...coming].includes(name));
    const idle = others.length === 0 ? [...going, ...coming] : going;
    idle.forEach((flag) => delete found.detailed[flag]);
    if (found.detailed.platform === "DELETE_REPLACE") {
        // Without one the engine's own is taken.
        found.detailed.platform = "UPDATE_REPLACE";
    }
    const changed = found.changed.filter((name) => !idle.includes(name));
    return { ...found, changed, stables: FORCES_REPLACEMENT.filter((name) => !found.replaces.includes(name)) };
}
