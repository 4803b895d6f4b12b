import assert from "node:assert/strict";
import { CommandStage, NOTHING, properties, type Ran } from "../support/command-stage";
import { conformance } from "../support/plugins";

conformance("command", "environment", (plugin) => {
    /** Takes no variables, as sshd does by default. */
    let strict: CommandStage;
    /** Takes all, as with `AcceptEnv *`. */
    let welcoming: CommandStage;

    before(async () => {
        strict = await CommandStage.start(plugin);
        welcoming = await CommandStage.start(plugin, { acceptsEnv: true });
    });

    after(() => strict?.stop());
    after(() => welcoming?.stop());

    beforeEach(() => {
        for (const stage of [strict, welcoming]) {
            stage.server.commands.length = 0;
            stage.server.asked.length = 0;
            stage.process.log.length = 0;
        }
    });

    const coloured = { create: "echo $COLOUR", environment: { COLOUR: "red" } };
    const previous: Ran = { stdout: "old output", stderr: "old errors" };
    const recalling = { create: 'echo "$PULUMI_COMMAND_STDOUT, $PULUMI_COMMAND_STDERR"' };

    /** What comes before the hint that all its messages end with. */
    const log = (stage: CommandStage) =>
        stage.process.log.map(({ severity, message }) => `${severity} ${message.split(".")[0]}`);

    it("variables are set where the server takes them", async () => {
        assert.equal(properties(await welcoming.create(coloured)).stdout, "red");
    });

    it("a server that does not take one is an error, and the command does not run", async () => {
        const { error } = await strict.create(coloured);
        const message = 'could not set environment variable "COLOUR": ssh: setenv failed';
        assert.equal(error, `rpc error: code = Unknown desc = ${message}`);
        assert.deepEqual(strict.server.commands, []);
        assert.deepEqual(log(strict), ["ERROR Unable to set 'COLOUR'"]);
        assert.match(
            strict.process.logged[0] ?? "",
            /only works if your SSH server is configured to accept\n.*AcceptEnv/,
        );
    });

    it("an update and a delete get the output of the run before", async () => {
        const state = properties(await welcoming.update(recalling, previous, { ...recalling, stdin: "new" }));
        assert.equal(state.stdout, "old output, old errors");
        const deleting = { delete: `${recalling.create} > /root/recalled` };
        await welcoming.delete(deleting, previous);
        assert.equal(properties(await welcoming.create({ create: "cat /root/recalled" })).stdout, state.stdout);
    });

    it("a server that does not take it is a warning at each run, and the command runs", async () => {
        const { response } = await strict.update(recalling, previous, { ...recalling, stdin: "new" });
        assert.equal((response?.properties as Ran).stdout, ", ");
        assert.deepEqual(
            log(strict).filter((line) => line.startsWith("WARNING")),
            ["WARNING Unable to set 'PULUMI_COMMAND_STDOUT'", "WARNING Unable to set 'PULUMI_COMMAND_STDERR'"],
        );
    });

    it("with addPreviousOutputInEnv false nothing is set, and nothing warned of", async () => {
        const quiet = { ...recalling, addPreviousOutputInEnv: false };
        const { response } = await strict.update(quiet, previous, { ...quiet, stdin: "new" });
        assert.equal((response?.properties as Ran).stdout, ", ");
        assert.deepEqual(strict.server.asked, []);
        assert.deepEqual(log(strict), ["INFO , "]);
    });

    it("output that was empty is not set", async () => {
        await strict.update(recalling, NOTHING, { ...recalling, stdin: "new" });
        assert.deepEqual(strict.server.asked, []);
    });
});
