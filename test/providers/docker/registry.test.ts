import assert from "node:assert/strict";
import type { Json } from "../support/calls";
import { DockerStage, IMAGES, REPOSITORY } from "../support/docker-stage";
import { PluginProcess } from "../support/plugin";
import { conformance } from "../support/plugins";

const TOKEN = "docker:index/getRegistryImage:getRegistryImage";

conformance("docker", "getRegistryImage", (plugin) => {
    let stage: DockerStage;

    before(async () => {
        stage = await DockerStage.start(plugin);
    });

    after(() => stage?.stop());

    beforeEach(() => {
        stage.registry.requests.length = 0;
        stage.registry.authorizations.length = 0;
    });

    const ask = (process: PluginProcess, tag: string, preview = false) => {
        const args = { name: `${stage.registry.name}/${REPOSITORY}:${tag}` };
        return process.call("Invoke", { tok: TOKEN, args, preview });
    };

    it("asks the registry from here, and the server not at all", async () => {
        const { connections } = stage.server;
        const { response } = await ask(stage.process, "0.1.9");
        const digest = IMAGES[`${REPOSITORY}:0.1.9`]?.RepoDigests[0]?.split("@")[1];
        assert.equal((response?.return as Json).sha256Digest, digest);
        assert.deepEqual(stage.registry.requests, [`HEAD /v2/${REPOSITORY}/manifests/0.1.9`]);
        assert.equal(stage.server.connections, connections);
    });

    it("tells in a preview already that a tag is missing", async () => {
        const { error } = await ask(stage.process, "0.9.99", true);
        const what = `Got error when attempting to fetch image version ${REPOSITORY}:0.9.99 from registry`;
        assert.equal(
            error,
            `rpc error: code = Unknown desc = invoking ${TOKEN}: 1 error occurred:\n\t* ${what}: got bad response from registry: 404 Not Found\n\n`,
        );
    });

    it("speaks plain HTTP with a registry that registryAuth gives as http://, with credentials it does not need", async () => {
        await ask(stage.process, "0.1.9");
        const credentials = Buffer.from("username:password").toString("base64");
        assert.deepEqual(stage.registry.authorizations, [`Basic ${credentials}`]);
    });

    it("speaks TLS with any other", async () => {
        const other = await PluginProcess.start(plugin);
        try {
            await other.configure({ host: stage.settings.host });
            const { error = "" } = await ask(other, "0.1.9");
            assert.ok(error.includes(`Error during registry request: Head "https://${stage.registry.name}/v2/`), error);
            assert.deepEqual(stage.registry.requests, []);
        } finally {
            await other.stop();
        }
    });

    it("tells when the registry can't be reached", async () => {
        const args = { name: `127.0.0.1:1/${REPOSITORY}:0.1.9` };
        const { error = "" } = await stage.process.call("Invoke", { tok: TOKEN, args });
        assert.match(error, /dial tcp 127\.0\.0\.1:1: connect: connection refused/);
    });
});
