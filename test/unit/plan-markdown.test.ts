import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

import { makeComment } from "../../commands/plan-markdown/comment";
import { document, escape, folded, LIMIT, prose } from "../../commands/plan-markdown/markdown";
import { readPreview } from "../../commands/plan-markdown/preview";
import { type PlanRecord, readRecord } from "../../plan/record";

const FIXTURES = path.join(__dirname, "../fixtures/previews");

/** As GitHub makes a page of it: by the same grammar, HTML left in. */
function render(markdown: string): string {
    return micromark(markdown, {
        extensions: [gfm()],
        htmlExtensions: [gfmHtml()],
        allowDangerousHtml: true,
    });
}

function textOf(html: string): string {
    const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', amp: "&" };
    return html
        .replace(/<[^>]*>/g, "")
        .replace(/&(lt|gt|quot|amp);/g, (_, name: string) => entities[name] ?? "")
        .replace(/\u200b/g, "");
}

const tagsOf = (html: string) => [...new Set([...html.matchAll(/<(\w+)/g)].map(([, name]) => name))].sort();

function fixture(name: string): string {
    const plan = path.join(FIXTURES, `${name}.plan.json`);
    return makeComment({
        stack: "prod",
        preview: readPreview(readFileSync(path.join(FIXTURES, `${name}.json`), "utf8")),
        plan: readRecord(existsSync(plan) ? readFileSync(plan, "utf8") : ""),
        said: "",
    });
}

