/** GitHub refuses a comment that is longer, in characters; what else goes into the comment, such as its mark, has room left. */
export const LIMIT = 65_000;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
/** Keeps a name from calling somebody, and a number from naming an issue: GitHub looks for these after the Markdown is read. */
const APART = "&#8203;";

/** Text on one line, shown as it is: nothing in it is Markdown, HTML, a link, a mention or a reference to an issue. */
export function escape(text: string): string {
    return (
        escapeMarks(text)
            .replace(/@|#(?=\d)/g, (character) => character + APART)
            .replace(/gh(?=-\d)|www(?=\.)/gi, (word) => word + APART)
            .replace(/:(?=\/\/)/g, "\\:")
            // What would begin a list or a heading, or end one.
            .replace(/^[-+=#]|#$/g, "\\$&")
            .replace(/^(\d+)([.)])/, "$1\\$2")
    );
}

function escapeMarks(text: string): string {
    return (
        text
            // Control characters and marks that turn the writing direction around have no place in a line.
            .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
            .replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
            .trim()
            .replace(/[\\`*_[\]|~$]/g, "\\$&")
            .replace(/[&<>]/g, (character) => ENTITIES[character] ?? "")
    );
}

/** More of a kind than a reader takes in. */
const MOST_LINES = 20;

/** A sentence of the program's: what stands in backticks is code, the rest is text. */
export function prose(text: string, most = 1000): string {
    return shorten(text, most)
        .split(/`([^`]+)`/)
        .map((part, index) => (index % 2 === 1 ? `<code>${escapeMarks(part)}</code>` : spaced(part)))
        .join("");
}

/** Escaped, with the spaces that part it from the code beside it. */
function spaced(text: string): string {
    const [, before = "", after = ""] = /^(\s*).*?(\s*)$/s.exec(text) ?? [];
    return text.trim() === "" ? (text === "" ? "" : " ") : (before && " ") + escape(text) + (after && " ");
}

/** A cut never splits a character that is stored as two. */
export function shorten(text: string, most: number): string {
    return text.length > most ? `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…` : text;
}

/** A table of two columns; each cell may have several lines. */
export function table(rows: readonly (readonly [string, readonly string[]])[]): string {
    const cell = (lines: readonly string[]) => lines.map((line) => prose(line, 500)).join("<br>");
    return ["| | |", "|---|---|", ...rows.map(([name, lines]) => `| ${cell([name])} | ${cell(lines)} |`)].join("\n");
}

/** A coloured box of GitHub's. */
export function alert(kind: "WARNING" | "CAUTION", lines: readonly string[]): string {
    return [`> [!${kind}]`, ...few(lines).map((line) => `> ${line}`)].join("\n>\n").replace("\n>\n", "\n");
}

export function list(items: readonly string[]): string {
    return few(items)
        .map((item) => `- ${item}`)
        .join("\n");
}

function few(lines: readonly string[]): string[] {
    const shown = lines.slice(0, MOST_LINES).map((line) => prose(line));
    return lines.length > MOST_LINES ? [...shown, `… and ${lines.length - MOST_LINES} more`] : shown;
}

/** Lines as they are, folded away; those that do not fit into so many characters are left out, and counted. */
export function folded(summary: string, lines: readonly string[], room: number): string {
    const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length);
    const fence = "`".repeat(Math.max(2, ...runs) + 1);
    const frame = (body: string) =>
        `<details><summary>${escape(summary)}</summary>\n\n${fence}diff\n${body}\n${fence}\n\n</details>`;
    const spare = room - frame("").length - 100;
    let used = 0;
    const fitting = lines.findIndex((line) => (used += line.length + 1) > spare);
    if (fitting === -1) {
        return frame(lines.join("\n"));
    }
    return spare < 0
        ? ""
        : frame([...lines.slice(0, fitting), `# … and ${lines.length - fitting} more lines`].join("\n"));
}

/** Blocks one after the other; from the first that does not fit on they are left out, and that is said. */
export function document(blocks: readonly string[], limit = LIMIT): string {
    const left = "\n\n*The rest does not fit into a comment: see the log of the check.*\n";
    let text = "";
    for (const block of blocks.filter((one) => one !== "")) {
        const more = text === "" ? block : `\n\n${block}`;
        if (text.length + more.length + left.length > limit) {
            return text + left;
        }
        text += more;
    }
    return `${text}\n`;
}
