import { writeFileSync } from "node:fs";

import { chooseHostKey } from "./components/connection";
import { UserError } from "./components/userError";
import { observe, UnreachableError } from "./observe";
import { estimatePlan, type Known, readKnown } from "./plan/estimate";
import { releasesBetween } from "./plan/hops";
import { paragraph } from "./plan/paragraph";
import { type Lost, planFirst } from "./plan/install";
import type { Transition } from "./plan/ledger";
import { makePlan, type Plan, type Refusal, type Target } from "./plan/plan";
import { recordOf } from "./plan/record";
import { describeNotes } from "./plan/releaseNotes";
import { parseVersion } from "./plan/versions";
import * as pulumi from "./pulumiCore";
import { readReleaseNotes } from "./releaseNotes";
import type { Settings } from "./settings";

/** What is to be done, and the host key that every connection has to show. */
export interface Decision {
    readonly plan: Plan;
    readonly hostKey: string;
    /** Tells the machine from every other one. */
    readonly machine: string;
}

/**
 * Looks at the server, plans, and says so. A preview goes on without the look, as an estimate that says what it could not check; `up`
 * does not. Throws a UserError with the plan's sentence when nothing may be done.
 */
export async function decide(settings: Settings, last = new LastOutputs(), own?: Own): Promise<Decision> {
    const decision = await lookAndPlan(settings, targetOf(settings), last, own);
    await tell(decision.plan, settings);
    return decision;
}

/** The stack makes the server itself. */
export interface Own {
    /** The data lies on a volume, which outlives the droplet. */
    readonly onVolume: boolean;
}

/** Plans for a server that the same update makes. */
export async function decideFirst(settings: Settings): Promise<Decision> {
    const plan = planFirst(targetOf(settings), settings.installDir, await lostOf(settings));
    await tell(plan, settings);
    return { plan, hostKey: "unknown", machine: "unknown" };
}

/** The server that this stack has made, as the last successful `up` left it; undefined for none. */
export async function knownServer(last: LastOutputs): Promise<{ host: string; hostKey: string } | undefined> {
    const [host, hostKey] = await Promise.all([last.get("address"), last.get("hostKey")]);
    return typeof host === "string" && typeof hostKey === "string" ? { host, hostKey } : undefined;
}

function targetOf({ specivoVersion, imageRepository, imageDigest, imageArchive }: Settings): Target {
    return { version: specivoVersion, imageRepository, imageDigest, imageArchive };
}

async function tell(plan: Plan, { changelog, warnings }: Settings): Promise<void> {
    const notes = await notesFor(plan, changelog);
    record(plan, notes);
    const lines = [...plan.lines, ...paragraph("notes", notes)];
    if (lines.length > 0) {
        await pulumi.log.info(lines.join("\n"));
    }
    for (const warning of [...plan.warnings, ...warnings]) {
        await pulumi.log.warn(warning);
    }
}

/** What is to come back where there is no Specivo; undefined for a new one. */
async function lostOf({ install }: Settings, last?: LastOutputs): Promise<Lost | undefined> {
    const backup = install?.restoreFrom ?? "";
    return backup === "" ? undefined : { backup, last: last && readKnown(await last.plan())?.transition };
}

async function lookAndPlan(settings: Settings, target: Target, last: LastOutputs, own?: Own): Promise<Decision> {
    const { ssh, installDir, rollback, offline, install } = settings;
    try {
        if (offline && pulumi.isDryRun()) {
            throw new UnreachableError("It was to do without (SPECIVO_OFFLINE).");
        }
        const facts = await observe({ ssh, installDir, target });
        const lost = facts.install.present ? undefined : await lostOf(settings, last);
        const plan = makePlan(facts, { ...target, mayInstall: install !== undefined }, rollback, lost);
        if (plan.kind === "refusal") {
            record(plan, []);
            throw new UserError(plan.sentence);
        }
        return { plan, hostKey: chooseHostKey(ssh, facts.hostKeys), machine: facts.machine };
    } catch (error) {
        if (!(error instanceof UnreachableError)) {
            throw error;
        }
        const known = readKnown(await last.plan());
        if (!pulumi.isDryRun()) {
            return withoutReach(error, settings, known, await lostOf(settings, last), own);
        }
        const { hostKey = "unknown", machine = "unknown" } = known ?? {};
        return { plan: estimatePlan(known, target, error.message), hostKey, machine };
    }
}

/** An update goes on only where the server is the stack's own: it may be lost, and this be the update that makes it anew. */
function withoutReach(
    error: UnreachableError,
    settings: Settings,
    known: Known | undefined,
    lost: Lost | undefined,
    own: Own | undefined,
): Decision {
    if (own === undefined) {
        throw error;
    }
    const silent = `The stack's own droplet does not answer. ${error.message} If it is gone, say so with \`pulumi refresh --target '**specivo-server-droplet'\``;
    if (lost === undefined && known !== undefined && !own.onVolume) {
        throw new UserError(
            `${silent}, and have its newest backup brought back with \`pulumi config set restoreFrom latest\`; the next \`pulumi up\` makes another one.`,
        );
    }
    const plan = planFirst(targetOf(settings), settings.installDir, own.onVolume ? undefined : lost);
    const warnings = [`${silent}; the next \`pulumi up\` makes another one.`];
    return { plan: { ...plan, warnings }, hostKey: settings.ssh.hostKey ?? "unknown", machine: "unknown" };
}

/** For the stack's output `plan`: what a later preview without a look goes by. */
export function asKnown({ transition, instance, hostKey, machine }: Made): pulumi.Output<Known> {
    return pulumi.output({ transition: { ...transition, instance }, hostKey, machine });
}

/** What an update has made, or found. */
interface Made {
    readonly transition: Transition;
    readonly instance: pulumi.Input<string>;
    readonly hostKey: pulumi.Input<string>;
    readonly machine: pulumi.Input<string>;
}

/** Outputs of this very stack, as the last successful `up` left them. */
export class LastOutputs {
    /** One in a run: the engine takes no second of the name. */
    #self: pulumi.StackReference | undefined;

    /** In a component it takes that one's name, as a stack may have several. */
    constructor(
        private readonly planOutput = "plan",
        private readonly name?: string,
        private readonly opts?: pulumi.CustomResourceOptions,
    ) {}

    plan(): Promise<unknown> {
        return this.get(this.planOutput);
    }

    async get(output: string): Promise<unknown> {
        const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
        this.#self ??= new pulumi.StackReference(this.name ?? name, { name }, this.opts);
        return (await this.#self.getOutputDetails(output)).value;
    }
}

/** An estimate does not know which releases the registry has: it goes by those that the change log names. */
async function notesFor({ releases, transition, work }: Plan, changelog: string): Promise<readonly string[]> {
    const [from, to] = [parseVersion(transition.from), parseVersion(transition.to)];
    const isUpgrade = work === "all" && transition.direction === "upgrade" && from !== undefined && to !== undefined;
    if (changelog === "" || !isUpgrade) {
        return [];
    }
    const notes = await readReleaseNotes(changelog);
    if (notes === undefined) {
        return ["can't be read now"];
    }
    return describeNotes(releases.length > 0 ? releases : releasesBetween(from, to, [...notes.keys()]), notes);
}

/** For programs that go by the plan, such as the walk over several releases: into the file that SPECIVO_PLAN_FILE names. */
function record(result: Plan | Refusal, notes: readonly string[]): void {
    const file = process.env.SPECIVO_PLAN_FILE;
    if (file !== undefined && file !== "") {
        writeFileSync(file, recordOf(result, notes));
    }
}
