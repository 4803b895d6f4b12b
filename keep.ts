import type * as pulumi from "@pulumi/pulumi";

import type { SpecivoDroplet } from "./components/droplet";
import { SpecivoInstance } from "./components/instance";
import { asKnown, type Decision } from "./decide";
import type { Settings } from "./settings";

/** Specivo as the settings want it, by the transition that was decided; on the droplet that the same update makes, if on any. */
export function keep(
    name: string,
    settings: Settings,
    decision: Decision,
    droplet?: SpecivoDroplet,
    opts?: pulumi.ComponentResourceOptions,
) {
    const { transition, installs = false } = decision.plan;
    const { hostKey, machine } = droplet ?? decision;
    const { ssh, installDir, imageRepository, imageArchive, backup, startTimeout, smoke, webhook, install } = settings;
    const instance = new SpecivoInstance(
        name,
        {
            ssh,
            address: droplet?.address,
            hostKey,
            machine,
            location: { installDir, imageRepository },
            backup,
            startTimeout,
            smoke,
            webhook,
            install,
            imageArchive,
            transition,
            installs,
        },
        opts,
    );

    // Nothing that changes by itself: a second `pulumi up` has to show no change.
    return {
        version: instance.version,
        transition: transition.id,
        direction: transition.direction,
        backup: instance.backup,
        restorePoint: instance.restorePoint,
        history: instance.history,
        plan: asKnown({ transition, hostKey, machine, instance: instance.id }),
    };
}
