import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Json } from "../support/calls";
import { properties } from "../support/command-stage";
import { PluginProcess } from "../support/plugin";
import { conformance } from "../support/plugins";
import { cleanUp } from "../../support/clean-up";

const LOCAL = { urn: "urn:pulumi:dev::p::command:local:Command::step", type: "command:local:Command", name: "step" };

conformance("command", "local commands", (plugin) => {
    let folder: string;
    let process: PluginProcess;

    before(async () => {
        folder = realpathSync(mkdtempSync(path.join(tmpdir(), "local-")));
        process = await PluginProcess.start(plugin, { FROM_OUTSIDE: "inherited" }, folder);
        await process.configure({});
    });

    after(() =>
        cleanUp(
            () => process?.stop(),
            () => folder && rmSync(folder, { recursive: true }),
        ),
    );

    const run = (args: Json, preview = false) => process.call("Invoke", { tok: "command:local:run", args, preview });
    const stdout = async (args: Json) => {
        const { response, error } = await run(args);
        return error ?? ((response?.return as Json).stdout as string);
    };

    it("local.run is a function, and so runs at every preview as well", async () => {
        const { response } = await run({ command: "echo ran | tee -a runs" }, true);
        assert.deepEqual(response?.return, { command: "echo ran | tee -a runs", stdout: "ran", stderr: "" });
        await run({ command: "echo ran | tee -a runs" });
        assert.equal(readFileSync(path.join(folder, "runs"), "utf8"), "ran\nran\n");
    });

    it("there is no such function of remote", async () => {
        const { error = "" } = await process.call("Invoke", { tok: "command:remote:run", args: { command: "true" } });
        assert.match(error, /remote:run/);
    });

    it("run in the program's folder, or in dir, with the environment there is and more", async () => {
        assert.equal(await stdout({ command: "pwd; echo $FROM_OUTSIDE" }), `${folder}\ninherited`);
        const environment = { MORE: "more", FROM_OUTSIDE: "changed" };
        assert.equal(
            await stdout({ command: "pwd; echo $FROM_OUTSIDE $MORE", dir: "/", environment }),
            "/\nchanged more",
        );
    });

    it("run by a shell, or by interpreter, and get stdin", async () => {
        assert.equal(await stdout({ command: "cat; echo $0", stdin: "in " }), "in /bin/sh");
        assert.equal(await stdout({ command: "console.log(6 * 7)", interpreter: ["node", "-e"] }), "42");
    });

    it("may leave their stdin unread", async () => {
        assert.equal(await stdout({ command: "echo done", stdin: "x".repeat(3_000_000) }), "done");
    });

    it("fail with the whole text and all output", async () => {
        assert.equal(
            await stdout({ command: "echo out; exit 3" }),
            'rpc error: code = Unknown desc = exit status 3: running "echo out; exit 3":\nout\n',
        );
        assert.match(await stdout({ command: "kill -9 $$" }), /desc = signal: killed: running "kill -9 \$\$":/);
    });

    it("as a resource run `create`, `update ?? create` and `delete`, and nothing in a preview", async () => {
        const inputs = { create: "echo $0 created >>life; cat life", delete: "echo deleted >>life" };
        const state = properties(await process.call("Create", { ...LOCAL, properties: inputs }));
        const olds = { ...inputs, stdout: state.stdout, stderr: "" };
        const news = { ...inputs, update: 'echo "updated after $PULUMI_COMMAND_STDOUT" >>life' };
        const change = { ...LOCAL, id: "x", olds, oldInputs: inputs, news };
        properties(await process.call("Create", { ...LOCAL, properties: inputs, preview: true }));
        properties(await process.call("Update", { ...change, preview: true }));
        properties(await process.call("Update", change));
        await process.call("Delete", { ...LOCAL, id: "x", properties: olds, oldInputs: inputs });
        assert.equal(
            readFileSync(path.join(folder, "life"), "utf8"),
            "/bin/sh created\nupdated after /bin/sh created\ndeleted\n",
        );
    });
});
