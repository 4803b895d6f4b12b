import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PluginProcess, type Json } from "./plugin";
import { SshServer } from "./ssh-server";
import { cleanUp } from "../support/clean-up";

const urn = "urn:pulumi:dev::p::command:remote:Command::step";

describe("the stand-in of the command plugin", function () {
    this.timeout(20_000);
    let folder: string;
    let server: SshServer;
    let welcoming: SshServer;
    let plugin: PluginProcess;

    before(async () => {
        folder = mkdtempSync(path.join(tmpdir(), "command-"));
        server = await SshServer.start({ root: folder });
        welcoming = await SshServer.start({ root: folder, acceptsEnv: true });
        plugin = await PluginProcess.start("command", { SSH_AUTH_SOCK: server.agentSocket });
        await plugin.configure({});
    });

    after(() =>
        cleanUp(
            () => plugin?.stop(),
            () => server?.stop(),
            () => welcoming?.stop(),
            () => folder && rmSync(folder, { recursive: true }),
        ),
    );

    function connection(more: Json = {}, to = server): Json {
        const identity = { host: "127.0.0.1", port: to.port, user: "root", agentSocketPath: to.agentSocket };
        return { ...identity, dialErrorLimit: 0, perDialTimeout: 5, ...more };
    }

    const create = (properties: Json) =>
        plugin.call("Create", { urn, properties: { connection: connection(), ...properties } });

    const secret = (value: unknown): Json => ({
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        value,
    });

    it("keeps a secret stdin secret in the state, and out of the log when nothing is to be logged", async () => {
        const stdin = secret("canary");
        const { response } = await create({ create: "cat >/dev/null; echo done", stdin, logging: "none" });
        const properties = response?.properties as Json;
        assert.deepEqual(properties.stdin, stdin);
        assert.equal(properties.stdout, "done");
        assert.ok(!plugin.logged.some((line) => line.includes("canary") || line === "done"));
    });

    it("marks a connection secret that came plain, with its defaults filled in", async () => {
        const checked = await plugin.call("Check", { urn, news: { connection: { host: "h", privateKey: "k" } } });
        const expected = {
            host: "h",
            privateKey: secret("k"),
            dialErrorLimit: 10,
            perDialTimeout: 15,
            port: 22,
            user: "root",
        };
        assert.deepEqual((checked.response?.inputs as Json).connection, secret(expected));
    });

    it("sends each line to the log as it comes, and only from the streams asked for", async () => {
        plugin.logged.length = 0;
        await create({ create: "echo one; echo two >&2; printf three", logging: "stdout" });
        assert.deepEqual(plugin.logged, ["one", "three"]);
    });

    it("takes a line of a megabyte, split wherever the network likes, with its characters whole", async () => {
        const line = "é".repeat(500_000);
        const { response } = await create({ create: "cat", stdin: line });
        assert.equal((response?.properties as Json).stdout, line);
        assert.ok(plugin.logged.includes(line));
    });

    it("hands an empty stdin to a command that reads it", async () => {
        const { response } = await create({ create: "wc -c" });
        assert.equal((response?.properties as Json).stdout, "0");
    });

    it("copes with a command that ends before it has read its stdin", async () => {
        const { response } = await create({ create: "exit 0", stdin: "x".repeat(3_000_000) });
        assert.equal((response?.properties as Json).stdout, "");
    });

    it("does not run the command when the server takes no environment variables", async () => {
        const { error } = await create({ create: "echo ran", environment: { COLOUR: "red" } });
        assert.match(error ?? "", /could not set environment variable "COLOUR": ssh: setenv failed/);
        assert.ok(!plugin.logged.includes("ran"));
    });

    it("sets environment variables where the server takes them", async () => {
        const properties = {
            connection: connection({}, welcoming),
            create: "echo $COLOUR",
            environment: { COLOUR: "red" },
        };
        const { response } = await create(properties);
        assert.equal((response?.properties as Json).stdout, "red");
    });

    it("gives an update the output of the run before, unless told not to", async () => {
        const inputs = { connection: connection({}, welcoming), create: "echo was $PULUMI_COMMAND_STDOUT" };
        const update = async (news: Json) => {
            const { response } = await plugin.call("Update", {
                urn,
                id: "x",
                olds: { ...news, stdout: "old", stderr: "" },
                news,
            });
            return (response?.properties as Json).stdout;
        };
        assert.equal(await update(inputs), "was old");
        assert.equal(await update({ ...inputs, addPreviousOutputInEnv: false }), "was");
    });

    it("runs the delete command, and nothing without one", async () => {
        plugin.logged.length = 0;
        const properties = { connection: connection(), create: "echo created", delete: "echo deleted" };
        await plugin.call("Delete", { urn, id: "x", properties });
        await plugin.call("Delete", { urn, id: "x", properties: { connection: connection(), create: "echo created" } });
        assert.deepEqual(plugin.logged, ["deleted"]);
    });

    for (const kind of ["ed25519", "ecdsa"] as const) {
        it(`accepts the server by its ${kind} key, whichever other keys it has`, async () => {
            const hostKey = `${server.hostKeys[kind].public} a comment\n`;
            const { error } = await create({ connection: connection({ hostKey }), create: "true" });
            assert.equal(error, undefined);
        });
    }

    it("does not log in to a server with another key", async () => {
        const hostKey = welcoming.hostKeys.ed25519.public;
        const { error = "" } = await create({ connection: connection({ hostKey }), create: "echo ran" });
        assert.match(error, /after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch$/);
    });

    it("says so when no key is let in, and when there is no agent", async () => {
        const stranger = connection({ agentSocketPath: welcoming.agentSocket });
        const refused = await create({ connection: stranger, create: "true" });
        assert.match(refused.error ?? "", /ssh: unable to authenticate, attempted methods \[none publickey\]/);
        const agentless = await create({ connection: connection({ agentSocketPath: "/nowhere" }), create: "true" });
        assert.match(agentless.error ?? "", /dial unix \/nowhere: connect: no such file or directory/);
    });

    it("logs in with a private key, and says so when it is none", async () => {
        const keyed = connection({ privateKey: server.clientKey.private, agentSocketPath: "" });
        assert.equal((await create({ connection: keyed, create: "true" })).error, undefined);
        const broken = await create({ connection: connection({ privateKey: "nonsense" }), create: "true" });
        assert.match(broken.error ?? "", /desc = ssh: no key found$/);
    });

    it("tells of a command that a signal ended, and of a connection that was lost", async () => {
        const killed = await create({ create: "kill -9 $$" });
        assert.match(killed.error ?? "", /Process exited with status 137 from signal KILL: running "kill -9 \$\$":/);
        const doomed = await SshServer.start({ root: folder });
        const running = create({ connection: connection({}, doomed), create: "echo begun; exec sleep 30" });
        while (!plugin.logged.includes("begun")) {
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        doomed.stop();
        assert.match(
            (await running).error ?? "",
            /exited without exit status or exit signal: running "echo begun; exec sleep 30"/,
        );
    });

    it("copies into a file that is there without changing who may read it", async () => {
        const file = path.join(folder, "private");
        writeFileSync(file, "before, and longer", { mode: 0o600 });
        const source = {
            "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17",
            hash: "h",
            text: "after",
        };
        const copyUrn = "urn:pulumi:dev::p::command:remote:CopyToRemote::copy";
        const properties = { connection: connection(), source, remotePath: "/root/private" };
        const { error } = await plugin.call("Create", { urn: copyUrn, properties });
        assert.equal(error, undefined);
        assert.equal(readFileSync(file, "utf8"), "after");
        assert.equal(statSync(file).mode & 0o777, 0o600);
    });

    it("backs off between dials, and stops dialling when the engine cancels", async () => {
        const cancelled = await PluginProcess.start("command", { SSH_AUTH_SOCK: server.agentSocket });
        try {
            const properties = { connection: connection({ port: 1, dialErrorLimit: -1 }), create: "true" };
            const begun = Date.now();
            const dialling = cancelled.call("Create", { urn, properties });
            while (cancelled.logged.length < 4) {
                await new Promise((resolve) => setTimeout(resolve, 10));
            }
            const waited = Date.now() - begun;
            assert.ok(waited >= 100 + 150 + 225, `the fourth dial came after ${waited} ms`);
            assert.equal(cancelled.logged[0], "Dial 1/inf failed: retrying");
            await cancelled.cancel();
            assert.match((await dialling).error ?? "", /context canceled/);
        } finally {
            await cancelled.stop();
        }
    });
});
