import { People } from "../support/people";
import { Random } from "../support/random";
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
} from "../support/lab";
import { Stack } from "../support/stack";
import type { Up } from "../support/up";
import { servedVersion, settled, STATE } from "../support/settled";
import { cleanUp } from "../support/clean-up";

/** The parts of a change of version that a fault can be made in. */
export const STEPS = ["preflight", "backup", "pull", "rehearsal", "pin", "rollout", "verify", "restore-point"] as const;
export type Step = (typeof STEPS)[number];

/** For about how long each works, in milliseconds, on a quiet machine: a fault is made at a random moment of it. */
const LASTS: Readonly<Record<Step, number>> = {
    preflight: 600,
    backup: 8_000,
    pull: 1_500,
    rehearsal: 10_000,
    pin: 500,
    rollout: 9_000,
    verify: 1_500,
    "restore-point": 3_000,
};

/** The changes of version that faults are made in, each on a droplet of its own. */
export const CHANGES = {
    /** The schema stays; nobody notices. */
    upgrade: { from: "0.1.9", to: "0.1.10" },
    /** The schema moves; a restore point is kept. */
    migration: { from: "0.1.10", to: "0.2.0" },
    /** The reverted config of the migration: its restore point is put back. */
    rollback: { from: "0.2.0", to: "0.1.10" },
} as const;
export type Change = keyof typeof CHANGES;

/** What an issue that people wrote changes. */
const ONE_ISSUE_MORE =
    /^(note: .*|table (issues|projects|issue_\w+|journals|activities|search_\w+|\w*sequences): .*)\n/gm;

/** An instance before a change of version, brought back to that for each fault. */
export class Stage {
    readonly change: Change;
    readonly droplet: Droplet;
    readonly installed: Installed;
    readonly people: People;
    readonly stack: Stack;
    #random = new Random(0);
    #state = "";
    #config = "";
    #jobs = "";
    /** Rows and files, by version. */
    readonly #data = new Map<string, string>();

    private constructor(change: Change, droplet: Droplet, stack: Stack) {
        this.change = change;
        this.droplet = droplet;
        this.stack = stack;
        this.installed = new Installed(droplet);
        this.people = new People(this.installed);
    }

    /** Builds the instance, and sees the change succeed once with nothing in its way, which tells what is to come out. */
    static async build(change: Change): Promise<Stage> {
        const { from, to } = CHANGES[change];
        const name = `faults-${change}`;
        const older = change === "rollback" ? to : from;
        const droplet = await newDroplet(name, older);
        const stage = new Stage(change, droplet, await Stack.create(name, droplet));
        await stage.people.writeIssue(`written on ${older}`);
        await stage.people.attach(30_000);
        stage.#data.set(older, await fingerprint(droplet));
        await stage.stack.configure(droplet, older);
        await stage.succeed();
        if (change === "rollback") {
            await stage.stack.set({ specivoVersion: from });
            await stage.succeed();
            await stage.people.writeIssue(`written on ${from}`);
            await stage.people.attach(30_000);
            stage.#data.set(from, await fingerprint(droplet));
        }
        // By the lab's clock, which may have jumped, hours can pass until the rollback.
        await stage.stack.set({ specivoVersion: to, rollbackWindow: "3d" });
        stage.#state = await stage.stack.export();
        stage.#config = stage.stack.config();
        await saveDroplet(droplet);
        if (change !== "rollback") {
            await settled(stage.installed);
            await stage.succeed();
            stage.#data.set(to, await fingerprint(droplet));
        }
        return stage;
    }

    async remove(): Promise<void> {
        await cleanUp(
            () => mend(this.droplet),
            () => this.stack.remove(),
            () => removeDroplet(this.droplet.name),
        );
    }

    /** Everything as it was before the change, and the moments of what comes drawn from this seed. */
    async reset(seed: number): Promise<void> {
        this.#random = new Random(seed);
        await mend(this.droplet);
        await resetDroplet(this.droplet);
        await this.stack.pulumi(["cancel", "--yes"]);
        await this.stack.import(this.#state);
        this.restore();
        await settled(this.installed);
        this.#jobs = await on(this.droplet, `ls -d ${STATE}/jobs/*`);
    }

    /** The config of the change again, whatever a fault needed. */
    restore(): void {
        this.stack.restoreConfig(this.#config);
    }

    get from(): string {
        return CHANGES[this.change].from;
    }

    get to(): string {
        return CHANGES[this.change].to;
    }

    /** `pulumi up`, which must succeed; what it said. */
    async succeed(): Promise<string> {
        const ended = await this.stack.up();
        if (ended.status !== 0) {
            throw new Error(`pulumi up ended with ${ended.status}:\n${ended.output}`);
        }
        return ended.output;
    }

    on(command: string, input = ""): Promise<string> {
        return on(this.droplet, command, input);
    }

    /** Waits until that step has begun, and then to a random moment of it, or of its first so many ms; never longer than `up` runs. */
    async moment(step: Step, up: Up, within = LASTS[step]): Promise<void> {
        const known = this.#jobs
            .trim()
            .split("\n")
            .map((job) => `! -path '${job}'`);
        const job = step === "pull" ? "backup" : step;
        const find = `find ${STATE}/jobs -mindepth 1 -maxdepth 1 -name '*-${job}.*' ${known.join(" ")}`;
        const begun =
            step === "pull" ? `[ -n "$(${find} -exec test -e '{}/ended' ';' -print)" ]` : `[ -n "$(${find})" ]`;
        const over = this.#random.between(0, within);
        await Promise.race([this.on(`until ${begun}; do sleep 0.05; done; sleep ${over / 1000}`), up.ended]);
    }

    /**
     * The version that serves, once it is sure that the instance is whole on it: its schema, pin, rows and files. With `written`, one issue more than before is to be there.
     */
    async whole(written = ""): Promise<string> {
        await settled(this.installed);
        const version = await servedVersion(this.installed);
        let lost = await differences(this.#data.get(version) ?? "", await fingerprint(this.droplet));
        if (written !== "") {
            lost = lost.replaceAll(ONE_ISSUE_MORE, "");
            const found = await this.installed.sql(`SELECT count(*) FROM issues WHERE subject = '${written}'`);
            lost += found === "1" ? "" : `${found} issues "${written}"\n`;
        }
        if (lost !== "") {
            throw new Error(`on ${version} this is not as it was before:\n${lost}`);
        }
        return version;
    }

    fault(kind: string, ...value: readonly string[]): Promise<void> {
        return fault(this.droplet, kind, ...value);
    }

    mend(...kind: readonly string[]): Promise<void> {
        return mend(this.droplet, ...kind);
    }
}
