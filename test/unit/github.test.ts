import assert from "node:assert/strict";
import * as path from "node:path";

import { GitHub } from "../support/github";
import { type Ended, run } from "../support/run";

const MAIN = path.join(__dirname, "../../commands/github/main.ts");

describe("what a workflow tells on GitHub", function () {
    this.timeout(30_000);
    let github: GitHub;

    beforeEach(async () => {
        github = await GitHub.start();
    });
    afterEach(() => github.stop());

    function tell(text: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
        return run("node", ["-r", "ts-node/register", MAIN, ...args], {
            env: { ...process.env, ...github.environment, ...env },
            input: text,
        });
    }
    const comment = (text: string, env?: NodeJS.ProcessEnv) =>
        tell(text, ["comment", "--on", "7", "--mark", "plan of prod"], env);

    it("is one comment, edited and not repeated", async () => {
        assert.equal((await comment("first")).output, "");
        assert.equal((await comment("second")).status, 0);
        assert.deepEqual(
            github.comments.map(({ body }) => body),
            ["<!-- specivo: plan of prod -->\nsecond"],
        );
        assert.deepEqual(github.asked, [
            "GET /issues/7/comments",
            "POST /issues/7/comments",
            "GET /issues/7/comments",
            "PATCH /issues/comments/1000",
        ]);
    });

    it("is left as it is when it says the same", async () => {
        await comment("the same");
        await comment("the same");
        assert.equal(github.asked.at(-1), "GET /issues/7/comments");
    });

    it("is found on a later page, and neither another's nor another stack's comment is touched", async () => {
        github.add(github.comments, "<!-- specivo: plan of prod -->\nforged", "mallory");
        for (let index = 0; index < 120; index++) {
            github.add(github.comments, "a reviewer's words");
        }
        github.add(github.comments, "<!-- specivo: plan of staging -->\nanother");
        const own = github.add(github.comments, "<!-- specivo: plan of prod -->\nold");
        const before = github.comments.length;
        assert.equal((await comment("new")).output, "");
        assert.equal(own.body, "<!-- specivo: plan of prod -->\nnew");
        assert.equal(github.comments.length, before);
        assert.equal(github.comments.filter(({ body }) => /new/.test(body)).length, 1);
    });

    it("comes through a fault of GitHub's", async () => {
        github.faults.push(502, 503);
        assert.equal((await comment("text")).output, "");
        assert.equal(github.comments.length, 1);
    });

    it("is told in one sentence when it can't be, without the token", async () => {
        for (const [env, faults, sentence] of [
            [
                { GITHUB_TOKEN: "ghs_wrong" },
                [],
                /^GitHub did not do GET \/issues\/7\/comments\S* \(401 Bad credentials\): the token/,
            ],
            [{}, [403], /\(403 A fault of this test\): see that the job's `permissions` allow it\.$/],
            [{ GITHUB_TOKEN: "" }, [], /^GITHUB_TOKEN is not set: /],
            [{ GITHUB_REPOSITORY: "../x/y" }, [], /^GITHUB_REPOSITORY is "\.\.\/x\/y": /],
        ] as const) {
            github.faults.push(...faults);
            const ended = await comment("text", env);
            assert.equal(ended.status, 1);
            assert.match(ended.stderr.trim(), sentence);
            assert.doesNotMatch(ended.output, /ghs_|\n./);
        }
        assert.equal(github.comments.length, 0);
    });

    it("is one issue while there is something to tell, and closed when there is not", async () => {
        const issue = ["--mark", "drift of prod", "--title", "It has drifted"];
        github.add(github.issues, "<!-- specivo: drift of prod -->\na pull request's").pull_request = {};
        await tell("one", ["issue", ...issue]);
        await tell("two", ["issue", ...issue]);
        const [, own] = github.issues;
        assert.deepEqual(
            [github.issues.length, own?.title, own?.body],
            [2, "It has drifted", "<!-- specivo: drift of prod -->\ntwo"],
        );
        assert.equal((await tell("Gone.", ["close-issue", ...issue])).output, "");
        assert.deepEqual([own?.state, github.comments.map(({ body }) => body)], ["closed", ["Gone."]]);
        await tell("Gone.", ["close-issue", ...issue]);
        assert.equal(github.comments.length, 1);
        await tell("three", ["issue", ...issue]);
        assert.equal(github.issues.length, 3);
    });
});
