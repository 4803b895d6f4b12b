import { INTERRUPTIONS } from "../../support/interruptions";
import { type Change, STEPS, type Step } from "../stage";
import type { Fault } from "./fault";

const interrupted = (change: Change, step: Step, kind: string): Fault => ({
    name: `${kind}, ${step}`,
    change,
    step,
    make: ({ droplet }, up) => INTERRUPTIONS[kind]?.(droplet, up),
    ends: "either",
});

export const interruptions: readonly Fault[] = [
    ...STEPS.flatMap((step) =>
        ["the connections break", "Pulumi is killed", "the power goes"].map((kind) =>
            interrupted("migration", step, kind),
        ),
    ),
    ...(["pull", "rollout", "verify"] as const).flatMap((step) =>
        Object.keys(INTERRUPTIONS)
            .filter((kind) => step !== "pull" || kind !== "the operation is killed")
            .map((kind) => interrupted("upgrade", step, kind)),
    ),
    ...(["backup", "rollout"] as const).flatMap((step) =>
        Object.keys(INTERRUPTIONS).map((kind) => interrupted("rollback", step, kind)),
    ),
    ...(["backup", "rehearsal", "rollout", "restore-point"] as const).map((step) =>
        interrupted("migration", step, "the operation is killed"),
    ),
];
