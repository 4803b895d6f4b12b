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
