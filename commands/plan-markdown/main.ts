// A pull request comment's content, from one preview of this same program or from what an earlier one left in files.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { parseArgs } from "node:util";

import { DecodeError } from "../../plan/decode";
import { readRecord } from "../../plan/record";
import { UsageError, runCommand } from "../command";
import { makeComment } from "./comment";
import { type Preview, readPreview } from "./preview";

/** Status that tells what `--expect-nothing` did not expect. */
const SOMETHING = 3;

/** What a preview left: the engine's JSON, the program's plan, and the engine's words besides. */
interface Taken {
    readonly json: string;
    readonly plan: string;
    readonly said: string;
    readonly failed: boolean;
}

function main(): void {
    const { values } = parseArgs({
        options: {
            stack: { type: "string" },
            preview: { type: "string" },
            plan: { type: "string" },
            out: { type: "string" },
            "expect-nothing": { type: "boolean", default: false },
        },
    });
    const taken = values.preview === undefined ? takePreview(values.stack) : readTaken(values.preview, values.plan);
    const preview = tryPreview(taken.json);
    const plan = readRecord(taken.plan);
    const stack = preview?.stack ?? values.stack ?? "the selected stack";
    const comment = makeComment({ stack, preview, plan, said: taken.said });
    if (values.out === undefined) {
        process.stdout.write(comment);
    } else {
        writeFileSync(values.out, comment);
    }
    // A check that shows a refused or broken plan has to be red.
    const isGood = !taken.failed && preview?.errors.length === 0 && plan?.kind === "plan";
    // So has one that should find nothing to do, and does, or that could not look.
    const isNothing = isGood && plan.work === "nothing" && plan.estimated !== true && preview.steps.length === 0;
    process.exitCode = !isGood ? 1 : values["expect-nothing"] && !isNothing ? SOMETHING : 0;
}

function takePreview(stack: string | undefined): Taken {
    const directory = mkdtempSync(path.join(tmpdir(), "specivo-plan-"));
    try {
        const file = path.join(directory, "plan.json");
        const args = ["preview", "--json", "--non-interactive", ...(stack === undefined ? [] : ["--stack", stack])];
        const env = { ...process.env, SPECIVO_PLAN_FILE: file };
        const cwd = path.join(__dirname, "../..");
        const ended = spawnSync("pulumi", args, { cwd, env, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
        const plan = readFileSync(file, { encoding: "utf8", flag: "a+" });
        const said = ended.stderr.trim() === "" ? "pulumi preview ended without a word." : ended.stderr.trim();
        return { json: ended.stdout, plan, said, failed: ended.status !== 0 };
    } finally {
        rmSync(directory, { recursive: true });
    }
}

function readTaken(preview: string, plan: string | undefined): Taken {
    const read = (file: string) => {
        try {
            return readFileSync(file, "utf8");
        } catch {
            throw new UsageError(`There is no file ${file}: name one that a preview has written.`);
        }
    };
    const said = `${path.basename(preview)} holds no preview.`;
    return { json: read(preview), plan: plan === undefined ? "" : read(plan), said, failed: false };
}

/** Undefined for what is no preview: the engine prints none when it can't begin, as for a stack that does not exist. */
function tryPreview(json: string): Preview | undefined {
    try {
        return readPreview(json);
    } catch (error) {
        if (error instanceof DecodeError) {
            return undefined;
        }
        throw error;
    }
}

runCommand(main);
