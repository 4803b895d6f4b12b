import assert from "node:assert/strict";
import http from "node:http";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { FakeEngine, type EngineImage } from "./docker-engine";
import { PluginProcess, type Json } from "./plugin";
import { expected, recordings, title, translated } from "./recordings";
import { SshServer } from "./ssh-server";
import { cleanUp } from "../support/clean-up";

const REPOSITORY = "specivo/specivo";
const IMAGES: Record<string, EngineImage> = {
    [`${REPOSITORY}:0.1.9`]: image(
        "1ae8e9d7a18dc0f155ba78cbbc28736f87b70813cc50f5ad21197b916c387bad",
        "2d1937f171e56d6d191d8ec11667305dac252147965327f05ddf040337f73001",
    ),
    [`${REPOSITORY}:0.1.10`]: image(
        "ccc5d9d7c447b900a7f53839291edae2e1e23d8748289bb1cfd1fde5c0df3ecd",
        "58625c2abff667237b0547ceb2e7cd64dd55b05ce848510ebcdf5c79b405422b",
    ),
};

function image(id: string, digest: string): EngineImage {
    return { Id: `sha256:${id}`, RepoDigests: [`${REPOSITORY}@sha256:${digest}`] };
}

/** A registry that knows the digests of the images, as `getRegistryImage` asks for them. */
function registry(): http.Server {
    return http.createServer((request, response) => {
        const [, name, tag] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(request.url ?? "") ?? [];
        const digest = IMAGES[`${name}:${tag}`]?.RepoDigests[0]?.split("@")[1];
        response.writeHead(
            digest === undefined ? 404 : 200,
            digest === undefined ? {} : { "Docker-Content-Digest": digest },
        );
        response.end();
    });
}

describe("the stand-in of the docker plugin", function () {
    this.timeout(20_000);
    let folder: string;
    let engine: FakeEngine;
    let server: SshServer;
    let hub: http.Server;
    let plugin: PluginProcess;
    let settings: Json;

    before(async () => {
        folder = mkdtempSync(path.join(tmpdir(), "docker-"));
        engine = await FakeEngine.start(IMAGES);
        server = await SshServer.start({ root: folder, exec: engine.dialStdio });
        hub = registry().listen(0, "127.0.0.1");
        await once(hub, "listening");
        const knownHosts = path.join(folder, "known_hosts");
        writeFileSync(knownHosts, `[127.0.0.1]:${server.port} ${server.hostKeys.ed25519.public}\n`);
        const sshOpts = [
            "-F",
            "/dev/null",
            "-o",
            `UserKnownHostsFile=${knownHosts}`,
            "-o",
            "StrictHostKeyChecking=yes",
        ];
        const address = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
        settings = {
            host: `ssh://root@127.0.0.1:${server.port}`,
            sshOpts: JSON.stringify(sshOpts),
            registryAuth: JSON.stringify([{ address, username: "", password: "", authDisabled: true }]),
        };
        plugin = await PluginProcess.start("docker", { SSH_AUTH_SOCK: server.agentSocket });
        await plugin.configure(settings);
    });

    after(() =>
        cleanUp(
            () => plugin?.stop(),
            () => server?.stop(),
            () => engine?.stop(),
            () => hub?.close(),
            () => folder && rmSync(folder, { recursive: true }),
        ),
    );

    describe("answers as the real one did", () => {
        for (const call of recordings("docker")) {
            it(title(call), async () => {
                const ours = `127.0.0.1:${(hub.address() as AddressInfo).port}`;
                const received = await plugin.call(call.verb, translated(call.request, [["\\bREGISTRY\\b", ours]]));
                assert.deepEqual(translated(received, [[ours, "REGISTRY"]]), expected(call));
            });
        }
    });

    const urn = "urn:pulumi:dev::rec::docker:index/remoteImage:RemoteImage::image";
    const create = (name: string) => plugin.call("Create", { urn, properties: { name, keepLocally: true } });

    it("pulls an image once, and takes it as it is when it is there", async () => {
        engine.images.clear();
        engine.requests.length = 0;
        await create(`${REPOSITORY}:0.1.9`);
        await create(`${REPOSITORY}:0.1.9`);
        assert.deepEqual(
            engine.requests.filter((request) => request.startsWith("POST")),
            ["POST /v1.45/images/create?fromImage=specivo%2Fspecivo&tag=0.1.9"],
        );
    });

    it("names the tag that the registry does not have", async () => {
        const { error = "" } = await create(`${REPOSITORY}:0.9.99`);
        assert.match(
            error,
            /Unable to read Docker image into resource: unable to pull image specivo\/specivo:0\.9\.99: /,
        );
        assert.match(error, /manifest for specivo\/specivo:0\.9\.99 not found: manifest unknown/);
    });

    it("removes the image on delete unless it is to be kept", async () => {
        const name = `${REPOSITORY}:0.1.9`;
        await create(name);
        await plugin.call("Delete", { urn, id: "x", properties: { name, keepLocally: true } });
        assert.ok(engine.images.has(name));
        await plugin.call("Delete", { urn, id: "x", properties: { name } });
        assert.ok(!engine.images.has(name));
    });

    it("tells on refresh that the image is gone", async () => {
        engine.images.clear();
        const name = `${REPOSITORY}:0.1.9`;
        const { response } = await plugin.call("Read", { urn, id: "x", properties: { name }, inputs: { name } });
        assert.equal(response?.id, undefined);
    });

    it("previews while the server is out of reach, and says why it can't be reached when it matters", async () => {
        const away = await PluginProcess.start("docker");
        try {
            const host = `ssh://root@127.0.0.1:1`;
            assert.equal((await away.configure({ ...settings, host })).error, undefined);
            const properties = { name: `${REPOSITORY}:0.1.9` };
            assert.ok((await away.call("Create", { urn, properties, preview: true })).response);
            const { error = "" } = await away.call("Create", { urn, properties });
            assert.match(error, /has exited with exit status 255, make sure the URL is valid.*Connection refused/s);
        } finally {
            await away.stop();
        }
    });

    it("refuses a server whose host key is not the known one", async () => {
        const wary = await PluginProcess.start("docker", { SSH_AUTH_SOCK: server.agentSocket });
        try {
            const unknown = path.join(folder, "unknown_hosts");
            writeFileSync(unknown, "");
            const sshOpts = [
                "-F",
                "/dev/null",
                "-o",
                `UserKnownHostsFile=${unknown}`,
                "-o",
                "StrictHostKeyChecking=yes",
            ];
            await wary.configure({ ...settings, sshOpts: JSON.stringify(sshOpts) });
            const { error = "" } = await wary.call("Create", { urn, properties: { name: `${REPOSITORY}:0.1.9` } });
            assert.match(error, /Host key verification failed/);
        } finally {
            await wary.stop();
        }
    });

    it("says which engine it can't reach when that one is not behind ssh", async () => {
        const { error = "" } = await plugin.configure({ host: "tcp://127.0.0.1:1" });
        assert.match(error, /Error pinging Docker server, please make sure that tcp:\/\/127\.0\.0\.1:1 is reachable/);
        await plugin.configure(settings);
    });
});
