import type { Facts } from "./facts";
import { APPLICATION_SERVICES, type Last } from "./ledger";

/** What somebody changed by hand since the last transition finished, a clause each; empty when the host is as it was left. */
export function driftSince({ begun, finished }: Last, facts: Facts): string[] {
    if (finished === undefined) {
        return [];
    }
    const drift: string[] = [];
    if (begun.instance !== facts.instance) {
        drift.push("this is another installation or machine than the ledger's");
    }
    if (facts.install.pin !== finished.version) {
        drift.push(`.env pins ${facts.install.pin ?? "no version"} instead of ${finished.version}`);
    }
    for (const name of APPLICATION_SERVICES) {
        const containers = facts.services.filter(({ service }) => service === name);
        if (containers.length === 0) {
            drift.push(`${name} has no container`);
        }
        for (const { image, imageId, state } of containers) {
            if (imageId !== finished.image) {
                drift.push(`${name} runs ${image} (${short(imageId)}) instead of ${short(finished.image)}`);
            } else if (state !== "running") {
                drift.push(`${name} is ${state}`);
            }
        }
    }
    const revision = facts.database?.revision ?? null;
    if (revision !== finished.revision) {
        drift.push(
            `the schema is ${revision === null ? "not to be read" : `at ${revision}`} instead of ${finished.revision}`,
        );
    }
    return drift;
}

const short = (id: string) => id.replace(/^(sha256:[0-9a-f]{12}).*$/, "$1");
