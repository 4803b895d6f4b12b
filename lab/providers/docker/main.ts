import { explained } from "../core/errors";
import type { Plugin } from "../core/plugin";
import { serve } from "../core/serve";
import { dockerConfig } from "./config";
import { Engine } from "./engine";
import { remoteImage } from "./image";
import { getRegistryImage } from "./registry";

let config = dockerConfig({});

const plugin: Plugin = {
    version: "5.2.0",
    acceptsSecrets: false,
    async configure(settings) {
        config = dockerConfig(settings);
        // A server reached over SSH is left alone until there is work: previews go on while it is down.
        if (!config.host.startsWith("ssh://")) {
            await Engine.use(config, (engine) => engine.ping()).catch((error: unknown) => {
                const advice = `please make sure that ${config.host} is reachable and has a  '_ping' endpoint`;
                throw explained(`Error pinging Docker server, ${advice}. Error: `, error);
            });
        }
    },
    resources: { "docker:index/remoteImage:RemoteImage": remoteImage(() => config) },
    functions: {
        "docker:index/getRegistryImage:getRegistryImage": (args) => getRegistryImage(config, args),
    },
};

serve(plugin);
