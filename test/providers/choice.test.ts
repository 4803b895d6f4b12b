import assert from "node:assert/strict";
import {
    chmodSync,
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pluginsUnderTest, type PluginName } from "./support/plugins";
import { root, run } from "../support/run";

/** A part of the suite for each plugin, and a fault that it has to notice: in this compiled file, this becomes that. */
const PARTS: Record<PluginName, { readonly file: string; readonly fault: readonly [string, string, string] }> = {
    command: { file: "command/changes.test.ts", fault: ["command/resource.js", 'path === "triggers"', "true"] },
    docker: { file: "docker/registry.test.ts", fault: ["docker/registry.js", '"HEAD", url', '"GET", url'] },
    digitalocean: {
        file: "digitalocean/droplet.test.ts",
        fault: ["digitalocean/droplet.js", '"userData",', '"size",'],
    },
};
const NAMES = Object.keys(PARTS) as PluginName[];

interface Test {
    readonly fullTitle: string;
    readonly err: { readonly message?: string };
}

interface Report {
    readonly tests: readonly Test[];
    /** Hooks that failed included. */
    readonly failures: readonly Test[];
    readonly status: number | null;
}

/** The suite's choice of plugins is tested by running parts of it, with plugins put on PATH. */
describe("plugins on PATH", function () {
    this.timeout(120_000);
    let folder: string;

    before(() => {
        folder = mkdtempSync(path.join(tmpdir(), "on-path-"));
    });

    after(() => rmSync(folder, { recursive: true }));

    function standIn(name: PluginName): string {
        const [found] = pluginsUnderTest(name);
        assert.ok(found);
        return found.path;
    }

    /** A copy of the compiled stand-in, started by a script in a folder to be put on PATH. */
    function copy(name: PluginName, folderName: string, fault?: readonly [string, string, string]): string {
        const bin = path.join(folder, folderName, "bin");
        const compiled = path.join(folder, folderName, name);
        mkdirSync(bin, { recursive: true });
        cpSync(path.join(path.dirname(standIn(name)), "../.."), compiled, { recursive: true });
        symlinkSync(path.join(root, "node_modules"), path.join(compiled, "node_modules"));
        if (fault !== undefined) {
            const [file, right, wrong] = fault;
            const text = readFileSync(path.join(compiled, file), "utf8");
            assert.ok(text.includes(right), `there is no ${right} in ${file}`);
            writeFileSync(path.join(compiled, file), text.replace(right, wrong));
        }
        executable(path.join(bin, `pulumi-resource-${name}`), `exec node ${compiled}/${name}/main.js "$@"`);
        return bin;
    }

    function executable(file: string, script: string): void {
        writeFileSync(file, `#!/bin/sh\n${script}\n`);
        chmodSync(file, 0o755);
    }

    async function suite(...first: readonly string[]): Promise<Report> {
        const plugins = NAMES.map((name) => `pulumi-resource-${name}`);
        const users = (process.env.PATH ?? "").split(":");
        const without = users.filter((each) => !plugins.some((plugin) => existsSync(path.join(each, plugin))));
        const files = NAMES.map((name) => path.join("test/providers", PARTS[name].file));
        const env = { ...process.env, PATH: [...first, ...without].join(":") };
        const ended = await run("node_modules/.bin/mocha", ["--exit", "--reporter", "json", ...files], { env });
        assert.ok(ended.stdout.startsWith("{"), ended.output);
        return { ...(JSON.parse(ended.stdout) as Report), status: ended.status };
    }

    /** Titles of the tests against one plugin, without its name. */
    function titles(tests: readonly Test[], plugin: string): string[] {
        const begin = `${plugin}: `;
        return tests.flatMap(({ fullTitle }) => (fullTitle.startsWith(begin) ? [fullTitle.slice(begin.length)] : []));
    }

    const onPath = (name: PluginName, bin: string) => `${name} plugin on PATH, ${bin}/pulumi-resource-${name}`;

    it("are tested by the same tests as their stand-ins, and named in them", async () => {
        const bin = NAMES.map((name) => copy(name, "good"))[0] ?? "";
        const report = await suite(bin);
        assert.deepEqual(report.failures, []);
        assert.equal(report.status, 0);
        for (const name of NAMES) {
            const same = titles(report.tests, `stand-in of the ${name} plugin`);
            assert.ok(same.length > 0);
            assert.deepEqual(titles(report.tests, onPath(name, bin)), same);
        }
    });

    it("make the suite red when they are wrong, and only where they are tested", async () => {
        const bin = NAMES.map((name) => copy(name, "wrong", PARTS[name].fault))[0] ?? "";
        const report = await suite(bin);
        assert.ok(report.status !== 0);
        const red = report.failures;
        for (const name of NAMES) {
            assert.ok(titles(red, onPath(name, bin)).length > 0, name);
            assert.deepEqual(titles(red, `stand-in of the ${name} plugin`), []);
        }
    });

    it("make it red when they don't serve", async () => {
        const bin = path.join(folder, "broken");
        mkdirSync(bin);
        executable(path.join(bin, "pulumi-resource-command"), "echo no such luck >&2; exit 3");
        const report = await suite(bin);
        const reasons = report.failures.map(({ err }) => err.message ?? "");
        assert.match(reasons.join("\n"), /pulumi-resource-command\) did not serve: it ended with 3\nno such luck/);
    });

    it("are not what this project itself has put there, and then there is the stand-in alone", async () => {
        const report = await suite(...NAMES.map((name) => path.dirname(standIn(name))));
        assert.deepEqual(report.failures, []);
        for (const { fullTitle } of report.tests) {
            assert.match(fullTitle, /^stand-in of the (command|docker|digitalocean) plugin: /);
        }
    });
});
