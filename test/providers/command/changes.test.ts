import assert from "node:assert/strict";
import { COMMAND, CommandStage } from "../support/command-stage";
import { conformance } from "../support/plugins";
import { secret } from "../support/values";

conformance("command", "changes of inputs", (plugin) => {
    let stage: CommandStage;

    before(async () => {
        stage = await CommandStage.start(plugin);
    });

    after(() => stage?.stop());

    const base = {
        create: "echo created",
        update: "echo updated",
        delete: "echo deleted",
        stdin: "input",
        environment: { COLOUR: "red" },
        logging: "stderr",
        addPreviousOutputInEnv: false,
        triggers: ["1"],
    };

    it("there are none when every input is as it was", async () => {
        const { response } = await stage.diff(base, base);
        assert.deepEqual(response, { changes: "DIFF_NONE", hasDetailedDiff: true });
    });

    for (const [input, changed] of Object.entries({
        create: "echo other",
        update: "echo other",
        delete: "echo other",
        stdin: "other",
        environment: { COLOUR: "blue" },
        logging: "none",
        addPreviousOutputInEnv: true,
        connection: { host: "elsewhere" },
    })) {
        it(`of ${input} is an update, not a replacement`, async () => {
            const { response } = await stage.diff(base, { ...base, [input]: changed });
            assert.equal(response?.changes, "DIFF_SOME");
            assert.deepEqual(response.diffs, [input]);
            assert.equal(response.replaces, undefined);
        });

        it(`of ${input} is so too when it comes or goes`, async () => {
            const without = { ...base, [input]: null };
            const inputs = { ...base, [input]: changed };
            for (const [before, after] of [
                [without, inputs],
                [inputs, without],
            ] as const) {
                const { response } = await stage.diff(before, after);
                assert.deepEqual(response?.diffs, [input]);
                assert.equal(response.replaces, undefined);
            }
        });
    }

    it("one newline more in the private key is an update, of a connection that is secret", async () => {
        const { response } = await stage.diff(
            { ...base, connection: secret(stage.connection({ privateKey: secret("key\n") })) },
            { ...base, connection: secret(stage.connection({ privateKey: secret("key\n\n") })) },
        );
        assert.deepEqual(response?.detailedDiff, { connection: { kind: "UPDATE" } });
        assert.equal(response.replaces, undefined);
    });

    it("a trigger that changes is told as such; the SDK has made it a reason for a replacement", async () => {
        const { response } = await stage.diff(base, { ...base, triggers: ["2"] });
        assert.deepEqual(response, {
            changes: "DIFF_SOME",
            hasDetailedDiff: true,
            diffs: ["triggers"],
            detailedDiff: { "triggers[0]": { kind: "UPDATE" } },
        });
    });

    it("triggers that come or go as a whole are a replacement", async () => {
        const without = { ...base, triggers: null };
        assert.deepEqual((await stage.diff(without, base)).response?.replaces, ["triggers"]);
        assert.deepEqual((await stage.diff(base, without)).response?.replaces, ["triggers"]);
    });

    it("there is none by itself: what the server has is neither compared nor read", async () => {
        const inputs = stage.inputs(base);
        const state = { ...inputs, stdout: "as it was", stderr: "" };
        const { response } = await stage.process.call("Read", { ...COMMAND, id: "step1", inputs, properties: state });
        assert.deepEqual(response, { id: "step1", inputs, properties: state });
        assert.equal(stage.server.connections, 0);
    });
});
