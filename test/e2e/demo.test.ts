import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readPage } from "../support/docs";
import { removeDroplet } from "../support/lab";
import { root, run } from "../support/run";

describe("npm run demo", function () {
    this.timeout(600_000);

    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "demo-"));
    const page = path.join(folder, "demo.md");

    after(async () => {
        fs.rmSync(folder, { recursive: true });
        await removeDroplet("demo");
    });

    it("killed in the middle of the upgrade and run again, it ends with 0.1.10 and every row and file", async () => {
        const first = spawn("npm", ["run", "demo"], { cwd: root, detached: true, stdio: ["ignore", "pipe", "ignore"] });
        let said = "";
        for await (const data of first.stdout) {
            said += String(data);
            if (/rollout-run creating/.test(said)) {
                break;
            }
        }
        assert.match(said, /rollout-run creating/);
        assert.ok(first.pid !== undefined);
        const gone = once(first, "exit");
        process.kill(-first.pid, "SIGKILL");
        await gone;

        const again = await run("npm", ["run", "demo:transcript", "--", page]);
        assert.equal(again.status, 0, again.output);
        assert.match(again.stdout, /^\$ pulumi config set specivoVersion 0\.1\.10$/m);
        assert.match(again.stdout, /^\$ pulumi up --yes$/m);
        assert.match(again.stdout, /specivo-api-1 +specivo\/specivo:0\.1\.10 .*\(healthy\)/);
        assert.match(again.stdout, /^Specivo 0\.1\.10 runs at .*with every row and file it had/m);
    });

    it("is shown by docs/demo.md as it is, and nothing of the machine with it", () => {
        const made = fs.readFileSync(page, "utf8");
        const course = (text: string) =>
            [...text.matchAll(/^\$ .*$|specivo-[\w-]+-run created|^[A-Z][\w ,.]+$/gm)].map(([line]) => line);
        assert.ok(course(made).length > 10);
        assert.deepEqual(course(made), course(readPage("docs/demo.md")));
        for (const text of [made, readPage("docs/demo.md")]) {
            assert.doesNotMatch(text, /using pulumi-resource|\/(home|root|tmp)\//);
        }
    });
});
