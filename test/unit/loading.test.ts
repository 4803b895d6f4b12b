import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { root } from "../support/run";

describe("before the server is looked at", function () {
    this.timeout(30_000);

    it("neither Pulumi's whole SDK is loaded, nor a provider's", () => {
        const script = 'require("./index"); console.log(JSON.stringify(Object.keys(require.cache)))';
        const output = execFileSync(process.execPath, ["-r", "ts-node/register", "-e", script], {
            cwd: root,
            encoding: "utf8",
        });
        const loaded = JSON.parse(output) as string[];
        assert.ok(loaded.some((file) => file.endsWith("/decide.ts")));
        const heavy = /\/@pulumi\/(pulumi\/(index|automation\/index|runtime\/index)|command\/|docker\/|digitalocean\/)/;
        assert.deepEqual(loaded.filter((file) => heavy.test(file)).slice(0, 3), []);
    });
});
