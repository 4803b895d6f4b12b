import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { removeDroplet } from "../support/lab";
import { root, run } from "../support/run";

describe("npm run demo", function () {
    this.timeout(600_000);

    after(() => removeDroplet("demo"));

    it("killed in the middle of the upgrade and run again, it ends with 0.1.10 and every row and file", async () => {
        const first = spawn("scripts/demo", { cwd: root, detached: true, stdio: ["ignore", "pipe", "ignore"] });
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

        const again = await run("npm", ["run", "demo"]);
        assert.equal(again.status, 0, again.output);
        assert.match(again.stdout, /^\$ pulumi config set specivoVersion 0\.1\.10$/m);
        assert.match(again.stdout, /^\$ pulumi up --yes$/m);
        assert.match(again.stdout, /specivo-api-1 +specivo\/specivo:0\.1\.10 .*\(healthy\)/);
        assert.match(again.stdout, /^Specivo 0\.1\.10 runs at .*with every row and file it had/m);
    });
});
