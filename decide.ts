import { writeFileSync } from "node:fs";

import { chooseHostKey } from "./components/connection";
import { UserError } from "./components/userError";
import { observe, OtherKeyError, UnreachableError } from "./observe";
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
export async function decide(settings: Settings, last = new LastOutputs()): Promise<Decision> {
    return told(await lookOrEstimate(settings, last), settings);
}

/** Where a server is reached, and the host key that it has to show, `type base64`. */
export interface Server {
    readonly host: string;
    readonly hostKey: string;
}

/** A server that the stack makes. */
export interface Own {
    /** The data lies on a volume, which outlives the droplet. */
    readonly onVolume: boolean;
    /**
     * Makes it where it is not there yet. The resource's own outputs tell where it is, also after an update that failed. Undefined in a
     * preview that can't know it; an update waits for the first boot.
     */
    readonly made: () => Promise<Server | undefined>;
}

/**
 * The same for a server that the stack makes. It is looked for where the last successful `up` left it, so that what is refused is
 * refused before anything is changed; and if it is not there, where the droplet's own outputs say that it is.
 */
export async function decideOnOwn(settings: Settings, own: Own, last = new LastOutputs()): Promise<Decision> {
    const server = await knownServer(last);
    if (server === undefined) {
        return told(await lookWhereMade(settings, own, last), settings);
    }
    // Without reach of any server nothing is to be found out about this one.
    const look = offline(settings) ? lookOrEstimate : lookAndPlan;
    const hadSpecivo = readKnown(await last.plan()) !== undefined;
    const decision = await look(at(server, settings), last, hadSpecivo).catch((error: unknown) => {
        if (!(error instanceof UnreachableError || error instanceof OtherKeyError)) {
            throw error;
        }
        return lookWhereMade(settings, own, last, { server, error, hadSpecivo });
    });
    return told(decision, settings);
}

/** The server as the last successful `up` left it, which is not found there any more. */
interface Missed {
    readonly server: Server;
    readonly error: UnreachableError | OtherKeyError;
    /** A stack may have kept its droplet without a Specivo until now. */
    readonly hadSpecivo: boolean;
}

async function lookWhereMade(settings: Settings, own: Own, last: LastOutputs, missed?: Missed): Promise<Decision> {
    const hadSpecivo = missed !== undefined && missed.hadSpecivo;
    if (missed === undefined) {
        refuseOtherLogin(settings);
    }
    const inPlace = hadSpecivo && own.onVolume;
    const lost = inPlace ? undefined : await lostOf(settings, last);
    const guarded = hadSpecivo && !inPlace && lost === undefined;
    if (guarded && !pulumi.isDryRun()) {
        throw emptyInItsPlace(missed.error);
    }
    const server = await own.made();
    if (missed !== undefined && server?.host === missed.server.host && server.hostKey === missed.server.hostKey) {
        return asItWas(settings, last, missed);
    }
    if (guarded) {
        throw emptyInItsPlace(missed.error);
    }
    refuseOtherLogin(settings);
    const decision =
        server === undefined
            ? unseen(planFirst(targetOf(settings), settings.installDir, { lost, inPlace }))
            : await lookOrEstimate(at(server, settings), last, inPlace);
    return missed?.error instanceof UnreachableError ? withWarning(decision, anotherOne(missed.error)) : decision;
}

/** A new droplet lets root in on port 22, and nobody else. Later it may be as one likes. */
function refuseOtherLogin({ ssh }: Settings): void {
    if (ssh.user !== "root" || ssh.port !== 22) {
        throw new UserError(
            `The droplet is new, and lets in root on port 22 alone, while specivo:sshUser is ${ssh.user} and specivo:sshPort ${ssh.port}: take these out of the config until it runs.`,
        );
    }
}

/** It is the droplet that the last `up` left, and nobody has said that it is gone. */
async function asItWas(settings: Settings, last: LastOutputs, { error }: Missed): Promise<Decision> {
    if (error instanceof OtherKeyError) {
        throw error;
    }
    if (pulumi.isDryRun()) {
        return estimate(settings, last, error);
    }
    throw new UserError(`${silent(error)}; the next \`pulumi up\` makes another one.`);
}

const silent = ({ message }: UnreachableError) =>
    `The stack's own droplet does not answer. ${message} If it is gone, say so with \`pulumi refresh --target '**specivo-server-droplet'\``;

