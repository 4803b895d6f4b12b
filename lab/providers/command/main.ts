import type { Plugin } from "../core/plugin";
import { serve } from "../core/serve";
import { reveal, type Props } from "../core/values";
import { copyToRemote } from "./copy";
import { runLocal } from "./local";
import { runRemote } from "./remote";
import { checkConnection, commandResource } from "./resource";

/** Looking for files a local command leaves behind is not part of this stand-in; leaving it out silently would be wrong. */
function refuseGlobs(inputs: Props): { property: string; reason: string }[] {
    return ["assetPaths", "archivePaths"]
        .filter((property) => inputs[property] !== undefined)
        .map((property) => ({ property, reason: "not supported by this stand-in of the command plugin" }));
}

const plugin: Plugin = {
    version: "1.2.1",
    acceptsSecrets: true,
    configure: async () => undefined,
    resources: {
        "command:remote:Command": commandResource(runRemote, checkConnection),
        "command:remote:CopyToRemote": copyToRemote,
        "command:local:Command": commandResource(runLocal, (inputs) => ({ inputs, failures: refuseGlobs(inputs) })),
    },
    functions: {
        "command:local:run": async (args, context) => {
            const refused = refuseGlobs(args)[0];
            if (refused !== undefined) {
                throw new Error(`${refused.property}: ${refused.reason}`);
            }
            return { ...args, ...(await runLocal(reveal(args.command) as string, args, context)) };
        },
    },
};

serve(plugin);
