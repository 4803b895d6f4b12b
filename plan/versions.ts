/** A release of Specivo, exactly as its tag says it. */
export interface Version {
    readonly major: number;
    readonly minor: number;
    readonly patch: number;
}

/** Reads `X.Y.Z` and nothing else: tags such as `latest` or `0.1` move, so they name no release. */
export function parseVersion(text: string): Version | undefined {
    const match = /^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/.exec(text);
    return match ? { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) } : undefined;
}

/** Negative when `a` is older than `b`, zero when they are the same release, positive when it is newer. */
export function compareVersions(a: Version, b: Version): number {
    return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

/** Specivo is upgraded by at most one minor version at a time, and never across a major one. */
export function isAllowedHop(from: Version, to: Version): boolean {
    return from.major === to.major && to.minor - from.minor <= 1;
}