describe("the comment on a pull request", () => {
    it("shows an upgrade: plan, warnings, notes, and the resources folded away", () => {
        const comment = fixture("migrate");
        assert.match(comment, /^### Specivo on prod: upgrade 0\.1\.9 to 0\.2\.0\n/);
        const html = render(comment);
        assert.match(html, /<td>schema<\/td>\n<td>0020 -&gt; 0023: 0021, 0022, 0023 will run<\/td>/);
        assert.match(html, /<td>room<\/td>\n<td>disk 728 MB[^<]*<br>memory 393 MB/);
        assert.match(comment, /> \[!WARNING\]\n> ANYBODY CAN SIGN IN .*<code>docker compose up -d<\/code>/);
        assert.match(
            html,
            /<li>0\.2\.0: Recurring tasks; A board view; Presets differ by more than case \| and a pipe/,
        );
        const details = html.slice(html.indexOf("<details>"));
        assert.match(details, /^<details><summary>Resources: 8 to replace<\/summary>/);
        assert.match(
            details,
            /! replace specivo-image-pull[^\n]*\n {4}name: &quot;specivo\/specivo:0\.1\.9&quot; -&gt;/,
        );
        assert.match(details, /<\/code><\/pre>\n<\/details>\n$/);
    });

    it("has no more than names of what may hold secrets, and nothing of where plugins lie", () => {
        for (const name of ["upgrade", "migrate", "estimate", "rollback"]) {
            assert.doesNotMatch(fixture(name), /connection:|stdin:|installDir|\$PATH/);
        }
    });

    it("says that an estimate is one", () => {
        assert.match(fixture("estimate"), /^### Specivo on prod: upgrade 0\.1\.10 to 0\.2\.0, by estimate\n/);
        assert.match(fixture("estimate"), /- 0\\\.2\.0: Recurring tasks;/);
        assert.match(fixture("estimate"), /> \[!WARNING\]\n> AN ESTIMATE, .*were not looked at/);
    });

    it("says what a rollback sets aside", () => {
        assert.match(
            fixture("rollback"),
            /### Specivo on prod: rollback 0\.2\.0 to 0\.1\.9\n[^]*\| data \|.*<br>set aside:/,
        );
    });

    it("is two lines when there is nothing to do and to warn of", () => {
        const plan = readRecord(readFileSync(path.join(FIXTURES, "nothing.plan.json"), "utf8"));
        const preview = { steps: [], warnings: [], errors: [], stack: "prod" };
        const comment = makeComment({ stack: "prod", preview, plan, said: "" });
        assert.equal(comment, "### Specivo on prod: nothing to do, it is at 0.1.9\n\nResources: no change\n");
    });

    it("tells a refusal once, and the way", () => {
        const comment = fixture("refusal");
        assert.match(comment, /^### Specivo on prod: refused\n\n> \[!CAUTION\]\n> Going from 0\.1\.9 to 0\.8\.0 skips/);
        assert.equal(comment.split("skips minor versions").length, 2);
        assert.match(comment, /^- 0\\\.2\.1$/m);
    });

    it("tells a mistake in the config, though there is no plan then", () => {
        assert.match(
            fixture("mistake"),
            /no plan could be made\n\n> \[!CAUTION\]\n> specivo:specivoVersion is "latest": /,
        );
    });

    it("tells that the preview failed after the plan was made, and both", () => {
        const plan = readRecord(readFileSync(path.join(FIXTURES, "upgrade.plan.json"), "utf8"));
        const preview = { steps: [], warnings: [], errors: ["the provider is gone"], stack: "prod" };
        const comment = makeComment({ stack: "prod", preview, plan, said: "" });
        assert.match(comment, /: the preview failed\n\n> \[!CAUTION\]\n> the provider is gone\n[^]*\| schema \|/);
    });

    it("tells the engine's own words when it could not begin", () => {
        const said = "error: no stack named 'prod' found";
        const comment = makeComment({ stack: "prod", preview: undefined, plan: undefined, said });
        assert.match(comment, /> \[!CAUTION\]\n> error: no stack named 'prod' found\n$/);
    });
});

describe("any text in it", () => {
    const piece = fc.constantFrom(
        ...[
            "@team",
            "#12",
            "GH-7",
            "<b>",
            "</details>",
            "<!--",
            "-->",
            "[a](b)",
            "![i](x)",
            "`",
            "```",
            "|",
            "\\",
            "\n",
            "\n\n",
        ],
        ...[
            "---",
            "1. ",
            "1) ",
            "- ",
            "# ",
            "> ",
            "    ",
            "~~x~~",
            "**b**",
            "_i_",
            "https://a.bc",
            "www.a.bc",
            "a@b.cd",
            "&lt;",
            "$x$",
        ],
        ...["[^1]", "[ ] ", "===", "\t", "\u2028", "\u202e", "é", "😀", " #", "plain", " "],
    );
    const hostile = fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("")),
    );
    const squeezed = (text: string) =>
        text
            .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
            .replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
            .trim();

    it("is shown as it is: no Markdown, HTML, link or mention", () => {
        for (const [before, tags] of [
            ["", ["p"]],
            ["### ", ["h3"]],
            ["> ", ["blockquote", "p"]],
            ["- ", ["li", "ul"]],
        ] as const) {
            fc.assert(
                fc.property(hostile, (text) => {
                    fc.pre(squeezed(text) !== "");
                    const markdown = before + escape(text);
                    const html = render(markdown);
                    assert.deepEqual(tagsOf(html), tags, markdown);
                    assert.equal(textOf(html).trim(), squeezed(text));
                    assert.doesNotMatch(html, /@[\w]|#\d|\bgh-\d/i);
                }),
                { numRuns: 500 },
            );
        }
    });

    it("stays in its cell", () => {
        fc.assert(
            fc.property(hostile, (text) => {
                const html = render(`| a | b |\n|---|---|\n| ${prose(text)} | last |`);
                assert.equal(html.split("<td>").length - 1, 2, html);
                assert.match(html, /<td>last<\/td>\n<\/tr>\n<\/tbody>\n<\/table>\n?$/);
            }),
            { numRuns: 500 },
        );
    });

    it("does not get out of the fold", () => {
        fc.assert(
            fc.property(fc.array(hostile.map((text) => text.replace(/\s+/g, " "))), (lines) => {
                const html = render(`${folded("Resources", lines, LIMIT)}\n\nafter`);
                assert.deepEqual(tagsOf(html.replace(/<pre>[^]*<\/pre>/, "")), ["details", "p", "summary"]);
                assert.match(html, /<\/code><\/pre>\n<\/details>\n<p>after<\/p>$/);
            }),
        );
    });

    it("never makes it longer than GitHub takes, and what is left out is said", () => {
        const long = fc.array(fc.oneof(hostile, fc.constant("@".repeat(3000))), { maxLength: 400 });
        fc.assert(
            fc.property(long, long, long, long, (lines, notes, warnings, errors) => {
                const transition = {
                    id: "a#1",
                    direction: "upgrade",
                    from: "0.1.9",
                    to: "0.2.0",
                    restore: null,
                } as const;
                const plan: PlanRecord = {
                    kind: "plan",
                    work: "all",
                    transition,
                    image: "a:b",
                    lines,
                    notes,
                    warnings,
                    estimated: null,
                };
                const urn = (name: string) => `urn:pulumi:prod::specivo::a:b:C::${name}`;
                const steps = lines.map((line) => ({
                    ...{ op: "replace", urn: urn(line), diffReasons: ["name"] },
                    oldState: { type: "a:b:C", inputs: { name: line } },
                    newState: { type: "a:b:C", inputs: { name: `${line}.` } },
                }));
                const preview = { steps, warnings, errors, stack: "prod" };
                const comment = makeComment({ stack: "prod", preview, plan, said: "" });
                assert.ok(comment.length <= LIMIT, `${comment.length}`);
                const left = /The rest does not fit|more lines$|<\/details>\n$/m;
                assert.ok(steps.length === 0 || left.test(comment));
            }),
            { numRuns: 50 },
        );
    });

    it("is cut between blocks, never within", () => {
        assert.equal(
            document(["first", "x".repeat(500), "third"], 200),
            `first\n\n*The rest does not fit into a comment: see the log of the check.*\n`,
        );
    });
});

describe("npm run plan:markdown", function () {
    this.timeout(30_000);

    function run(...args: string[]) {
        const main = path.join(__dirname, "../../commands/plan-markdown/main.ts");
        return spawnSync("node", ["-r", "ts-node/register", main, ...args], { encoding: "utf8" });
    }
    const file = (name: string) => path.join(FIXTURES, name);

    it("is green for a plan, and red for one that was refused, with the comment either way", () => {
        const good = run("--preview", file("upgrade.json"), "--plan", file("upgrade.plan.json"));
        assert.deepEqual([good.status, good.stdout.slice(0, 15)], [0, "### Specivo on "]);
        const refused = run("--preview", file("refusal.json"), "--plan", file("refusal.plan.json"));
        assert.deepEqual([refused.status, refused.stdout.slice(0, 15)], [1, "### Specivo on "]);
    });

    it("is red with --expect-nothing when there is something to do, or when nobody looked", () => {
        const status = (name: string) =>
            run("--preview", file(`${name}.json`), "--plan", file(`${name}.plan.json`), "--expect-nothing").status;
        assert.deepEqual(["nothing", "upgrade", "estimate", "refusal"].map(status), [0, 3, 3, 1]);
        const same = { ...(JSON.parse(readFileSync(file("nothing.plan.json"), "utf8")) as object), estimated: true };
        const folder = mkdtempSync(path.join(tmpdir(), "plan-"));
        writeFileSync(path.join(folder, "plan.json"), JSON.stringify(same));
        const looked = run(
            "--preview",
            file("nothing.json"),
            "--plan",
            path.join(folder, "plan.json"),
            "--expect-nothing",
        );
        rmSync(folder, { recursive: true });
        assert.equal(looked.status, 3);
    });

    it("tells a mistake in one sentence", () => {
        const gone = run("--preview", "/nowhere.json");
        assert.equal(gone.stderr, "There is no file /nowhere.json: name one that a preview has written.\n");
        assert.match(run("--stak", "x").stderr, /^Unknown option '--stak'[^\n]*\n$/);
    });
});
