let counter = 0;

/** An id that the original's framework makes up: the time and a number that counts. */
export function unique(prefix: string): string {
    const time = new Date().toISOString().replace(/[^0-9]/g, "");
    return `${prefix}${time.slice(0, 14)}${time.slice(14).padEnd(4, "0")}${(++counter).toString(16).padStart(8, "0")}`;
}
