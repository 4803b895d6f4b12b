import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Json } from "../support/calls";
import { DockerStage, IMAGE, REPOSITORY, sshOptions } from "../support/docker-stage";
import { PluginProcess } from "../support/plugin";
import { conformance } from "../support/plugins";

conformance("docker", "host", (plugin) => {
    let stage: DockerStage;
    const others: PluginProcess[] = [];

    before(async () => {
        stage = await DockerStage.start(plugin);
    });

    after(() => stage?.stop());

    afterEach(async () => {
        await Promise.all(others.splice(0).map((each) => each.stop()));
    });

    /** Another plugin with settings of its own, and how it took them. */
    async function configured(settings: Json, env: NodeJS.ProcessEnv = {}) {
        const process = await PluginProcess.start(plugin, { SSH_AUTH_SOCK: stage.server.agentSocket, ...env });
        others.push(process);
        return { process, ...(await process.configure(settings)) };
    }

    const properties = { name: `${REPOSITORY}:0.1.9`, keepLocally: true };
    const create = (process: PluginProcess, preview = false) =>
        process.call("Create", { ...IMAGE, properties, preview });

    it("ssh:// is not contacted at configure, nor by a preview", async () => {
        const { connections } = stage.server;
        const { process, error } = await configured(stage.settings);
        assert.equal(error, undefined);
        assert.ok((await create(process, true)).response);
        assert.equal(stage.server.connections, connections);
    });

    it("ssh:// to a host that is down is told when there is work, with the reason of ssh", async () => {
        const { process, error } = await configured({ ...stage.settings, host: "ssh://root@127.0.0.1:1" });
        assert.equal(error, undefined);
        assert.ok((await create(process, true)).response);
        const failed = (await create(process)).error ?? "";
        assert.match(
            failed,
            /Error pinging Docker server, please make sure that ssh:\/\/root@127\.0\.0\.1:1 is reachable/,
        );
        assert.match(failed, /exit status 255, make sure the URL is valid.*Connection refused/s);
    });

    it("ssh:// to a host that is down is in the way of delete too, though the image would be kept", async () => {
        const { process } = await configured({ ...stage.settings, host: "ssh://root@127.0.0.1:1" });
        const { error = "" } = await process.call("Delete", { ...IMAGE, id: "x", properties, oldInputs: properties });
        assert.match(error, /desc = deleting urn:pulumi:\S+: 1 error occurred:\n\t\* failed to create Docker client: /);
    });

    it("ssh:// is the ssh of this machine, with sshOpts before the host", async () => {
        const bin = path.join(stage.folder, "bin");
        mkdirSync(bin);
        const calls = path.join(bin, "calls");
        writeFileSync(path.join(bin, "ssh"), `#!/bin/sh\nprintf '<%s>' "$@" >>${calls}\nexec /usr/bin/ssh "$@"\n`);
        chmodSync(path.join(bin, "ssh"), 0o755);
        const { process: plugin } = await configured(stage.settings, { PATH: `${bin}:${process.env.PATH}` });
        assert.equal((await create(plugin)).error, undefined);
        const options = JSON.parse(stage.settings.sshOpts as string) as string[];
        const expected = [
            "-l",
            "root",
            "-p",
            String(stage.server.port),
            ...options,
            "-o ConnectTimeout=30",
            "-T",
            "--",
        ];
        const call = [...expected, "127.0.0.1", "docker system dial-stdio"].map((word) => `<${word}>`).join("");
        assert.ok(readFileSync(calls, "utf8").startsWith(call), readFileSync(calls, "utf8"));
    });

    it("a host key that is not the known one is refused", async () => {
        const unknown = path.join(stage.folder, "unknown_hosts");
        writeFileSync(unknown, "");
        const { process } = await configured({ ...stage.settings, sshOpts: JSON.stringify(sshOptions(unknown)) });
        assert.match((await create(process)).error ?? "", /Host key verification failed/);
    });

    it("a private key comes by -i", async () => {
        const key = path.join(stage.folder, "key");
        writeFileSync(key, stage.server.clientKey.private, { mode: 0o600 });
        const sshOpts = JSON.parse(stage.settings.sshOpts as string) as string[];
        const agentless = { SSH_AUTH_SOCK: "" };
        const without = await configured(stage.settings, agentless);
        assert.match((await create(without.process)).error ?? "", /Permission denied/);
        const keyed = { ...stage.settings, sshOpts: JSON.stringify(["-i", key, ...sshOpts]) };
        assert.equal((await create((await configured(keyed, agentless)).process)).error, undefined);
    });

    for (const [kind, host] of [
        ["tcp", "tcp://127.0.0.1:1"],
        ["unix", "unix:///nowhere/docker.sock"],
    ] as const) {
        for (const disableDockerDaemonCheck of [false, true]) {
            const check = disableDockerDaemonCheck ? ", even without its check" : "";
            it(`${kind}:// is contacted at configure, and so in previews${check}`, async () => {
                const { error = "" } = await configured({
                    host,
                    disableDockerDaemonCheck: String(disableDockerDaemonCheck),
                });
                const reason = "failed to connect to any docker daemon";
                assert.match(error, new RegExp(`desc = docker native provider returned .* from Configure: ${reason}$`));
            });
        }
    }

    it("tcp:// is the engine itself", async () => {
        stage.engine.clear();
        const { process, error } = await configured({ host: `tcp://127.0.0.1:${stage.engine.port}` });
        assert.equal(error, undefined);
        assert.equal((await create(process)).error, undefined);
        assert.ok(stage.engine.images.has(properties.name));
    });
});
