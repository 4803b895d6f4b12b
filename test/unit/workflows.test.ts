import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { utils } from "ssh2";

import { type Ended, root, run } from "../support/run";
import { until } from "../support/until";

const FOLDER = path.join(root, ".github/workflows");
const workflows = readdirSync(FOLDER).map((name) => [name, readFileSync(path.join(FOLDER, name), "utf8")] as const);

describe("the workflows", () => {
    for (const [name, text] of workflows) {
        it(`${name} uses actions by their commit, and says which release that is`, () => {
            const used = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action);
            assert.ok(used.length > 0);
            used.forEach((action) => assert.match(action ?? "", /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/));
        });

        it(`${name} has no rights but those its job names, and ends by itself`, () => {
            assert.match(text, /^permissions: \{\}$/m);
            assert.match(
                text,
                /^ {4}permissions:\n {6}contents: read\n( {6}(pull-requests|issues): write\n)? {4}steps:$/m,
            );
            assert.match(text, /timeout-minutes: \d+/);
            assert.match(text, /^ {4}if: vars\.SPECIVO_STACK != '' && /m);
            assert.match(text, /persist-credentials: false/);
        });

        it(`${name} has its shell in scripts alone, which can be run elsewhere`, () => {
            const steps = [...text.matchAll(/run: (.*)/g)].map(([, command]) => command ?? "");
            assert.ok(steps.length > 0);
            for (const command of steps) {
                assert.match(command, /^scripts\/(setup engine|ci\/\w+)$/);
                assert.ok((statSync(path.join(root, command.split(" ")[0] ?? "")).mode & 0o111) !== 0);
            }
        });
    }

    it("never interrupt what changes the server, and keep the look at drift from its middle", () => {
        const group = /concurrency:\n {2}group: specivo-.*\n {2}cancel-in-progress: false\n/;
        const of = (name: string) => group.exec(workflows.find(([file]) => file === name)?.[1] ?? "")?.[0];
        assert.ok(of("up.yml"));
        assert.equal(of("drift.yml"), of("up.yml"));
    });
});

/** One that has ended and was not waited for has no command line any more. */
function isRunning(pid: string): boolean {
    try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
    } catch {
        return false;
    }
}

describe("the key of a workflow", function () {
    this.timeout(20_000);
    let home: string;

    beforeEach(() => {
        home = mkdtempSync(path.join(tmpdir(), "ci-"));
    });
    afterEach(() => rmSync(home, { recursive: true }));

    function step(command: string, env: Record<string, string>): Promise<Ended> {
        const script = `set -euo pipefail; . scripts/ci/lib.sh; ${command}`;
        return run("bash", ["-c", script], {
            env: { PATH: process.env.PATH ?? "", HOME: home, SPECIVO_STACK: "prod", ...env },
        });
    }

    it("goes into an agent that ends with the step, and into no other variable", async () => {
        const { private: key } = utils.generateKeyPairSync("ed25519");
        const known = "203.0.113.10 ssh-ed25519 AAAA";
        const ended = await step('require_ssh_key; ssh-add -l; echo "agent $SSH_AGENT_PID"; env', {
            SSH_PRIVATE_KEY: key,
            SSH_KNOWN_HOSTS: known,
        });
        assert.equal(ended.status, 0, ended.output);
        assert.match(ended.stdout, /^256 SHA256:\S+ .*\(ED25519\)$/m);
        assert.doesNotMatch(ended.output, /PRIVATE KEY/);
        assert.equal(readFileSync(path.join(home, ".ssh/known_hosts"), "utf8"), `${known}\n`);
        const agent = /^agent (\d+)$/m.exec(ended.stdout)?.[1] ?? "none";
        await until(5, "the end of the agent", async () => !isRunning(agent));
    });

    it("that is none, or not there, is told in one sentence", async () => {
        const wrong = await step("require_ssh_key", { SSH_PRIVATE_KEY: "canary-31f0" });
        assert.equal(wrong.status, 1);
        assert.match(wrong.output, /^SSH_PRIVATE_KEY is no private key without a passphrase: /m);
        assert.doesNotMatch(wrong.output, /canary/);
        const none = await step("require_ssh_key", { SSH_PRIVATE_KEY: "" });
        assert.equal(none.status, 1);
        assert.match(none.output, /^SSH_PRIVATE_KEY is not set: .*\n$/);
    });

    it("is not needed for what is unset where it is empty", async () => {
        const ended = await step('echo "${PULUMI_ACCESS_TOKEN-none} ${PULUMI_BACKEND_URL-none}"', {
            PULUMI_ACCESS_TOKEN: "",
            PULUMI_BACKEND_URL: "s3://state",
        });
        assert.equal(ended.stdout, "none s3://state\n");
    });
});
