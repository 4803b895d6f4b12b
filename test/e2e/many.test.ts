import * as assert from "node:assert/strict";
import { AwsClient } from "aws4fetch";
import * as fs from "node:fs";
import { cleanUp } from "../support/clean-up";
import { Installed } from "../support/instance";
import { Droplet, newDroplet, removeDroplet } from "../support/lab";
import { Stack } from "../support/stack";

/** Two instances on one droplet, each a stack of this program, with their state in a bucket. */
describe("several stacks, with their state in a bucket", function () {
    this.timeout(400_000);
    const name = "e2e-many";
    const bucket = `${name}-${Date.now()}`;
    let droplet: Droplet;
    let s3: AwsClient;
    let endpoint: string;
    let environment: NodeJS.ProcessEnv;
    const stacks: Stack[] = [];

    before(async () => {
        droplet = await newDroplet(name, "0.1.9", { form: "two" });
        const { repository, accessKeyIdPath, secretAccessKeyPath } = droplet.offsite.s3;
        const [accessKeyId, secretAccessKey] = [accessKeyIdPath, secretAccessKeyPath].map((file) =>
            fs.readFileSync(file, "utf8").trim(),
        ) as [string, string];
        endpoint = /^s3:(http:\/\/[^/]+)/.exec(repository)?.[1] ?? "";
        s3 = new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region: "us-east-1" });
        assert.equal((await s3.fetch(`${endpoint}/${bucket}`, { method: "PUT" })).status, 200);
        environment = {
            SPECIVO_LAB_BACKEND: `s3://${bucket}?endpoint=${endpoint}&region=us-east-1&s3ForcePathStyle=true&disable_https=true`,
            AWS_ACCESS_KEY_ID: accessKeyId,
            AWS_SECRET_ACCESS_KEY: secretAccessKey,
        };
        for (const [index, instance] of droplet.instances.entries()) {
            const stack = await Stack.create(`${name}-${index + 1}`, droplet, environment);
            await stack.configure(droplet, "0.1.9", undefined, instance);
            stacks.push(stack);
        }
    });

    after(() => cleanUp(...stacks.map((stack) => () => stack.remove()), () => removeDroplet(name)));

    const upBoth = async (version: string) => {
        for (const stack of stacks) {
            await stack.set({ specivoVersion: version });
        }
        for (const { status, output } of await Promise.all(stacks.map((stack) => stack.up()))) {
            assert.equal(status, 0, output);
        }
    };

    it("are upgraded at the same time, each by its own backup and ledger", async () => {
        await upBoth("0.1.10");
        for (const [index, stack] of stacks.entries()) {
            const { version, transition } = await stack.outputs();
            assert.deepEqual([version, transition], ["0.1.10", "0.1.9-to-0.1.10#1"]);
            assert.equal(await new Installed(droplet, droplet.instances[index]).status(), 302);
        }
    });

    it("change nothing at a second up", async () => {
        const again = await Promise.all(stacks.map((stack) => stack.up("--expect-no-changes")));
        assert.deepEqual(
            again.map(({ status }) => status),
            [0, 0],
        );
    });

    it("have their state in the bucket, encrypted where it is secret, and nowhere else", async () => {
        for (const stack of stacks) {
            const answer = await s3.fetch(`${endpoint}/${bucket}/.pulumi/stacks/specivo/${stack.name}.json`);
            assert.equal(answer.status, 200);
            const state = await answer.text();
            assert.match(state, /specivo-verify-run/);
            assert.doesNotMatch(state, /a password for backups/);
        }
    });

    it("lock each other out of the same stack, and not out of another", async () => {
        const [one, other] = stacks;
        assert.ok(one && other);
        const lock = `${endpoint}/${bucket}/.pulumi/locks/organization/specivo/${one.name}/somebody.json`;
        const body = JSON.stringify({ pid: 1, username: "somebody", hostname: "elsewhere", timestamp: new Date() });
        assert.equal((await s3.fetch(lock, { method: "PUT", body })).status, 200);
        const locked = await one.preview();
        const refused = await one.up();
        assert.equal(locked.status, 0, locked.output);
        assert.notEqual(refused.status, 0);
        assert.match(refused.output, /the stack is currently locked by 1 lock[^]*somebody@elsewhere/);
        assert.equal((await other.up("--expect-no-changes")).status, 0);
        await one.succeed(["cancel", "--yes"]);
        assert.equal((await one.up("--expect-no-changes")).status, 0);
    });
});
