import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

import { root, run } from "../support/run";
import { Receiver } from "../support/webhook";

const SECRET = "canary-webhook-secret";
const NOTICE = `${JSON.stringify({ transition: "0.1.9-to-0.1.10#1", ended: "finished" })}\n`;

describe("the unit that tells a webhook", () => {
    let state: string;
    let notice: string;
    let receiver: Receiver;

    beforeEach(async () => {
        state = mkdtempSync(path.join(tmpdir(), "webhook-"));
        notice = path.join(state, "notices", "1n57-1-finished.json");
        mkdirSync(path.dirname(notice));
        writeFileSync(notice, NOTICE);
        receiver = await Receiver.listen("127.0.0.1");
        // No waiting between the tries, and what curl is started with.
        mkdirSync(path.join(state, "bin"));
        writeFileSync(path.join(state, "bin", "sleep"), `#!/bin/sh\necho "$1" >>${state}/waits\n`, { mode: 0o755 });
        const curl = (await run("sh", ["-c", "command -v curl"])).stdout.trim();
        writeFileSync(path.join(state, "bin", "curl"), `#!/bin/sh\necho "$*" >>${state}/argv\nexec ${curl} "$@"\n`, {
            mode: 0o755,
        });
    });
    afterEach(() => {
        receiver.close();
        rmSync(state, { recursive: true });
    });

    const read = (name: string) => readFileSync(path.join(state, name), "utf8");

    function tell(secret: string, url = `${receiver.url}?token=canary-token`) {
        writeFileSync(path.join(state, "offsite.json"), JSON.stringify({ webhook: { url, secret } }));
        const env = { ...process.env, PATH: `${path.join(state, "bin")}:${process.env.PATH}` };
        return run(`${root}/host/specivo-host`, ["--notice", notice], { env });
    }

    it("posts until it is taken, signed, and then no more", async () => {
        receiver.answers.push(500, 302, 204);
        const { status, output } = await tell(SECRET);
        assert.equal(status, 0, output);
        assert.deepEqual(
            receiver.received.map(({ body }) => body),
            [NOTICE, NOTICE, NOTICE],
        );
        assert.deepEqual(read("waits"), "0\n2\n10\n");
        assert.match(output, /told how 0\.1\.9-to-0\.1\.10#1 ended: finished/);
        assert.ok(!existsSync(notice));
        assert.doesNotMatch(output + read("argv"), /canary/);
    });

    for (const secret of [SECRET, "k".repeat(64), "long".repeat(40), `with $(id) ' " \\x41 % é`]) {
        it(`signs so that a receiver with ${secret.slice(0, 24)} can check it, and one with another secret can't`, async () => {
            await tell(secret);
            const [{ body, signature } = assert.fail()] = receiver.received;
            const expected = (key: string) => `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;
            assert.equal(signature, expected(secret));
            assert.notEqual(signature, expected(`${secret}.`));
        });
    }

    it("gives up in the end, and says so", async () => {
        const { status, output } = await tell(SECRET, "http://127.0.0.1:1/canary-token");
        assert.equal(status, 0);
        assert.equal(read("waits"), "0\n2\n10\n60\n300\n1800\n");
        assert.match(output, /was not told, after the last try; see webhook in the config/);
        assert.ok(!existsSync(notice));
        assert.doesNotMatch(output, /canary/);
    });
});
