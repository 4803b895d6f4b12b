import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CommandStage, NOTHING, properties } from "../support/command-stage";
import type { Answer } from "../support/plugin";
import { conformance } from "../support/plugins";
import { secret, UNKNOWN } from "../support/values";

conformance("command", "what runs when", (plugin) => {
    let stage: CommandStage;

    before(async () => {
        stage = await CommandStage.start(plugin);
    });

    after(() => stage?.stop());

    beforeEach(() => {
        stage.server.commands.length = 0;
        stage.server.connections = 0;
    });

    const commands = { create: "echo created", update: "echo updated", delete: "echo deleted" };

    it("create runs `create`", async () => {
        const answer = await stage.create(commands);
        assert.deepEqual(stage.server.commands, ["echo created"]);
        assert.deepEqual(properties(answer), { ...stage.inputs(commands), stdout: "created", stderr: "" });
        assert.match(answer.response?.id as string, /^step[0-9a-f]{8}$/);
    });

    it("an update runs `update` when there is one", async () => {
        await stage.update(commands, NOTHING, { ...commands, stdin: "new" });
        assert.deepEqual(stage.server.commands, ["echo updated"]);
    });

    it("and else `create` again, though only `delete` has changed", async () => {
        const inputs = { create: commands.create, delete: commands.delete };
        await stage.update(inputs, NOTHING, { ...inputs, delete: "echo other" });
        assert.deepEqual(stage.server.commands, ["echo created"]);
    });

    it("an update overwrites what the run before has left", async () => {
        const before = { stdout: "from the run before", stderr: "and its errors" };
        const after = properties(await stage.update(commands, before, { ...commands, stdin: "new" }));
        assert.deepEqual([after.stdout, after.stderr], ["updated", ""]);
    });

    it("an update without either keeps it, and runs nothing", async () => {
        const before = { stdout: "from the run before", stderr: "and its errors" };
        const after = properties(await stage.update({ stdin: "a" }, before, { stdin: "b" }));
        assert.deepEqual([after.stdout, after.stderr], [before.stdout, before.stderr]);
        assert.equal(stage.server.connections, 0);
    });

    it("delete runs `delete`, and without one nothing", async () => {
        assert.deepEqual((await stage.delete(commands)).response, {});
        assert.deepEqual((await stage.delete({ create: "echo created" })).response, {});
        assert.deepEqual(stage.server.commands, ["echo deleted"]);
    });

    it("a preview of create runs nothing, and does not know the outputs", async () => {
        const preview = properties(await stage.create(commands, true));
        assert.deepEqual(preview, { ...stage.inputs(commands), stdout: UNKNOWN, stderr: UNKNOWN });
        assert.equal(stage.server.connections, 0);
    });

    it("a preview of an update runs nothing, and does not know the outputs either", async () => {
        const after = { ...commands, stdin: "new" };
        const preview = properties(await stage.update({ ...commands, stdin: "old" }, NOTHING, after, true));
        assert.deepEqual(preview, { ...stage.inputs(after), stdout: UNKNOWN, stderr: UNKNOWN });
        assert.equal(stage.server.connections, 0);
    });

    it("a secret stdin stays secret in the state, and out of the log when nothing is to be logged", async () => {
        const stdin = secret("canary");
        const state = properties(await stage.create({ create: "cat", stdin, logging: "none" }));
        assert.deepEqual(state.stdin, stdin);
        assert.deepEqual(
            stage.process.logged.filter((line) => line.includes("canary")),
            [],
        );
    });

    it("stdin is empty unless given", async () => {
        assert.equal(properties(await stage.create({ create: "wc -c" })).stdout, "0");
        assert.equal(properties(await stage.create({ create: "wc -c", stdin: "12345" })).stdout, "5");
    });

    it("a failure is told with the whole text of the command and all its output", async () => {
        const text = `: ${"long ".repeat(5000)}; echo "out"; cat >&2; exit 3`;
        const { error = "" } = await stage.create({ create: text, stdin: "err\nors\n" });
        const quoted = text.replaceAll('"', '\\"');
        const begin = `rpc error: code = Unknown desc = Process exited with status 3: running "${quoted}":\n`;
        assert.ok(error.startsWith(begin), error.slice(0, 200));
        assert.deepEqual(error.slice(begin.length).trim().split("\n").sort(), ["err", "ors", "out"]);
    });

    it("a stdin that is too long for a command that does not read it is a failure, though it succeeded", async () => {
        const { error } = await stage.create({ create: "echo done", stdin: "x".repeat(8_000_000) });
        assert.equal(error, 'rpc error: code = Unknown desc = EOF: running "echo done":\ndone\n');
    });

    it("a command ended by a signal is told as such", async () => {
        const { error = "" } = await stage.create({ create: "kill -9 $$" });
        assert.match(error, /desc = Process exited with status 137 from signal KILL: running "kill -9 \$\$":/);
    });

    describe("a command under way", () => {
        let other: CommandStage;

        beforeEach(async () => {
            other = await CommandStage.start(plugin);
        });

        afterEach(() => other?.stop());

        /** Starts a command that goes on once `ends` has come to pass, and tells how far it has come after its next write. */
        async function interrupted(ends: (running: Promise<Answer>) => Promise<unknown>): Promise<string> {
            const file = path.join(other.folder, "progress");
            const go = path.join(other.folder, "go");
            const command = [
                "echo begun",
                `until [ -e ${go} ]; do sleep 0.02; done`,
                `echo on >>${file}`,
                "echo to nobody",
                `echo off >>${file}`,
            ];
            const running = other.create({ create: command.join("; ") });
            await other.logged("begun");
            await ends(running);
            writeFileSync(go, "");
            await other.server.idle();
            return readFileSync(file, "utf8");
        }

        it("fails when the connection is lost, and runs on until its next write", async () => {
            const progress = await interrupted(async (running) => {
                other.server.drop();
                await other.server.deserted();
                const { error = "" } = await running;
                assert.match(
                    error,
                    /wait: remote command exited without exit status or exit signal: running "echo begun/,
                );
            });
            assert.equal(progress, "on\n");
        });

        it("runs on until its next write when the plugin is killed", async () => {
            const progress = await interrupted(async () => {
                await other.process.kill();
                await other.server.deserted();
            });
            assert.equal(progress, "on\n");
        });

        it("comes to its end when the engine cancels", async () => {
            assert.equal(await interrupted(() => other.process.cancel()), "on\noff\n");
        });

        it("has no terminal, so that no signal comes by it, and is sent none", async () => {
            await interrupted(() => other.process.cancel());
            assert.deepEqual(other.server.asked, []);
        });
    });
});
