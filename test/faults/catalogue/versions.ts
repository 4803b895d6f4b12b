import { tag, untag } from "../../support/faults";
import type { Change } from "../stage";
import type { Fault } from "./fault";

/** A faulty tag of the lab under a name that has the form of a release. */
function faulty(change: Change, faultyTag: string, release: string, says: RegExp, startTimeout = "60s"): Fault {
    return {
        name: `the new version ${faultyTag.replace(/^[\d.]+-/, "").replaceAll("-", " ")}`,
        change,
        before: () => tag(release, faultyTag),
        config: { specivoVersion: release, startTimeout },
        after: () => untag(release),
        ends: "failed",
        on: "from",
        says,
    };
}

const refused = /rehears/;

export const versions: readonly Fault[] = [
    faulty("upgrade", "0.1.10-crashes-at-start", "0.1.81", refused),
    faulty("upgrade", "0.1.10-never-healthy", "0.1.82", refused),
    faulty("upgrade", "0.1.10-dead-database", "0.1.83", refused),
    faulty("upgrade", "0.1.10-slow-start", "0.1.84", refused),
    faulty("upgrade", "0.1.10-worker-dies", "0.1.85", /celery-worker/),
    faulty("upgrade", "0.1.10-beat-dies", "0.1.86", /celery-beat/),
    faulty("migration", "0.2.0-migration-refuses", "0.2.81", refused),
    faulty("migration", "0.2.0-migration-fails", "0.2.82", refused),
    faulty("migration", "0.2.0-migration-hangs", "0.2.83", refused),
    faulty("migration", "0.2.0-migration-slow", "0.2.84", refused),
];
