import { type Droplet, on } from "../test/support/lab";
import type { Contender, EmptyProgram, Program } from "./contenders";
import { Meter, type Taken } from "./meter";
import type { Ran } from "./process";

/** One change of version, or one call that changes nothing, by one contender. */
export interface Run {
    readonly scenario: string;
    readonly contender: string;
    /** Seconds. */
    readonly wall: number;
    /** Bytes on the machine of who made it. */
    readonly operatorMemory: number;
    /** Seconds of it that are none of backup, pull, rehearsal and start-up; only of this program, as its own output tells. */
    readonly overhead?: number;
    /** On the server; undefined where it has no part. */
    readonly taken?: Taken;
}

/** The changes of version, in an order in which each begins where the one before ended, which is on 0.1.9 at first. */
const CHANGES = [
    { scenario: "first upgrade", to: "0.1.10", back: false, data: false },
    { scenario: "rollback", to: "0.1.9", back: true, data: false },
    { scenario: "second upgrade", to: "0.1.10", back: false, data: false },
    { scenario: "upgrade with migrations", to: "0.2.0", back: false, data: false },
    { scenario: "rollback with data", to: "0.1.10", back: true, data: true },
] as const;

/** All changes of version by one contender, on a droplet that runs 0.1.9. */
export async function changes(contender: Contender, droplet: Droplet): Promise<Run[]> {
    const runs: Run[] = [];
    await contender.prepare();
    for (const { scenario, to, back, data } of CHANGES) {
        await on(
            droplet,
            "until docker ps --format '{{.Names}} {{.Status}}' | grep -q 'api.*(healthy)'; do sleep 0.5; done",
        );
        const meter = await Meter.start(droplet);
        const ran = await (back ? contender.rollback(to, data) : contender.upgrade(to));
        const taken = await meter.stop();
        runs.push({ scenario, contender: contender.name, ...of(ran), taken, ...overheadOf(ran) });
        console.log(`${scenario}, ${contender.name}: ${ran.wall.toFixed(1)} s, outage ${taken.outageMs} ms`);
    }
    return runs;
}

/** Calls that change nothing, by this program where it has just changed something, and by one that is empty. */
export async function idle(program: Program, empty: EmptyProgram): Promise<Run[]> {
    const runs: Run[] = [];
    for (const [scenario, call] of [
        ["no-op up", (contender: Program | EmptyProgram) => contender.idle()],
        ["preview", (contender: Program | EmptyProgram) => contender.preview()],
    ] as const) {
        for (const [name, contender] of [
            [program.name, program],
            ["an empty program", empty],
        ] as const) {
            const ran = await call(contender);
            runs.push({ scenario, contender: name, ...of(ran) });
            console.log(`${scenario}, ${name}: ${ran.wall.toFixed(1)} s`);
        }
    }
    return runs;
}

/** The first upgrade on that many droplets at once. */
export async function atOnce(droplets: readonly Droplet[], make: (droplet: Droplet) => Contender): Promise<Run> {
    const contenders = droplets.map(make);
    for (const contender of contenders) {
        await contender.prepare();
    }
    const began = performance.now();
    const rans = await Promise.all(contenders.map((contender) => contender.upgrade("0.1.10")));
    const wall = (performance.now() - began) / 1000;
    for (const contender of contenders) {
        await contender.remove();
    }
    return {
        scenario: `${droplets.length} host${droplets.length === 1 ? "" : "s"} at once`,
        contender: contenders[0]?.name ?? "nobody",
        wall,
        operatorMemory: rans.reduce((sum, { memory }) => sum + memory, 0),
    };
}

function of({ wall, memory }: Ran): Pick<Run, "wall" | "operatorMemory"> {
    return { wall, operatorMemory: memory };
}

/** The steps that an upgrade can't do without, as `pulumi up` tells how long each took. */
const NEEDED = /specivo-(?:backup-run|image-pull|rehearsal-run|rollout-run) (?:created|updated)[^(]*\(([\d.]+)s\)/g;

function overheadOf({ wall, output }: Ran): { overhead?: number } {
    const needed = [...output.matchAll(NEEDED)].map(([, seconds]) => Number(seconds));
    return needed.length === 0 ? {} : { overhead: wall - needed.reduce((sum, seconds) => sum + seconds, 0) };
}
