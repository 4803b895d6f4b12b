import * as assert from "node:assert/strict";
import { cleanUp } from "../support/clean-up";
import { fault, mend } from "../support/faults";
import { Installed } from "../support/instance";
import {
    differences,
    Droplet,
    fingerprint,
    newDroplet,
    on,
    removeDroplet,
    resetDroplet,
    saveDroplet,
    tryOn,
} from "../support/lab";
import { People } from "../support/people";
import { Random } from "../support/random";
import { Stack } from "../support/stack";
import { until } from "../support/stand-in";

/** How often each of the four is tried; 5 make the 20 moments of the full run. */
const MOMENTS = Number(process.env.SPECIVO_MOMENTS ?? "1");
const STATE = "/var/lib/specivo-upgrade/specivo-*";

/** The operations, and for about how long they work on a quiet machine, in milliseconds. */
const OPERATIONS = [
    ["backup", 9_000],
    ["rollout", 13_000],
] as const;

describe("a rollback that restores, interrupted at a random moment", function () {
    this.timeout(400_000);
    const name = "faults-interruptions";
    const random = new Random();
    let droplet: Droplet;
    let installed: Installed;
    let stack: Stack;
    /** Rows and files before the migration, and after it when people had written. */
    let older: string;
    let newer: string;
    let savedState: string;

    before(async () => {
        droplet = await newDroplet(name, "0.1.10");
        installed = new Installed(droplet);
        stack = await Stack.create(name, droplet);
        await stack.configure(droplet, "0.2.0");
        older = await fingerprint(droplet);
        const up = await stack.up();
        assert.equal(up.status, 0, up.output);
        const people = new People(installed);
        await people.writeIssue("written on 0.2.0");
        await people.attach(30_000);
        newer = await fingerprint(droplet);
        await stack.set({ specivoVersion: "0.1.10", rollbackWindow: "2d" });
        savedState = await stack.export();
        await saveDroplet(droplet);
    });

    after(() =>
        cleanUp(
            () => Stack.remove(name),
            () => removeDroplet(name),
        ),
    );

    async function healthy(): Promise<void> {
        await until(120, "a healthy instance", async () => {
            const unsettled = `for job in ${STATE}/jobs/*/; do [ -e $job/ended ] || echo $job; done`;
            const ended = await tryOn(droplet, `${unsettled}; docker ps --format '{{.Names}} {{.Status}}'`);
            const up = ended.output.match(/^specivo-\S+ Up (?!.*(starting|unhealthy))/gm)?.length ?? 0;
            return (
                ended.status === 0 && !ended.output.includes("/jobs/") && up === 6 && (await installed.status()) === 302
            );
        });
    }

    /** The instance is on one of the two versions, whole. */
    async function consistent(): Promise<string> {
        await healthy();
        const { version } = JSON.parse(await on(droplet, "specivo-host facts")) as { version: string };
        assert.equal(
            await installed.sql("SELECT version_num FROM alembic_version"),
            version === "0.2.0" ? "0023" : "0020",
        );
        assert.equal(await differences(version === "0.2.0" ? newer : older, await fingerprint(droplet)), "");
        const left = await on(droplet, "docker ps -aq --filter label=specivo-upgrade.throwaway");
        assert.equal(left, "");
        return version;
    }

    for (const [operation, duration] of OPERATIONS) {
        for (const kind of ["killed", "without power"] as const) {
            for (let moment = 1; moment <= MOMENTS; moment++) {
                it(`${operation} ${kind}, ${moment} of ${MOMENTS}`, async () => {
                    await resetDroplet(droplet);
                    await stack.import(savedState);
                    await healthy();
                    const wait = random.between(0, duration);
                    const up = stack.up();
                    const begun = `ls -d ${STATE}/jobs/*-${operation}.* 2>/dev/null`;
                    const before = (await tryOn(droplet, begun)).stdout;
                    await until(120, `${operation} begun`, async () => (await tryOn(droplet, begun)).stdout !== before);
                    await new Promise((resolve) => setTimeout(resolve, wait));
                    if (kind === "killed") {
                        await tryOn(droplet, "systemctl kill --kill-whom=all --signal=KILL 'specivo-upgrade-*'");
                    } else {
                        await fault(droplet, "power-loss");
                        await mend(droplet, "power-loss");
                    }
                    const interrupted = await up;
                    const where = `seed ${random.seed}, ${Math.round(wait)} ms into ${operation}: ${interrupted.output}`;
                    try {
                        await consistent();
                        const again = await stack.up();
                        assert.equal(again.status, 0, again.output);
                        assert.equal(await consistent(), "0.1.10");
                    } catch (error) {
                        throw new Error(`${String(error)}\n${where}`, { cause: error });
                    }
                });
            }
        }
    }
});
