import { execFileSync } from "node:child_process";
import path from "node:path";

export const NAMES = ["command", "docker", "digitalocean"] as const;
export type PluginName = (typeof NAMES)[number];

/** A plugin that the suite runs against. */
export interface Plugin {
    readonly name: PluginName;
    /** The executable. */
    readonly path: string;
    /** How tests are titled by it. */
    readonly title: string;
}

const ROOT = path.join(__dirname, "../../..");

/** What setup itself would use: the stand-in as it is compiled and started for users, and what is on the user's own PATH. */
const FIND = `
. scripts/lib/common.sh
. scripts/lib/engine.sh
locked engine setup_stand_ins
printf '%s/bin/%s/pulumi-resource-%s\\n' "$(stand_ins_compiled)" "$1" "$1"
on_users_path "pulumi-resource-$1" || true
`;

export function pluginsUnderTest(name: PluginName): Plugin[] {
    const found = execFileSync("bash", ["-euo", "pipefail", "-c", FIND, "find-plugins", name], {
        cwd: ROOT,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
    });
    const [standIn = "", onPath] = found.trim().split("\n");
    return [
        { name, path: standIn, title: `stand-in of the ${name} plugin` },
        ...(onPath === undefined ? [] : [{ name, path: onPath, title: `${name} plugin on PATH, ${onPath}` }]),
    ];
}

/** Milliseconds a test may take. The real digitalocean plugin waits ten seconds before it looks whether something is done. */
const LIMITS: Record<PluginName, number> = { command: 30_000, docker: 30_000, digitalocean: 300_000 };

/** Describes what is relied on once, and tests it with every plugin there is. */
export function conformance(name: PluginName, title: string, tests: (plugin: Plugin) => void): void {
    for (const plugin of pluginsUnderTest(name)) {
        describe(`${plugin.title}: ${title}`, function () {
            this.timeout(LIMITS[name]);
            tests(plugin);
        });
    }
}
