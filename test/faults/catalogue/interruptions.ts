import type { Up } from "../../support/up";
import { type Change, type Stage, STEPS, type Step } from "../stage";
import type { Fault } from "./fault";

/** Each with a text that tells how it ends `pulumi up`. */
const KINDS: Readonly<Record<string, (stage: Stage, up: Up) => unknown>> = {
    "the connections break": (stage) =>
        stage.on("pkill -KILL -f '^sshd(-session)?: root' || true").catch(() => undefined),
    "Pulumi is killed": (_, up) => up.kill(),
    "the power goes": (stage) => stage.fault("power-loss"),
    "the operation is killed": (stage) =>
        stage.on("systemctl kill --kill-whom=all --signal=KILL 'specivo-upgrade-*' 2>/dev/null || true"),
};

const interrupted = (change: Change, step: Step, kind: string): Fault => ({
    name: `${kind}, ${step}`,
    change,
    step,
    make: async (stage, up) => {
        await KINDS[kind]?.(stage, up);
        if (kind === "the power goes") {
            await stage.mend("power-loss");
        }
    },
    ends: "either",
});

export const interruptions: readonly Fault[] = [
    ...STEPS.flatMap((step) =>
        ["the connections break", "Pulumi is killed", "the power goes"].map((kind) =>
            interrupted("migration", step, kind),
        ),
    ),
    ...(["pull", "rollout", "verify"] as const).flatMap((step) =>
        Object.keys(KINDS)
            .filter((kind) => step !== "pull" || kind !== "the operation is killed")
            .map((kind) => interrupted("upgrade", step, kind)),
    ),
    ...(["backup", "rollout"] as const).flatMap((step) =>
        Object.keys(KINDS).map((kind) => interrupted("rollback", step, kind)),
    ),
    ...(["backup", "rehearsal", "rollout", "restore-point"] as const).map((step) =>
        interrupted("migration", step, "the operation is killed"),
    ),
];
