import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { cleanUp } from "../support/clean-up";
import { GitHub } from "../support/github";
import { type Droplet, newDroplet, on, removeDroplet } from "../support/lab";
import { type Ended, run } from "../support/run";
import { Stack } from "../support/stack";

const CHANGELOG = "## [0.1.10]\n- **Search finds words of code.** And more.\n\n## [0.1.9]\n- First.\n";

describe("the steps of the workflows", function () {
    this.timeout(900_000);
    const name = "e2e-pull-request";
    const canary = "canary-backup-5e0d";
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "workflows-"));
    let droplet: Droplet;
    let stack: Stack;
    let github: GitHub;

    before(async () => {
        github = await GitHub.start();
        droplet = await newDroplet(name, "0.1.9");
        stack = await Stack.create(name, droplet);
        await stack.configure(droplet, "0.1.9", canary);
        fs.writeFileSync(path.join(folder, "CHANGELOG.md"), CHANGELOG);
        await stack.set({ changelog: path.join(folder, "CHANGELOG.md") });
    });

    after(() =>
        cleanUp(
            async () => github.stop(),
            async () => fs.rmSync(folder, { recursive: true }),
            () => Stack.remove(name),
            () => removeDroplet(name),
        ),
    );

    /** As a runner starts it: no agent, the key in a variable if the workflow has one. */
    async function step(script: string, key: string | undefined, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
        const summary = path.join(folder, "summary.md");
        fs.rmSync(summary, { force: true });
        const ended = await run(`scripts/ci/${script}`, [], {
            env: {
                ...stack.environment,
                ...github.environment,
                SSH_AUTH_SOCK: "",
                SPECIVO_STACK: name,
                GITHUB_STEP_SUMMARY: summary,
                ...(key === undefined ? {} : { SSH_PRIVATE_KEY: key }),
                ...env,
            },
        });
        const seen = ended.output + (fs.existsSync(summary) ? fs.readFileSync(summary, "utf8") : "");
        for (const secret of [canary, github.token, "PRIVATE KEY"]) {
            assert.ok(!seen.includes(secret), `${script} shows a secret`);
        }
        return ended;
    }

    const key = () => fs.readFileSync(path.join(path.dirname(droplet.knownHosts), "../../operator/id_ed25519"), "utf8");
    const preview = (key?: string) => step("preview", key, { PULL_REQUEST: "12" });
    const comment = () => github.comments.map(({ body }) => body).join("\n---\n");

    it("take the server over at the first up", async () => {
        const ended = await step("up", key());
        assert.equal(ended.status, 0, ended.output);
    });

    it("comment a new version without reach of the server, release notes included", async () => {
        await stack.set({ specivoVersion: "0.1.10" });
        const ended = await preview();
        assert.equal(ended.status, 0, ended.output);
        assert.match(comment(), /### Specivo on e2e-pull-request: upgrade 0\.1\.9 to 0\.1\.10, by estimate\n/);
        assert.match(comment(), /> AN ESTIMATE, /);
        assert.match(comment(), /- 0\\\.1\.10: Search finds words of code$/m);
    });

    it("edit that comment where they may look at the server", async () => {
        const ended = await preview(key());
        assert.equal(ended.status, 0, ended.output);
        assert.equal(github.comments.length, 1);
        assert.match(comment(), /: upgrade 0\.1\.9 to 0\.1\.10\n[^]*\| schema \| stays at 0020 \|/);
        assert.match(comment(), /<summary>Resources: 9 to replace<\/summary>/);
        assert.ok(!comment().includes(canary));
    });

    it("are red where the plan is refused, and the comment says why", async () => {
        await stack.set({ specivoVersion: "0.8.0" });
        assert.equal((await preview(key())).status, 1);
        assert.equal(github.comments.length, 1);
        assert.match(comment(), /: refused\n[^]*skips minor versions/);
        await stack.set({ specivoVersion: "0.1.10" });
    });

    it("bring the server to the new version at the merge, and back when that is reverted", async () => {
        for (const version of ["0.1.10", "0.1.9"]) {
            await stack.set({ specivoVersion: version });
            const ended = await step("up", key());
            assert.equal(ended.status, 0, ended.output);
            const image = await on(droplet, "docker inspect --format '{{.Config.Image}}' specivo-api-1");
            assert.equal(image.trim(), `specivo/specivo:${version}`);
        }
    });

    it("see no drift where there is none", async () => {
        const ended = await step("drift", key());
        assert.equal(ended.status, 0, ended.output);
        assert.deepEqual(github.issues, []);
    });

    it("open an issue for a drift, and close it when it is gone", async () => {
        await on(droplet, "docker stop -t 1 specivo-celery-beat-1");
        assert.equal((await step("drift", key())).status, 3);
        assert.match(github.issues[0]?.body ?? "", /\| drift \| celery-beat is exited \|/);
        await on(droplet, "docker start specivo-celery-beat-1");
        assert.equal((await step("drift", key())).status, 0);
        assert.deepEqual(
            github.issues.map(({ state }) => state),
            ["closed"],
        );
    });

    it("take a server that does not answer for no good news", async () => {
        await stack.set({ host: "127.0.0.1", sshPort: "1" });
        assert.equal((await step("drift", key())).status, 3);
        assert.match(github.issues[1]?.body ?? "", /AN ESTIMATE/);
    });
});
