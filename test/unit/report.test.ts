import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import fc from "fast-check";

import { readBackups, readHistory } from "../../commands/report/history";
import { markup } from "../../commands/report/markup";
import { makePage } from "../../commands/report/page";
import { type Ended, root, run } from "../support/run";

const FIXTURES = path.join(__dirname, "../fixtures/history");
const fixture = (name: string) => readFileSync(path.join(FIXTURES, name), "utf8");
const NOW = new Date("2026-11-25T15:00:00Z");

function page(history: string, backups?: string): string {
    return makePage({
        server: "203.0.113.10",
        transitions: readHistory(history),
        backups: backups === undefined ? undefined : readBackups(backups),
        whyNoBackups: "They can't be listed.",
        now: NOW,
    });
}

const textOf = (page: string) =>
    page
        .replace(/<style>[^]*?<\/style>/, "")
        .replace(/<[^>]*>/g, " ")
        .replaceAll("&#39;", "'")
        .replace(/\s+/g, " ");

describe("the report", () => {
    const shown = page(fixture("history.json"), fixture("backups.json"));

    it("tells what runs, and what all of it cost", () => {
        assert.match(
            textOf(shown),
            /It was left at 0\.1\.10\. 5 transitions, 1 of them failed; nobody served for 35\.1 s in all\. As of 2026-11-25 15:00:00 UTC/,
        );
    });

    it("tells which version ran from when to when", () => {
        const strip = /<ol class="strip">[^]*?<\/ol>/.exec(shown)?.[0] ?? "";
        assert.deepEqual(
            [...strip.matchAll(/<b>(.*?)<\/b>/g)].map(([, version]) => version),
            ["0.1.9", "0.2.0", "0.1.9", "0.1.10"],
        );
        assert.match(textOf(shown), /0\.1\.10 2026-11-25 14:44:07 now 15 min/);
    });

    it("shows each transition, the newest first, with its steps, outage and schema", () => {
        const titles = [...shown.matchAll(/<h3>\s*(.*?) <span/g)].map(([, title]) => title?.trim());
        assert.deepEqual(titles, [
            "upgrade 0.1.9 → 0.1.10",
            "upgrade 0.1.9 → 0.1.10",
            "rollback 0.2.0 → 0.1.9",
            "upgrade 0.1.9 → 0.2.0",
            "adopt 0.1.9",
        ]);
        const upgrade = /<article[^>]*id="transition-0\.1\.9-to-0\.2\.0#2"[^]*?<\/article>/.exec(shown)?.[0] ?? "";
        assert.match(textOf(upgrade), /took 66 s nobody served 13\.1 s schema 0020 → 0023 backup 81c229bb/);
        assert.deepEqual(
            [...upgrade.matchAll(/class="name">(.*?)</g)].map(([, name]) => name),
            ["preflight", "backup", "rehearsal", "pin", "rollout", "outage", "verify", "restore-point"],
        );
        // The backup ended 16 s after the beginning, took 14 s, and the last step ended after 80 s.
        assert.match(
            upgrade,
            /backup<\/span><span class="track"><span class="bar step" style="left:min\(2\.50%[^;]*;width:17\.50%"/,
        );
    });

    it("tells why one failed, and how long that took after its last step", () => {
        const failed = /<article class="failed"[^]*?<\/article>/.exec(shown)?.[0] ?? "";
        assert.match(textOf(failed), /did not become healthy.* preflight 2 s backup 13 s ended here 15 min/);
    });

    it("lists the backups with their proof, each beside its transition", () => {
        assert.equal(shown.match(/<tr id="backup-/g)?.length, 7);
        assert.match(
            textOf(shown),
            /3cffab34 2026-11-25 14:25:53 0\.2\.0 0023 restore-point 0\.2\.0-to-0\.1\.9#3 18\.6 MB restored and compared/,
        );
        for (const [, target] of shown.matchAll(/href="#(.*?)"/g)) {
            assert.ok(shown.includes(`id="${target}"`), target);
        }
    });

    it("tells a backup that was not proven, and one of another server", () => {
        const [first] = readBackups(fixture("backups.json")).backups;
        const odd = { ...first, proven: false, here: false, version: null, bytes: null };
        const text = textOf(page(fixture("history.json"), JSON.stringify({ repository: "r", backups: [odd] })));
        assert.match(text, /1e0b12b3 \S+ \S+ \? 0020 before \S+ \? not proven here from another server/);
    });

    it("is a page too where nothing has happened, and where backups can't be listed", () => {
        assert.match(
            textOf(page('{"transitions": []}')),
            /0 transitions.*None so far\. Backups They can't be listed\./,
        );
    });

    it("shows a transition that is under way as long as it is", () => {
        const [first] = readHistory(fixture("history.json"));
        const open = {
            ...first,
            state: "begun",
            ended: null,
            outageMs: null,
            steps: [],
            began: "2026-11-25T14:59:00Z",
        };
        const text = textOf(page(JSON.stringify({ transitions: [open] })));
        assert.match(text, /under way .* took still under way nobody served not measured .* goes on 60 s/);
    });

    it("is one file that loads and runs nothing", () => {
        assert.doesNotMatch(shown, /<(script|link|img|iframe)|\b(src|on\w+)=|url\(|@import|javascript:/i);
        assert.doesNotMatch(shown, /https?:/);
        assert.match(shown, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/);
    });
});

describe("any text in the report", () => {
    const hostile = fc.oneof(
        fc.string(),
        fc.constantFrom(
            '"><script>alert(1)</script>',
            "</title><img src=x onerror=1>",
            "' onmouseover='x",
            "<!--",
            "&lt;b&gt;",
            "\u202e",
        ),
    );
    /** The tags of a page, what stands in their attributes left out. */
    const skeleton = (page: string) => [...page.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/"[^"]*"/g, '""'));

    it("adds no tag and no attribute", () => {
        const record = (text: string) => {
            const [whole] = readHistory(fixture("history.json")).slice(3);
            const transition = {
                ...whole,
                id: text,
                from: text,
                to: `${text}.`,
                reason: text,
                backup: text,
                revisions: { before: text, after: null },
            };
            const [some] = readBackups(fixture("backups.json")).backups;
            const backup = { ...some, id: text, version: text, revision: text, purpose: text, transition: text };
            const steps = [{ step: text, at: NOW, seconds: 1 }];
            return page(
                JSON.stringify({ transitions: [{ ...transition, steps }] }),
                JSON.stringify({ repository: text, backups: [backup] }),
            );
        };
        const plain = skeleton(record("plain"));
        fc.assert(fc.property(hostile, (text) => assert.deepEqual(skeleton(record(text)), plain)));
    });

    it("is escaped wherever it stands in a template, and HTML made there is not", () => {
        assert.equal(
            markup`<b title="${`"<&'`}">${markup`<i>${">"}</i>`}${[markup`1`, markup`2`]}</b>`.text,
            `<b title="&quot;&lt;&amp;&#39;"><i>&gt;</i>12</b>`,
        );
    });
});

describe("npm run report", function () {
    this.timeout(20_000);
    let folder: string;
    let out: string;

    beforeEach(() => {
        folder = mkdtempSync(path.join(tmpdir(), "report-"));
        out = path.join(folder, "report.html");
        // A server that answers each operation with what it was asked, and by whom.
        writeFileSync(
            path.join(folder, "ssh"),
            `#!/bin/sh\necho "$@" >>${folder}/asked; cat >>${folder}/asked; for last; do :; done\ncat ${folder}/"\${last##* }" || { echo "specivo-host: no target" >&2; exit 1; }\n`,
        );
        chmodSync(path.join(folder, "ssh"), 0o755);
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    function report(...args: string[]): Promise<Ended> {
        const command = ["-r", "ts-node/register", "commands/report/main.ts", ...args, "--out", out];
        return run("node", command, { cwd: root, env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } });
    }

    it("asks the server for both, as root or by sudo, and of known servers only", async () => {
        writeFileSync(path.join(folder, "history"), fixture("history.json"));
        writeFileSync(path.join(folder, "backups"), fixture("backups.json"));
        const ended = await report("deploy@203.0.113.10", "--port", "2222", "--install-dir", "/srv/specivo");
        assert.equal(ended.output, `The history is in ${out}.\n`);
        assert.match(readFileSync(out, "utf8"), /<title>Specivo on 203\.0\.113\.10<\/title>/);
        const asked = readFileSync(path.join(folder, "asked"), "utf8");
        assert.match(
            asked,
            /StrictHostKeyChecking=yes.* -p 2222 -l deploy -- 203\.0\.113\.10 sudo -n \/usr\/local\/sbin\/specivo-host history\n/,
        );
        assert.match(asked, /\{"installDir":"\/srv\/specivo"\}/);
    });

    it("makes the page without the backups when they can't be listed, and says so", async () => {
        writeFileSync(path.join(folder, "history"), fixture("history.json"));
        const ended = await report("root@203.0.113.10");
        assert.equal(ended.status, 0);
        assert.match(ended.stderr, /did not tell its backups \(specivo-host: no target\): /);
        assert.match(readFileSync(out, "utf8"), /did not tell its backups/);
    });

    it("tells a mistake in one sentence", async () => {
        writeFileSync(path.join(folder, "history"), '{"transitions": [{"id": 1}]}');
        for (const [args, sentence] of [
            [[], /^Name the server, as in /],
            [["root@-oProxyCommand=x y"], /^The server is "root@-oProxyCommand=x y", port 22: name it as /],
            [
                ["root@203.0.113.10"],
                /^The output of `specivo-host history` can't be read, as it\.transitions\[0\]\.id is not a string: /,
            ],
            [["--history", "/nowhere"], /^There is no file \/nowhere: /],
        ] as const) {
            const ended = await report(...args);
            assert.equal(ended.status, 1);
            assert.match(ended.stderr, sentence);
            assert.doesNotMatch(ended.stderr, /\n./);
        }
    });
});
