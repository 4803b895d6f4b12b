import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandStage, COMMAND, properties } from "../support/command-stage";
import { conformance } from "../support/plugins";

conformance("command", "output", (plugin) => {
    let stage: CommandStage;

    before(async () => {
        stage = await CommandStage.start(plugin);
    });

    after(() => stage?.stop());

    beforeEach(() => {
        stage.process.log.length = 0;
    });

    const both = "echo one; echo two >&2; echo three";

    for (const [logging, lines] of [
        [undefined, ["one", "two", "three"]],
        ["stdoutAndStderr", ["one", "two", "three"]],
        ["stdout", ["one", "three"]],
        ["stderr", ["two"]],
        ["none", []],
    ] as const) {
        it(`logging ${logging ?? "left out"} sends ${lines.length === 0 ? "nothing" : lines.join(", ")}`, async () => {
            const state = properties(await stage.create({ create: both, ...(logging && { logging }) }));
            // Lines of one stream keep their order; which stream is read first is chance.
            assert.deepEqual(stage.process.logged.sort(), [...lines].sort());
            assert.deepEqual([state.stdout, state.stderr], ["one\nthree", "two"]);
        });
    }

    it("a line is logged when it comes, beside its resource, for as long as that is worked on", async () => {
        const running = stage.create({ create: "echo early; until [ -e /root/go ]; do sleep 0.02; done; echo late" });
        await stage.logged("early");
        assert.deepEqual(stage.process.log, [
            { severity: "INFO", message: "early", urn: COMMAND.urn, ephemeral: true },
        ]);
        await stage.create({ create: "touch /root/go" });
        await running;
        assert.deepEqual(stage.process.logged, ["early", "late"]);
    });

    it("all lines have been logged when the answer comes", async () => {
        await stage.create({ create: "seq 1 300" });
        assert.deepEqual(
            stage.process.logged,
            Array.from({ length: 300 }, (_, index) => String(index + 1)),
        );
    });

    it("of the last newline one is taken away, and nothing else", async () => {
        const state = properties(await stage.create({ create: "printf ' a\\r\\n\\n\\n'; printf 'b' >&2" }));
        assert.deepEqual([state.stdout, state.stderr], [" a\r\n\n", "b"]);
    });

    it("a line ends without its carriage return in the log", async () => {
        await stage.create({ create: "printf 'a\\r\\nb\\r'" });
        assert.deepEqual(stage.process.logged, ["a", "b"]);
    });

    it("characters are whole, wherever the network splits them", async () => {
        const line = `x${"é".repeat(30_000)}`;
        const state = properties(await stage.create({ create: "cat", stdin: line }));
        assert.equal(state.stdout, line);
        assert.deepEqual(stage.process.logged, [line]);
    });

    it("a line of any length comes through when its stream is not logged", async () => {
        const line = "é".repeat(500_000);
        const state = properties(await stage.create({ create: "cat", stdin: line, logging: "stderr" }));
        assert.equal(state.stdout, line);
    });

    it("a line of 64 KiB in a logged stream never comes to a good end", async () => {
        const enough = "x".repeat(64 * 1024 - 1);
        const state = properties(await stage.create({ create: "cat; echo; echo next", stdin: enough }));
        assert.equal(state.stdout, `${enough}\nnext`);
        assert.deepEqual(stage.process.logged, [enough, "next"]);
        const tooLong = stage.create({ create: "cat; echo", stdin: `${enough}x` });
        const outcome = await Promise.race([tooLong, sleep(1000, undefined)]);
        assert.ok(outcome === undefined || outcome.error !== undefined, "it ended well");
    });
});
