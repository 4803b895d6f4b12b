import type { Plugin } from "../core/plugin";
import { serve } from "../core/serve";
import { dockerConfig, UNEXPECTED } from "./config";
import { DockerClient } from "./engine";
import { remoteImage } from "./image";
import { getRegistryImage } from "./registry";

let client: DockerClient | undefined;

function configured(): DockerClient {
    client ??= new DockerClient(dockerConfig({}));
    return client;
}

const plugin: Plugin = {
    version: "5.2.0",
    acceptsSecrets: false,
    async configure(settings) {
        client = new DockerClient(dockerConfig(settings));
        // A server reached over SSH is left alone until there is work: previews go on while it is down.
        if (!client.config.host.startsWith("ssh://")) {
            await client.ping().catch((error: unknown) => {
                throw new Error(`${UNEXPECTED}failed to connect to any docker daemon`, { cause: error });
            });
        }
    },
    resources: { "docker:index/remoteImage:RemoteImage": remoteImage(configured) },
    functions: {
        "docker:index/getRegistryImage:getRegistryImage": (args) => getRegistryImage(configured().config, args),
    },
};

serve(plugin);
