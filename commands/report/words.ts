import { describeDuration } from "../../plan/duration";

/** To the second while seconds matter. */
export function lengthOf(seconds: number): string {
    return seconds < 120 ? `${Math.round(seconds * 10) / 10} s` : describeDuration(seconds);
}

/** `2026-11-25 14:17:50`, in UTC as the ledger has it. */
export function timeOf(moment: Date): string {
    return moment.toISOString().slice(0, 19).replace("T", " ");
}

export const secondsBetween = (from: Date, to: Date) => (to.getTime() - from.getTime()) / 1000;

export function sizeOf(bytes: number): string {
    return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** As much of an id as a person types. */
export const shortId = (id: string) => id.slice(0, 8);
