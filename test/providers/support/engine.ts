import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Plugin } from "./plugins";
import { root, succeed } from "../../support/run";

/** A stack of its own, run by the real engine with the plugin under test. */
export class EngineStack {
    private readonly folder = mkdtempSync(path.join(tmpdir(), "engine-"));
    private readonly env: NodeJS.ProcessEnv;

    /** `program` is JavaScript, run anew by each operation. */
    constructor(plugin: Plugin, program: string) {
        const find = ". scripts/lib/common.sh; . scripts/lib/engine.sh; cli_dir";
        const cli = execFileSync("bash", ["-euo", "pipefail", "-c", find], { cwd: root, encoding: "utf8" }).trim();
        mkdirSync(path.join(this.folder, "state"));
        symlinkSync(path.join(root, "node_modules"), path.join(this.folder, "node_modules"));
        cpSync(path.join(root, "package.json"), path.join(this.folder, "package.json"));
        writeFileSync(path.join(this.folder, "Pulumi.yaml"), "name: p\nruntime: nodejs\nmain: program.js\n");
        writeFileSync(path.join(this.folder, "program.js"), program);
        this.env = {
            ...process.env,
            PATH: `${path.dirname(plugin.path)}:${cli}:${process.env.PATH}`,
            PULUMI_HOME: path.join(this.folder, "home"),
            PULUMI_BACKEND_URL: `file://${this.folder}/state`,
            PULUMI_CONFIG_PASSPHRASE: "",
            PULUMI_SKIP_UPDATE_CHECK: "1",
        };
    }

    /** Runs the CLI; `settings` are what the program finds in its environment. */
    async pulumi(command: string, settings: NodeJS.ProcessEnv = {}): Promise<void> {
        const args = [...command.split(" "), "--stack", "dev", "--non-interactive"];
        await succeed("pulumi", args, { cwd: this.folder, env: { ...this.env, ...settings } });
    }

    remove(): void {
        rmSync(this.folder, { recursive: true });
    }
}
