import type { PlanRecord } from "../../plan/record";
import { alert, document, escape, folded, LIMIT, list, shorten, table } from "./markdown";
import type { Preview } from "./preview";
import { countSteps, describeSteps } from "./resources";

/** What a comment is made of. */
export interface Shown {
    /** Name of the stack. */
    readonly stack: string;
    /** What the engine said; undefined when it could not begin. */
    readonly preview: Preview | undefined;
    /** What the program decided; undefined when it stopped before. */
    readonly plan: PlanRecord | undefined;
    /** The engine's own words where there is no preview. */
    readonly said: string;
}

/** The plan for a reviewer, in GitHub's Markdown: what will happen, then warnings and release notes, then each resource. */
export function makeComment({ stack, preview, plan, said }: Shown): string {
    const errors = plan?.kind === "refusal" ? [] : (preview?.errors ?? [said]);
    const blocks = [
        `### Specivo on ${escape(shorten(stack, 100))}: ${escape(shorten(headline(plan, errors), 200))}`,
        errors.length > 0 ? alert("CAUTION", errors) : "",
        ...(plan?.kind === "refusal" ? describeRefusal(plan) : []),
        ...(plan?.kind === "plan" ? [describePlan(plan)] : []),
        preview !== undefined && preview.warnings.length > 0 ? alert("WARNING", preview.warnings) : "",
        ...(plan?.kind === "plan" && plan.notes.length > 0 ? ["#### Release notes", list(plan.notes)] : []),
    ];
    if (preview === undefined || plan?.kind !== "plan") {
        return document(blocks);
    }
    const summary = `Resources: ${countSteps(preview.steps)}`;
    const lines = describeSteps(preview.steps);
    const room = LIMIT - document(blocks).length - 200;
    return document([...blocks, lines.length > 0 ? folded(summary, lines, room) : summary]);
}

type Planned = Extract<PlanRecord, { kind: "plan" }>;
type Refused = Extract<PlanRecord, { kind: "refusal" }>;

function headline(plan: PlanRecord | undefined, errors: readonly string[]): string {
    if (plan?.kind === "refusal") {
        return "refused";
    }
    if (plan === undefined || errors.length > 0) {
        return plan === undefined ? "no plan could be made" : "the preview failed";
    }
    const { work, transition } = plan;
    if (work === "nothing") {
        return `nothing to do, it is at ${transition.to}`;
    }
    const move = transition.from === transition.to ? transition.to : `${transition.from} to ${transition.to}`;
    return `${transition.direction} ${move}${work === "follow" ? ", under way" : ""}${plan.estimated === true ? ", by estimate" : ""}`;
}

/** The plan's own lines: its first is the headline, a name begins each paragraph, and what has none goes on with the one before. */
function describePlan({ lines }: Planned): string {
    const rows: [string, string[]][] = [];
    for (const line of lines.slice(lines.length > 1 ? 1 : 0)) {
        const [, name, text] = /^ {2}(\S[^:]*): +(.*)$/.exec(line) ?? [undefined, "", line.trim()];
        const last = rows.at(-1);
        if (name === "" && last !== undefined) {
            last[1].push(text ?? "");
        } else {
            rows.push([name ?? "", [text ?? ""]]);
        }
    }
    return rows.length > 0 ? table(rows) : "";
}

function describeRefusal({ sentence, hops }: Refused): string[] {
    return [alert("CAUTION", [sentence]), ...(hops.length > 0 ? ["One pull request for each:", list(hops)] : [])];
}
