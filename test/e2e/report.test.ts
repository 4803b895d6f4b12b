import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { type Ended, root, succeed } from "../support/run";

/** The signature of a PNG, then its width and height. */
function sizeOfPng(file: string): [number, number] {
    const bytes = fs.readFileSync(file);
    assert.equal(bytes.subarray(0, 8).toString("latin1"), "\x89PNG\r\n\x1a\n");
    return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

describe("the report, in a browser", function () {
    this.timeout(300_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "report-"));
    const page = path.join(folder, "report.html");
    let browser: string;

    before(async () => {
        browser = (await succeed("scripts/setup", ["browser"])).stdout.trim();
        const fixture = (name: string) => path.join(root, "test/fixtures/history", name);
        const history = JSON.parse(fs.readFileSync(fixture("history.json"), "utf8")) as {
            transitions: { reason?: string }[];
        };
        (history.transitions[3] ?? {}).reason =
            "<script>document.title = 'caught'</script><img src=x onerror=\"document.title='caught'\">";
        fs.writeFileSync(path.join(folder, "history.json"), JSON.stringify(history));
        const files = ["--history", path.join(folder, "history.json"), "--backups", fixture("backups.json")];
        await succeed("scripts/report", [...files, "--out", page]);
    });
    after(() => fs.rmSync(folder, { recursive: true }));

    function open(...options: string[]): Promise<Ended> {
        const home = `--user-data-dir=${path.join(folder, "profile")}`;
        // Tests run as root, which Chromium's sandbox refuses; the page is our own.
        const common = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", home];
        return succeed(browser, [...common, ...options, `file://${page}`], { timeLimit: 120_000 });
    }

    it("is shown whole, and what stands in it as text stays text", async () => {
        const { stdout: dom } = await open("--dump-dom");
        assert.match(dom, /<title>Specivo on this server<\/title>/);
        assert.equal(dom.match(/<article /g)?.length, 5);
        assert.equal(dom.match(/<tr id="backup-/g)?.length, 7);
        assert.match(dom, /&lt;script&gt;document\.title/);
        assert.doesNotMatch(dom, /<(script|img)/);
    });

    for (const [name, width] of [
        ["wide", 1100],
        ["narrow", 480],
    ] as const) {
        it(`has a picture on a ${name} screen`, async () => {
            const picture = path.join(folder, `${name}.png`);
            await open(`--window-size=${width},1600`, `--screenshot=${picture}`);
            assert.deepEqual(sizeOfPng(picture), [width, 1600]);
            // One colour all over would be a few kilobytes.
            assert.ok(fs.statSync(picture).size > 30_000, `${fs.statSync(picture).size} bytes`);
        });
    }
});
