import * as pulumi from "@pulumi/pulumi";

import { chooseHostKey } from "./components/connection";
import { SpecivoInstance } from "./components/instance";
import { UserError } from "./components/userError";
import { observe } from "./observe";
import { makePlan, paragraph, type Plan } from "./plan/plan";
import { describeNotes } from "./plan/releaseNotes";
import { readReleaseNotes } from "./releaseNotes";
import { readSettings } from "./settings";

export = async () => {
    const settings = readSettings();
    const { ssh, installDir, imageRepository, imageDigest, imageArchive, backup, rollback, startTimeout } = settings;
    const target = { version: settings.specivoVersion, imageRepository, imageDigest, imageArchive };

    const facts = await observe({
        ssh,
        installDir,
        target: { version: target.version, imageRepository, imageArchive },
    });

    const plan = makePlan(facts, target, rollback);
    if (plan.kind === "refusal") {
        throw new UserError(plan.sentence);
    }
    await announce(
        [...plan.lines, ...(await notesFor(plan, settings.changelog))],
        [...plan.warnings, ...settings.warnings],
    );

    const instance = new SpecivoInstance("specivo", {
        ssh,
        hostKey: chooseHostKey(ssh, facts.hostKeys),
        location: { installDir, imageRepository },
        backup,
        startTimeout,
        imageArchive,
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

async function notesFor(plan: Plan, changelog: string): Promise<string[]> {
    if (changelog === "" || plan.releases.length === 0) {
        return [];
    }
    const notes = await readReleaseNotes(changelog);
    return paragraph("notes", notes === undefined ? ["can't be read now"] : describeNotes(plan.releases, notes));
}

async function announce(lines: readonly string[], warnings: readonly string[]): Promise<void> {
    if (lines.length > 0) {
        await pulumi.log.info(lines.join("\n"));
    }
    for (const warning of warnings) {
        await pulumi.log.warn(warning);
    }
}
