import type { Transition } from "./history";
import { type Html, markup, NOTHING } from "./markup";
import { lengthOf, secondsBetween, shortId, timeOf } from "./words";

/** A stretch of a transition, in seconds from its beginning. */
interface Lane {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    readonly kind: "step" | "outage" | "unfinished";
    readonly note: string;
}

/** One transition: what became of it, and its steps along its own time. */
export function showTransition(transition: Transition, now: Date): Html {
    const { id, direction, state, began, ended, reason, backup, from, to } = transition;
    const facts: [string, string | Html][] = [
        ["began", `${timeOf(began)} UTC`],
        ["took", ended === null ? "still under way" : lengthOf(secondsBetween(began, ended))],
        ["nobody served", outageOf(transition)],
        ["schema", schemaOf(transition)],
        ["backup", backup === null ? "none" : markup`<a href="#backup-${backup}"><code>${shortId(backup)}</code></a>`],
    ];
    const move = from === to ? to : `${from} → ${to}`;
    return markup`
<article class="${state}" id="transition-${id}">
<h3>${direction} ${move} <span class="badge ${state}">${WORDS[state]}</span></h3>
<p class="id"><code>${id}</code></p>
<dl>${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${reason === null ? NOTHING : markup`<p class="reason">${reason}</p>`}
${showLanes(lanesOf(transition, now))}
</article>`;
}

const WORDS: Readonly<Record<Transition["state"], string>> = {
    begun: "under way",
    finished: "finished",
    failed: "failed",
    recovered: "failed, put back",
    superseded: "given up for another",
};

function outageOf({ outageMs, state }: Transition): string {
    if (outageMs === null) {
        return state === "failed" ? "never: it came to no cut-over" : "not measured";
    }
    return outageMs === 0 ? "never" : lengthOf(outageMs / 1000);
}

function schemaOf({ revisions: { before, after } }: Transition): string {
    return after === null || before === after
        ? `${before ?? "unknown"}, unchanged`
        : `${before ?? "unknown"} → ${after}`;
}

function lanesOf({ began, ended, steps, outageMs, state }: Transition, now: Date): Lane[] {
    const lanes: Lane[] = [];
    for (const { step, at, seconds } of steps) {
        const to = secondsBetween(began, at);
        const from = Math.max(0, to - (seconds ?? 0));
        lanes.push({ name: step, from, to, kind: "step", note: seconds === null ? "" : lengthOf(seconds) });
        if (step === "rollout" && outageMs !== null && outageMs > 0) {
            // When within the rollout it was is not recorded, only for how long.
            const length = outageMs / 1000;
            lanes.push({ name: "outage", from, to: from + length, kind: "outage", note: lengthOf(length) });
        }
    }
    const last = Math.max(0, ...lanes.map(({ to }) => to));
    const end = secondsBetween(began, ended ?? now);
    if (state !== "finished" && end > last) {
        const name = state === "begun" ? "goes on" : "ended here";
        lanes.push({ name, from: last, to: end, kind: "unfinished", note: lengthOf(end - last) });
    }
    return lanes;
}

/** Widths in percent of the whole; the shortest can still be seen. */
function showLanes(lanes: readonly Lane[]): Html {
    const whole = Math.max(1, ...lanes.map(({ to }) => to));
    const percent = (seconds: number) => (Math.min(1, seconds / whole) * 100).toFixed(2);
    const bars = lanes.map(({ name, from, to, kind, note }) => {
        const place = `left:min(${percent(from)}%, calc(100% - 3px));width:${percent(to - from)}%`;
        const bar = markup`<span class="track"><span class="bar ${kind}" style="${place}"></span></span>`;
        return markup`<li><span class="name">${name}</span>${bar}<span class="note">${note}</span></li>`;
    });
    return markup`<ol class="lanes">${bars}</ol>`;
}
