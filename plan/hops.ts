import { compareVersions, isAllowedHop, parseVersion, type Version } from "./versions";

const text = ({ major, minor, patch }: Version) => `${major}.${minor}.${patch}`;

function parsed(releases: readonly string[]): Version[] {
    return releases.flatMap((release) => parseVersion(release) ?? []).sort(compareVersions);
}

/** Releases after one and up to another, oldest first. */
export function releasesBetween(from: Version, to: Version, releases: readonly string[]): string[] {
    return parsed([...releases, text(to)])
        .filter((release, index, all) => index === 0 || compareVersions(release, all[index - 1] ?? release) !== 0)
        .filter((release) => compareVersions(release, from) > 0 && compareVersions(release, to) <= 0)
        .map(text);
}

/**
 * The way from one release to another, one minor version at a time: the newest release of each minor version in between,
 * then the last. Undefined when a minor version in between has no known release, or a major one would be crossed.
 */
export function hopsTo(from: Version, to: Version, releases: readonly string[]): string[] | undefined {
    if (from.major !== to.major) {
        return undefined;
    }
    const known = parsed(releases);
    const hops: Version[] = [];
    for (let minor = from.minor + 1; minor < to.minor; minor++) {
        const newest = known.findLast((release) => release.major === from.major && release.minor === minor);
        if (newest === undefined) {
            return undefined;
        }
        hops.push(newest);
    }
    const way = [...hops, to];
    return way.every((hop, index) => isAllowedHop(index === 0 ? from : (way[index - 1] ?? from), hop))
        ? way.map(text)
        : undefined;
}
