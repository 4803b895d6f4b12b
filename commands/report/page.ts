import type { Backups, Transition } from "./history";
import { type Html, markup } from "./markup";
import { STYLE } from "./style";
import { showTransition } from "./transition";
import { lengthOf, secondsBetween, shortId, sizeOf, timeOf } from "./words";

/** What a report is made of. */
export interface Told {
    /** The server, for the title. */
    readonly server: string;
    /** Oldest first. */
    readonly transitions: readonly Transition[];
    /** Undefined when they could not be listed; `whyNoBackups` says why. */
    readonly backups: Backups | undefined;
    readonly whyNoBackups: string;
    readonly now: Date;
}

/** The whole page. It has no script, and loads nothing. */
export function makePage({ server, transitions, backups, whyNoBackups, now }: Told): string {
    const cards = transitions.map((one) => showTransition(one, now)).reverse();
    const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Specivo on ${server}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>Specivo on ${server}</h1><p>${summaryOf(transitions)} As of ${timeOf(now)} UTC.</p></header>
<main>
<section><h2>Versions</h2>${showVersions(transitions, now)}</section>
<section><h2>Transitions</h2>${cards.length > 0 ? cards : markup`<p>None so far.</p>`}</section>
<section><h2>Backups</h2>${backups === undefined ? markup`<p class="reason">${whyNoBackups}</p>` : showBackups(backups)}</section>
</main>
</body>
</html>
`;
    return page.text;
}

function summaryOf(transitions: readonly Transition[]): string {
    const running = transitions.findLast(({ state }) => state === "finished")?.to;
    const failed = transitions.filter(({ state }) => state === "failed" || state === "recovered").length;
    const outage = transitions.reduce((sum, { outageMs }) => sum + (outageMs ?? 0), 0) / 1000;
    const counts = `${transitions.length} transitions, ${failed} of them failed; nobody served for ${lengthOf(outage)} in all.`;
    return running === undefined ? counts : `It was left at ${running}. ${counts}`;
}

/** What ran from when to when, by the transitions that were finished. */
function showVersions(transitions: readonly Transition[], now: Date): Html {
    const moves = transitions.filter(({ state, ended }) => state === "finished" && ended !== null);
    const spans = moves
        .map(({ to, ended }, index) => ({ version: to, from: ended ?? now, until: moves[index + 1]?.ended ?? now }))
        .map((span) => ({ ...span, seconds: Math.max(0, secondsBetween(span.from, span.until)) }));
    if (spans.length === 0) {
        return markup`<p>No transition has been finished so far.</p>`;
    }
    const bars = spans.map(
        ({ version, seconds }) =>
            markup`<li style="flex-grow:${Math.ceil(seconds)}"><b>${version}</b> ${lengthOf(seconds)}</li>`,
    );
    const rows = spans.map(({ version, from, until, seconds }, index) => {
        const end = index === spans.length - 1 ? "now" : timeOf(until);
        return row([version, timeOf(from), end, lengthOf(seconds)]);
    });
    return markup`<ol class="strip">${bars}</ol>
<details><summary>As a table</summary>${table(["version", "from (UTC)", "until", "for"], rows)}</details>`;
}

function showBackups({ repository, backups }: Backups): Html {
    const heads = ["backup", "at (UTC)", "version", "schema", "purpose", "of transition", "size", "proof"];
    const rows = backups.map((one) => {
        const proof = one.proven
            ? markup`<span class="badge finished">restored and compared</span>`
            : markup`<span class="badge begun">not proven here</span>`;
        const cells = [
            markup`<code title="${one.id}">${shortId(one.id)}</code>`,
            timeOf(one.at),
            one.version ?? "?",
            one.revision ?? "?",
            one.purpose ?? "?",
            one.transition === null ? "?" : markup`<a href="#transition-${one.transition}">${one.transition}</a>`,
            one.bytes === null ? "?" : sizeOf(one.bytes),
            one.here ? proof : markup`${proof} from another server`,
        ];
        return row(cells, `backup-${one.id}`);
    });
    return markup`<p>In <code>${repository}</code>, newest first.</p>
<div class="wide">${table(heads, rows)}</div>`;
}

function table(heads: readonly string[], rows: readonly Html[]): Html {
    const head = heads.map((text) => markup`<th>${text}</th>`);
    return markup`<table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`;
}

function row(cells: readonly (string | Html)[], id?: string): Html {
    const inside = cells.map((cell) => markup`<td>${cell}</td>`);
    return id === undefined ? markup`<tr>${inside}</tr>` : markup`<tr id="${id}">${inside}</tr>`;
}
