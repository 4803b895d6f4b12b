/** Random numbers that a failed run can be repeated with: the seed is SPECIVO_SEED, or told at the start. */
export class Random {
    readonly seed: number;
    #state: number;

    constructor(seed = Number(process.env.SPECIVO_SEED ?? Date.now() % 1_000_000)) {
        this.seed = seed;
        this.#state = seed >>> 0;
    }

    /** From 0 up to, and without, 1. */
    next(): number {
        // mulberry32
        this.#state = (this.#state + 0x6d2b79f5) >>> 0;
        let value = this.#state;
        value = Math.imul(value ^ (value >>> 15), value | 1);
        value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
        return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
    }

    between(least: number, most: number): number {
        return least + this.next() * (most - least);
    }

    pick<T>(values: readonly T[]): T {
        const value = values[Math.floor(this.next() * values.length)];
        if (value === undefined) {
            throw new Error("nothing to pick from");
        }
        return value;
    }
}
