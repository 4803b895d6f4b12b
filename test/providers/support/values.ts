import type { Json } from "./calls";

/** Values with a meaning of their own, as they travel between the engine and a plugin. */

/** Stands for a value that a preview can't know yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const SIGNATURE = "4dabf18193072939515e22adb298388d";

export function secret(value: unknown): Json {
    return { [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", value };
}

/** A text to be copied; the hash is what tells one content from another. */
export function textAsset(text: string): Json {
    return { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", hash: `hash of ${text}`, text };
}

/** A file to be copied. */
export function fileAsset(path: string, hash = path): Json {
    return { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", hash, path };
}

/** A folder to be copied. */
export function fileArchive(path: string, hash = path): Json {
    return { [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7", hash, path };
}
