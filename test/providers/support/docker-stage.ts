import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Json } from "./calls";
import { FakeEngine, type EngineImage } from "./docker-engine";
import { PluginProcess } from "./plugin";
import type { Plugin } from "./plugins";
import { FakeRegistry } from "./registry";
import { SshServer } from "./ssh-server";
import { cleanUp } from "../../support/clean-up";

export const REPOSITORY = "specivo/specivo";

/** The resource that tests are about. */
export const IMAGE = {
    urn: "urn:pulumi:dev::rec::docker:index/remoteImage:RemoteImage::image",
    type: "docker:index/remoteImage:RemoteImage",
    name: "image",
};

function image(id: string, digest: string): EngineImage {
    return { Id: `sha256:${id}`, RepoDigests: [`${REPOSITORY}@sha256:${digest}`] };
}

/** The images of the recordings. */
export const IMAGES: Record<string, EngineImage> = {
    [`${REPOSITORY}:0.1.9`]: image(
        "1ae8e9d7a18dc0f155ba78cbbc28736f87b70813cc50f5ad21197b916c387bad",
        "2d1937f171e56d6d191d8ec11667305dac252147965327f05ddf040337f73001",
    ),
    [`${REPOSITORY}:0.1.10`]: image(
        "ccc5d9d7c447b900a7f53839291edae2e1e23d8748289bb1cfd1fde5c0df3ecd",
        "58625c2abff667237b0547ceb2e7cd64dd55b05ce848510ebcdf5c79b405422b",
    ),
};

/** A Docker engine behind an SSH server, a registry, and a docker plugin that is configured for both. */
export class DockerStage {
    private constructor(
        readonly folder: string,
        readonly engine: FakeEngine,
        readonly server: SshServer,
        readonly registry: FakeRegistry,
        readonly process: PluginProcess,
        /** The provider's settings. */
        readonly settings: Json,
    ) {}

    static async start(plugin: Plugin): Promise<DockerStage> {
        const folder = mkdtempSync(path.join(tmpdir(), "docker-"));
        const engine = await FakeEngine.start(IMAGES);
        const server = await SshServer.start({ root: folder, exec: engine.dialStdio });
        const digests = Object.entries(IMAGES).map(([name, { RepoDigests }]) => [name, RepoDigests[0]?.split("@")[1]]);
        const registry = await FakeRegistry.start(Object.fromEntries(digests) as Record<string, string>);
        const knownHosts = path.join(folder, "known_hosts");
        writeFileSync(knownHosts, `[127.0.0.1]:${server.port} ${server.hostKeys.ed25519.public}\n`);
        const settings = {
            host: `ssh://root@127.0.0.1:${server.port}`,
            sshOpts: JSON.stringify(sshOptions(knownHosts)),
            registryAuth: JSON.stringify([
                { address: `http://${registry.name}`, username: "", password: "", authDisabled: true },
            ]),
        };
        const process = await PluginProcess.start(plugin, { SSH_AUTH_SOCK: server.agentSocket }).catch((error) => {
            server.stop();
            engine.stop();
            registry.stop();
            rmSync(folder, { recursive: true });
            throw error;
        });
        const stage = new DockerStage(folder, engine, server, registry, process, settings);
        const { error } = await process.configure(settings);
        if (error !== undefined) {
            await stage.stop();
            throw new Error(error);
        }
        return stage;
    }

    stop(): Promise<void> {
        return cleanUp(
            () => this.process.stop(),
            () => this.server.stop(),
            () => this.engine.stop(),
            () => this.registry.stop(),
            () => rmSync(this.folder, { recursive: true }),
        );
    }
}

/** Options for `ssh` that leave out the user's own settings. */
export function sshOptions(knownHosts: string): string[] {
    return ["-F", "/dev/null", "-o", `UserKnownHostsFile=${knownHosts}`, "-o", "StrictHostKeyChecking=yes"];
}
