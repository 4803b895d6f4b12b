const UNITS = { s: 1, m: 60, h: 3600, d: 86400 } as const;

/** Seconds of a length of time such as `90s`, `30m`, `1h` or `7d`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
    const match = /^([1-9]\d{0,5})([smhd])$/.exec(text);
    return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : undefined;
}

/** A length of time for a reader, in the largest unit that tells enough: `40 s`, `12 min`, `5 h`, `3 days`. */
export function describeDuration(seconds: number): string {
    if (seconds < 60) {
        return `${Math.max(0, Math.floor(seconds))} s`;
    }
    if (seconds < 2 * UNITS.h) {
        return `${Math.floor(seconds / UNITS.m)} min`;
    }
    return seconds < 2 * UNITS.d ? `${Math.floor(seconds / UNITS.h)} h` : `${Math.floor(seconds / UNITS.d)} days`;
}
