import { on } from "./lab";
import { Operations, Transition } from "./operations";

/** What a later step of a transition is told. */
export interface StepInput {
    readonly transition: Transition;
    readonly backup: string;
    readonly image: string;
}

/** Runs a transition from what runs now to `to`, up to but not including the step `until`; the input of that step. */
export async function proceed(
    host: Operations,
    number: number,
    to: string,
    until = "",
    restore?: string,
): Promise<StepInput> {
    const { version, instance } = await host.run<{ version: string; instance: string }>("facts");
    const direction = to === "0.1.9" || restore !== undefined ? "rollback" : to === version ? "repair" : "upgrade";
    const id = `${version}-to-${to}#${number}`;
    const transition: Transition = { id, instance, direction, from: version, to, ...(restore && { restore }) };
    await host.run("preflight", { transition });
    if (until === "backup") {
        return { transition, backup: "", image: "" };
    }
    const { id: backup } = await host.run<{ id: string }>("backup", { transition });
    const image = await on(host.droplet, `docker image inspect --format '{{.Id}}' specivo/specivo:${to}`);
    const input = { transition, backup, image: image.trim() };
    for (const step of ["rehearsal", "pin", "rollout", "verify"]) {
        if (step === until) {
            break;
        }
        await host.run(step, input);
    }
    return input;
}
