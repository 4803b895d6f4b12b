// One `pulumi up` for each release on the way, through the Automation API on this same program.
import { LocalWorkspace, type EngineEvent, type Stack } from "@pulumi/pulumi/automation";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { parseArgs } from "node:util";

import { readRecord } from "../../plan/record";

/** Of the project, whatever its name. */
const VERSION_KEY = "specivoVersion";

/** A mistake, or a failure that has been told already: no stack trace. */
class Stop extends Error {}

/** What a component does, for a progress line. */
const STEPS: Readonly<Record<string, string>> = {
    Preflight: "preflight",
    Backup: "backup, off the server and proven",
    Image: "image",
    Rehearsal: "rehearsal",
    VersionPin: "pin",
    Rollout: "rollout",
    Verify: "verify",
    RestorePoint: "restore point",
};

async function main(): Promise<void> {
    const { positionals, values } = parseArgs({ allowPositionals: true, options: { stack: { type: "string" } } });
    const [target, more] = positionals;
    if (target === undefined || more !== undefined) {
        throw new Stop("Name the version to go to: npm run upgrade -- 0.8.0");
    }
    const workDir = path.join(__dirname, "../..");
    const stack = await LocalWorkspace.selectStack({ stackName: values.stack ?? selected(workDir), workDir });
    const before = await stack.getConfig(VERSION_KEY).then(
        ({ value }) => value,
        () => {
            throw new Stop(
                `The stack ${stack.name} has no specivoVersion: set the release that runs now, with \`pulumi config set specivoVersion\`.`,
            );
        },
    );
    let good = before;
    try {
        const hops = await way(stack, target);
        if (hops.length === 0) {
            console.log(`The instance is at ${target} already.`);
        }
        for (const [index, hop] of hops.entries()) {
            console.log(`${index + 1} of ${hops.length}: ${hop}`);
            await stack.setConfig(VERSION_KEY, { value: hop });
            await stack.up({ onEvent: progress(), color: "never" });
            good = hop;
        }
    } catch (error) {
        await stack.setConfig(VERSION_KEY, { value: good });
        throw new Stop(`${reasonOf(error)}\nspecivoVersion is ${good} now; when the cause is gone, run this again.`);
    }
}

function selected(workDir: string): string {
    try {
        return execFileSync("pulumi", ["stack", "--show-name"], {
            cwd: workDir,
            encoding: "utf8",
            stdio: "pipe",
        }).trim();
    } catch {
        throw new Stop("No stack is selected: choose one with `pulumi stack select NAME`, or give --stack NAME.");
    }
}

/** The releases to go over, the target last; empty when it runs already. The program's own plan knows them. */
async function way(stack: Stack, target: string): Promise<readonly string[]> {
    const directory = mkdtempSync(path.join(tmpdir(), "specivo-plan-"));
    const file = path.join(directory, "plan.json");
    try {
        await stack.setConfig(VERSION_KEY, { value: target });
        process.env.SPECIVO_PLAN_FILE = file;
        const failure = await stack.preview({ color: "never" }).then(
            () => undefined,
            (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
        );
        const record = readRecord(readFileSync(file, { encoding: "utf8", flag: "a+" }));
        if (record?.kind === "refusal" && record.hops.length > 0) {
            return record.hops;
        }
        if (failure !== undefined) {
            throw failure;
        }
        return record?.kind === "plan" && record.work === "nothing" ? [] : [target];
    } finally {
        delete process.env.SPECIVO_PLAN_FILE;
        rmSync(directory, { recursive: true });
    }
}

/** Prints a line when a step is done, and how long it took. */
function progress(): (event: EngineEvent) => void {
    const began = new Map<string, number>();
    return ({ resourcePreEvent, resOutputsEvent }) => {
        const begins = resourcePreEvent?.metadata;
        const ends = resOutputsEvent?.metadata;
        if (begins !== undefined && stepOf(begins.urn) !== undefined && begins.op !== "same") {
            began.set(begins.urn, Date.now());
        }
        const start = ends === undefined ? undefined : began.get(ends.urn);
        if (ends !== undefined && start !== undefined && /create|update/.test(ends.op)) {
            began.delete(ends.urn);
            console.log(`  ${stepOf(ends.urn)}: done, ${Math.round((Date.now() - start) / 1000)} s`);
        }
    };
}

function stepOf(urn: string): string | undefined {
    const component = /specivo:index:(\w+)\$(?:command|docker):/.exec(urn)?.[1];
    return component === undefined ? undefined : STEPS[component];
}

/** The sentences of an `up` that failed, without the engine's own. */
function reasonOf(error: unknown): string {
    const text = error instanceof Error ? error.message : String(error);
    const told = text.split("\n").filter((line) => /specivo-host \S+: |^\s*error: (?!update failed)/.test(line));
    const sentences = told
        .map((line) => line.replace(/^\s*(error: )?/, ""))
        .filter((line) => !line.startsWith("Process exited"));
    return sentences.length > 0 ? [...new Set(sentences)].join("\n") : text;
}

main().catch((error: unknown) => {
    console.error(error instanceof Stop ? error.message : error);
    process.exitCode = 1;
});
