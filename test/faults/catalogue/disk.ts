import { succeed } from "../../support/run";
import { STEPS, type Stage } from "../stage";
import type { Fault } from "./fault";

/** What the droplet's own container may use, as a smaller size of droplet would. */
async function memory(stage: Stage, size: string): Promise<void> {
    const script = '. lab/lib/common.sh && docker update --memory "$1" --memory-swap "$1" "specivo-lab-$0"';
    await succeed("bash", ["-c", script, stage.droplet.name, size]);
}

export const disk: readonly Fault[] = [
    ...STEPS.map((step): Fault => ({
        name: `disk full, ${step}`,
        change: "migration",
        step,
        make: (stage) => stage.fault("disk-full", "0"),
        ends: "either",
        says: /[Nn]o space (is )?left|error pulling image|unable to find or pull image/,
    })),
    ...(["backup", "rollout", "verify"] as const).map((step): Fault => ({
        name: `disk full, ${step}`,
        change: "rollback",
        step,
        make: (stage) => stage.fault("disk-full", "0"),
        ends: "either",
        says: /[Nn]o space (is )?left/,
    })),
    {
        name: "disk full before it begins",
        change: "upgrade",
        before: (stage) => stage.fault("disk-full", "100"),
        ends: "failed",
        on: "from",
        says: /disk|space/,
    },
    {
        name: "memory short before it begins",
        change: "migration",
        before: (stage) => memory(stage, "900m"),
        after: (stage) => memory(stage, "2g"),
        ends: "either",
        says: /memory/,
    },
    {
        name: "memory gets short, rehearsal",
        change: "migration",
        step: "backup",
        make: (stage) => memory(stage, "900m"),
        after: (stage) => memory(stage, "2g"),
        ends: "either",
        says: /memory/,
    },
];
