import * as pulumi from "@pulumi/pulumi";

import { chooseHostKey } from "./components/connection";
import { SpecivoInstance } from "./components/instance";
import { UserError } from "./components/userError";
import { observe } from "./observe";
import { makePlan } from "./plan/plan";
import { readSettings } from "./settings";

export = async () => {
    const { ssh, installDir, imageRepository, specivoVersion, backup, rollback, startTimeout, warnings } =
        readSettings();
    const target = { version: specivoVersion, imageRepository };

    const facts = await observe({ ssh, installDir, target });

    const plan = makePlan(facts, target, rollback);
    if (plan.kind === "refusal") {
        throw new UserError(plan.sentence);
    }
    await announce(plan.lines, [...plan.warnings, ...warnings]);

    const instance = new SpecivoInstance("specivo", {
        ssh,
        hostKey: chooseHostKey(ssh, facts.hostKeys),
        location: { installDir, imageRepository },
        backup,
        startTimeout,
        transition: plan.transition,
    });

    // Nothing that changes by itself: a second `pulumi up` has to show no change.
    return {
        version: instance.version,
        transition: plan.transition.id,
        direction: plan.transition.direction,
        backup: instance.backup,
        restorePoint: instance.restorePoint,
    };
};

async function announce(lines: readonly string[], warnings: readonly string[]): Promise<void> {
    if (lines.length > 0) {
        await pulumi.log.info(lines.join("\n"));
    }
    for (const warning of warnings) {
        await pulumi.log.warn(warning);
    }
}
