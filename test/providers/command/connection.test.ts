import assert from "node:assert/strict";
import type { Json } from "../support/calls";
import { COMMAND, CommandStage, properties } from "../support/command-stage";
import { PluginProcess } from "../support/plugin";
import { conformance } from "../support/plugins";
import { SshServer } from "../support/ssh-server";
import { secret, UNKNOWN } from "../support/values";

conformance("command", "connection", (plugin) => {
    let stage: CommandStage;
    let stranger: SshServer;
    let withPassword: SshServer;

    before(async () => {
        stage = await CommandStage.start(plugin);
        stranger = await SshServer.start({ root: stage.folder });
        withPassword = await SshServer.start({ root: stage.folder, password: "open sesame" });
    });

    after(() => stage?.stop());
    after(() => stranger?.stop());
    after(() => withPassword?.stop());

    const run = (connection: Json) => stage.create({ create: "echo in", connection: stage.connection(connection) });
    const letIn = async (connection: Json) => assert.equal(properties(await run(connection)).stdout, "in");
    const check = async (connection: unknown) => {
        const { response } = await stage.process.call("Check", { ...COMMAND, news: { connection } });
        return response?.inputs as Json;
    };

    it("has port 22, user root, 10 failed dials of 15 s each unless told otherwise, and is secret", async () => {
        const defaults = { dialErrorLimit: 10, perDialTimeout: 15, port: 22, user: "root" };
        assert.deepEqual(await check({ host: "h" }), { connection: secret({ host: "h", ...defaults }) });
        const own = { host: "h", dialErrorLimit: 60, perDialTimeout: 0, port: 2222, user: "deploy" };
        assert.deepEqual(await check(own), { connection: secret(own) });
        assert.deepEqual(await check({ host: "h", proxy: { host: "p" } }), {
            connection: secret({ host: "h", ...defaults, proxy: { host: "p", ...defaults } }),
        });
    });

    it("has secrets in it that are secret by themselves", async () => {
        const given = { password: "p", privateKey: "k", privateKeyPassword: "w" };
        const { value } = (await check({ host: "h", ...given })).connection as { value: Json };
        assert.deepEqual(
            [value.password, value.privateKey, value.privateKeyPassword],
            [secret("p"), secret("k"), secret("w")],
        );
    });

    it("may be unknown in a preview, as a whole or in part", async () => {
        assert.deepEqual(await check(UNKNOWN), { connection: secret(UNKNOWN) });
        const { value } = (await check({ host: UNKNOWN })).connection as { value: Json };
        assert.equal(value.host, UNKNOWN);
    });

    it("has to be there", async () => {
        const { response } = await stage.process.call("Check", { ...COMMAND, news: { create: "true" } });
        assert.equal((response?.failures as Json[])[0]?.property, "connection");
    });

    it("is let in by the agent's key, found by SSH_AUTH_SOCK, of which nothing gets into the state", async () => {
        const state = properties(await run({}));
        assert.equal(state.stdout, "in");
        assert.deepEqual(state.connection, stage.connection());
    });

    it("is let in by the key of an agent named by agentSocketPath", async () => {
        const agentless = await PluginProcess.start(plugin, { SSH_AUTH_SOCK: "" });
        try {
            await agentless.configure({});
            const attempt = (connection: Json) =>
                agentless.call("Create", { ...COMMAND, properties: { create: "echo in", connection } });
            assert.match((await attempt(stage.connection())).error ?? "", /unable to authenticate/);
            const { agentSocket: agentSocketPath } = stage.server;
            assert.equal(properties(await attempt(stage.connection({ agentSocketPath }))).stdout, "in");
        } finally {
            await agentless.stop();
        }
    });

    it("is let in by a private key", async () => {
        await letIn({ privateKey: stage.server.clientKey.private, agentSocketPath: stranger.agentSocket });
        await letIn({ privateKey: `${stage.server.clientKey.private}\n\n`, agentSocketPath: stranger.agentSocket });
    });

    it("is let in by a password", async () => {
        await letIn({ port: withPassword.port, password: "open sesame" });
        const { error = "" } = await run({ port: withPassword.port, password: "wrong" });
        assert.match(error, /after 0 failed attempts: ssh: handshake failed: ssh: unable to authenticate, /);
    });

    it("goes through a proxy", async () => {
        await letIn({ proxy: { ...stage.connection(), port: stranger.port, agentSocketPath: stranger.agentSocket } });
        assert.deepEqual(stranger.asked, [`tcpip 127.0.0.1:${stage.server.port}`]);
    });

    it("says so when no key is let in, when there is no agent, and when the key is none", async () => {
        const refused = await run({ agentSocketPath: stranger.agentSocket });
        assert.match(
            refused.error ?? "",
            /ssh: unable to authenticate, attempted methods \[none publickey\], no supported/,
        );
        const nowhere = await run({ agentSocketPath: "/nowhere" });
        assert.match(nowhere.error ?? "", /desc = dial unix \/nowhere: connect: no such file or directory$/);
        assert.match((await run({ privateKey: "nonsense" })).error ?? "", /desc = ssh: no key found$/);
    });

    it("takes any server for the right one when there is no hostKey", async () => {
        const { agentSocket: agentSocketPath } = stranger;
        await letIn({});
        await letIn({ port: stranger.port, agentSocketPath });
    });

    for (const kind of ["ed25519", "ecdsa"] as const) {
        it(`is let in where the server has the ${kind} key of hostKey, whichever others it has`, async () => {
            await letIn({ hostKey: stage.server.hostKeys[kind].public });
            await letIn({ hostKey: `${stage.server.hostKeys[kind].public} a comment\n` });
        });
    }

    it("does not log in to a server with another key, nor to any when hostKey is none", async () => {
        const other = await run({ hostKey: stranger.hostKeys.ed25519.public });
        assert.match(
            other.error ?? "",
            /desc = after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch$/,
        );
        const { connections } = stage.server;
        const none = await run({ hostKey: "ssh-ed25519 nonsense" });
        assert.match(none.error ?? "", /desc = failed to parse host key: ssh: no key found/);
        assert.equal(stage.server.connections, connections);
    });
});