const anotherOne = ({ message }: UnreachableError) =>
    `The stack's own droplet does not answer, and another one takes its place. ${message}`;

const BRING_BACK = "have its newest backup brought back with `pulumi config set restoreFrom latest`";

/** An empty instance must not take the place of a lost one. */
function emptyInItsPlace(error: Missed["error"]): UserError {
    return new UserError(
        error instanceof OtherKeyError
            ? `${error.message} If it was lost, and an \`up\` that failed has made another one, ${BRING_BACK}.`
            : `${silent(error)}, and ${BRING_BACK}; the next \`pulumi up\` makes another one.`,
    );
}

/** For a stack that is to keep no Specivo on its droplet: it must not lose one without a word that it has kept until now. */
export async function refuseForgetting(last = new LastOutputs()): Promise<void> {
    if ((await knownServer(last)) !== undefined && readKnown(await last.plan()) !== undefined) {
        throw new UserError(
            "This stack keeps a Specivo on its droplet, and adminEmail, which says so, is not set: set it again, to any address; it makes no second account.",
        );
    }
}

/** The server that this stack has made, as the last successful `up` left it; undefined for none. */
async function knownServer(last: LastOutputs): Promise<Server | undefined> {
    const [host, hostKey] = await Promise.all([last.get("address"), last.get("hostKey")]);
    return typeof host === "string" && typeof hostKey === "string" ? { host, hostKey } : undefined;
}

function at(server: Server, settings: Settings): Settings {
    return { ...settings, ssh: { ...settings.ssh, ...server } };
}

function targetOf({ specivoVersion, imageRepository, imageDigest, imageArchive }: Settings): Target {
    return { version: specivoVersion, imageRepository, imageDigest, imageArchive };
}

async function told(decision: Decision, settings: Settings): Promise<Decision> {
    await tell(decision.plan, settings);
    return decision;
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
async function lostOf({ install }: Settings, last: LastOutputs): Promise<Lost | undefined> {
    const backup = install?.restoreFrom ?? "";
    return backup === "" ? undefined : { backup, last: readKnown(await last.plan())?.transition };
}

/** To do without a look, which only a preview can. */
const offline = (settings: Settings) => settings.offline && pulumi.isDryRun();

/** `expected`: the stack's own droplet, which has kept a Specivo until now, or whose volume has brought it. */
async function lookAndPlan(settings: Settings, last: LastOutputs, expected = false): Promise<Decision> {
    const { ssh, installDir, rollback, install } = settings;
    const target = targetOf(settings);
    if (offline(settings)) {
        throw new UnreachableError("It was to do without (SPECIVO_OFFLINE).");
    }
    const facts = await observe({ ssh, installDir, target });
    const lost = facts.install.present ? undefined : await lostOf(settings, last);
    if (expected && !facts.install.present && lost === undefined) {
        throw new UserError(
            `There is no Specivo in ${installDir} on the stack's own droplet, where this stack has kept one: see that specivo:installDir is right and its volume mounted, or ${BRING_BACK}.`,
        );
    }
    const plan = makePlan(facts, { ...target, mayInstall: install !== undefined }, rollback, lost);
    if (plan.kind === "refusal") {
        record(plan, []);
        throw new UserError(plan.sentence);
    }
    return { plan, hostKey: chooseHostKey(ssh, facts.hostKeys), machine: facts.machine };
}

async function lookOrEstimate(settings: Settings, last: LastOutputs, expected = false): Promise<Decision> {
    return lookAndPlan(settings, last, expected).catch((error: unknown) => {
        if (error instanceof UnreachableError && pulumi.isDryRun()) {
            return estimate(settings, last, error);
        }
        throw error;
    });
}

async function estimate(settings: Settings, last: LastOutputs, { message }: UnreachableError): Promise<Decision> {
    const known = readKnown(await last.plan());
    const { hostKey = "unknown", machine = "unknown" } = known ?? {};
    return { plan: estimatePlan(known, targetOf(settings), message), hostKey, machine };
}

const unseen = (plan: Plan): Decision => ({ plan, hostKey: "unknown", machine: "unknown" });

const withWarning = (decision: Decision, warning: string): Decision => ({
    ...decision,
    plan: { ...decision.plan, warnings: [warning, ...decision.plan.warnings] },
});

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
