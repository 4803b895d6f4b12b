import { Droplet } from "./lab";
import { Ended, run, succeed } from "./run";

/** Makes a fault of the lab on a droplet, which lasts until `mend`. */
export async function fault(droplet: Droplet, kind: string, ...value: readonly string[]): Promise<void> {
    await succeed("lab/lab", ["fault", "--name", droplet.name, kind, ...value]);
}

/** Asks for a fault; never throws for the status. */
export function tryFault(droplet: Droplet, ...words: readonly string[]): Promise<Ended> {
    return run("lab/lab", ["fault", "--name", droplet.name, ...words]);
}

/** Takes a fault away, or all of them. */
export async function mend(droplet: Droplet, ...kind: readonly string[]): Promise<void> {
    await succeed("lab/lab", ["mend", "--name", droplet.name, ...kind]);
}

/** Makes or moves a tag in the lab's registry; the words of `npm run lab -- tag`. */
export async function tag(name: string, existing: string): Promise<void> {
    await succeed("lab/lab", ["tag", name, existing]);
}

/** Takes a tag out of the lab's registry. */
export async function untag(name: string): Promise<void> {
    await succeed("lab/lab", ["untag", name]);
}

/** How long something takes, in seconds. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
    const started = performance.now();
    await work();
    return (performance.now() - started) / 1000;
}
