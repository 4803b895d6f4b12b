import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { type Ended, root, run } from "../support/run";
import { facts, IMAGE_0_1_10 } from "../unit/support/facts";

/** A stack that keeps to nothing, made of what the stand-ins know. */
const BAD_PROGRAM = `
const { remote } = require("@pulumi/command");
const docker = require("@pulumi/docker");
const engine = new docker.Provider("engine", { host: "ssh://root@203.0.113.10:22" });
new remote.Command("careless", { connection: { host: "203.0.113.10", user: "root" }, create: "true" });
new docker.RemoteImage("newest", { name: "specivo/specivo:latest" }, { provider: engine });
`;

/**
 * The pack on the real engine. Its language host is older than policy packs of the kind \`nodejs\`, so the pack is started
 * in the engine's way for others: by a program named after its runtime. All that it loads and says is the same.
 */
describe("the policy pack, on the engine", function () {
    this.timeout(120_000);
    const name = "e2e-policies";
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "policies-"));
    const pack = path.join(folder, "pack");
    const bin = path.join(folder, "bin");
    const bad = path.join(folder, "bad");

    function write(file: string, text: string, mode = 0o644): void {
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, text, { mode });
    }

    before(async () => {
        fs.cpSync(path.join(root, "policy"), pack, { recursive: true });
        write(path.join(pack, "PulumiPolicy.yaml"), "runtime: specivo-lab\n");
        write(path.join(pack, "index.ts"), `import ${JSON.stringify(path.join(root, "policy/index"))};\n`);
        const options = fs.readFileSync(path.join(root, "policy/tsconfig.json"), "utf8");
        write(path.join(pack, "tsconfig.json"), options.replace('"..', `"${root}`));
        const runner = path.join(root, "node_modules/@pulumi/pulumi/cmd/run-policy-pack");
        write(path.join(bin, "pulumi-analyzer-policy-specivo-lab"), `#!/bin/sh\nexec node ${runner} "$@"\n`, 0o755);
        // A server that shows these facts.
        const target = { version: "0.1.10", imageId: IMAGE_0_1_10, registry: "not asked", digest: null } as const;
        write(path.join(folder, "facts"), JSON.stringify(facts({ target })));
        write(path.join(bin, "ssh"), `#!/bin/sh\ncat >/dev/null\ncat ${folder}/facts\n`, 0o755);
        write(path.join(bad, "Pulumi.yaml"), "name: bad\nruntime:\n  name: nodejs\n  options: { typescript: false }\n");
        write(path.join(bad, "index.js"), BAD_PROGRAM);
        write(path.join(bad, "package.json"), "{}");
        fs.symlinkSync(path.join(root, "node_modules"), path.join(bad, "node_modules"));
        await removeStacks();
        for (const project of [root, bad]) {
            const ended = await pulumi(project, "stack", "init");
            assert.equal(ended.status, 0, ended.output);
        }
    });

    after(async () => {
        await removeStacks();
        fs.rmSync(path.join(root, `Pulumi.${name}.yaml`), { force: true });
        fs.rmSync(folder, { recursive: true });
    });

    async function removeStacks(): Promise<void> {
        for (const project of [root, bad]) {
            const ended = await pulumi(project, "stack", "rm", "--yes", "--force");
            assert.ok(ended.status === 0 || /no stack named/.test(ended.output), ended.output);
        }
    }

    function pulumi(project: string, ...args: string[]): Promise<Ended> {
        const command = args[0] === "stack" ? [...args, name] : [...args, "--stack", name];
        return run("scripts/pulumi", [...command, "--cwd", project, "--non-interactive", "--color", "never"], {
            env: {
                ...process.env,
                SPECIVO_LAB: "1",
                PATH: `${bin}:${process.env.PATH}`,
                SSH_AUTH_SOCK: path.join(folder, "agent"),
            },
            input: "canary-77b0",
        });
    }
    const preview = (project: string) => pulumi(project, "preview", "--policy-pack", pack);

    async function configure(values: Record<string, string>): Promise<void> {
        const all = Object.entries({ specivoVersion: "0.1.10", host: "203.0.113.10", changelog: "", ...values });
        await pulumi(root, "config", "set-all", ...all.flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]));
        for (const secret of ["backupPassword", "offsiteSecretAccessKey"]) {
            await pulumi(root, "config", "set", "--secret", secret);
        }
    }

    it("lets this program's stack pass", async () => {
        const offsite = { offsiteRepository: "s3:https://fra1.example/backups", offsiteAccessKeyId: "ID" };
        await configure({ ...offsite, allowOnHostBackupOnly: "false" });
        const ended = await preview(root);
        assert.equal(ended.status, 0, ended.output);
        assert.match(ended.stdout, /✅ specivo@v0\.1\.0/);
        assert.doesNotMatch(ended.output, /canary/);
    });

    it("stops one whose backups stay on the server", async () => {
        await configure({ offsiteRepository: "", allowOnHostBackupOnly: "true" });
        const ended = await preview(root);
        assert.notEqual(ended.status, 0);
        assert.match(ended.stdout, /\[mandatory\] +off-host-backup +\(command:remote:Command: specivo-host-offsite\)/);
        assert.equal(ended.stdout.split("[mandatory]").length, 2, ended.stdout);
        assert.doesNotMatch(ended.output, /canary/);
    });

    it("stops another program that keeps to nothing, with a reason for each", async () => {
        const ended = await preview(bad);
        assert.notEqual(ended.status, 0);
        for (const reason of [
            /host-key-set +\(command:remote:Command: careless\)/,
            /host-key-set +\(pulumi:providers:docker: engine\)/,
            /pinned-version +\(docker:index:RemoteImage: newest\)/,
            /backup-before-pull +\(docker:index:RemoteImage: newest\)/,
        ]) {
            assert.match(ended.stdout, reason);
        }
    });
});
