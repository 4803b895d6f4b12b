import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Json } from "../support/calls";
import { EngineStack } from "../support/engine";
import { conformance } from "../support/plugins";
import { SshServer } from "../support/ssh-server";
import { cleanUp } from "../../support/clean-up";

const PROGRAM = `
const { remote } = require("@pulumi/command");
const connection = { host: "127.0.0.1", port: Number(process.env.PORT), dialErrorLimit: 0 };
const command = (name, inputs, opts) =>
    new remote.Command(name, { connection, addPreviousOutputInEnv: false, delete: "echo " + name + " deleted", ...inputs }, opts);
const host = command("host", { create: "echo host created" });
command("guest", { create: "echo guest created" }, { deletedWith: host });
command("step", JSON.parse(process.env.STEP), { dependsOn: host });
`;

/** One stack's life, in order: each test goes on where the one before has left it. */
conformance("command", "what the engine makes of it", (plugin) => {
    let folder: string;
    let server: SshServer;
    let stack: EngineStack;

    before(async () => {
        folder = mkdtempSync(path.join(tmpdir(), "engine-server-"));
        server = await SshServer.start({ root: folder });
        stack = new EngineStack(plugin, PROGRAM);
        await stack.pulumi("stack init");
    });

    after(() =>
        cleanUp(
            () => stack?.remove(),
            () => server?.stop(),
            () => folder && rmSync(folder, { recursive: true }),
        ),
    );

    /** Commands that ran on the server, without their `echo`. */
    async function ran(operation: string, step: Json): Promise<string[]> {
        server.commands.length = 0;
        await stack.pulumi(operation, {
            SSH_AUTH_SOCK: server.agentSocket,
            PORT: String(server.port),
            STEP: JSON.stringify(step),
        });
        return server.commands.map((command) => command.replace("echo ", ""));
    }

    const first = { create: "echo one", triggers: ["1"] };
    const changed = { create: "echo one", update: "echo one changed", triggers: ["1"], stdin: "new" };
    const second = { create: "echo two", triggers: ["2"] };

    it("a new one runs `create`", async () => {
        const commands = await ran("up --yes --skip-preview", first);
        assert.deepEqual(commands.sort(), ["guest created", "host created", "one"]);
    });

    it("nothing runs when nothing has changed, refreshed or not", async () => {
        server.connections = 0;
        assert.deepEqual(await ran("up --yes --skip-preview --refresh", first), []);
        assert.equal(server.connections, 0);
    });

    it("a changed input runs `update`, once, though there was a preview before", async () => {
        assert.deepEqual(await ran("up --yes", changed), ["one changed"]);
    });

    it("a changed trigger runs the new `create`, and then the old `delete`", async () => {
        assert.deepEqual(await ran("up --yes --skip-preview", second), ["two", "step deleted"]);
    });

    it("destroy runs `delete`, but not of what is deletedWith another", async () => {
        assert.deepEqual(await ran("destroy --yes --skip-preview", second), ["step deleted", "host deleted"]);
    });
});
