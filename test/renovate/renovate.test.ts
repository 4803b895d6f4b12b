import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";

import { root, run, succeed } from "../support/run";

/** What Renovate found in a file, and proposes. */
interface Found {
    readonly packageFile: string;
    readonly deps: readonly {
        readonly depName: string;
        readonly currentValue: string;
        readonly replaceString: string;
        readonly updates: readonly {
            readonly newValue: string;
            readonly branchName: string;
            readonly newDigest?: string;
        }[];
    }[];
}

const TAGS = ["0.1.8", "0.1.9", "0.1.10", "0.1.11-rc.1", "0.2.0", "0.2.1", "0.3.0", "1.0.0", "0.1", "0.2", "latest"];

describe("renovate.json, read by Renovate itself", function () {
    this.timeout(600_000);
    let folder: string;
    let repository: string;
    let renovate: string;
    let registry: Server;

    before(async () => {
        renovate = (await succeed("scripts/setup", ["renovate"])).stdout.trim();
        // As much of a registry as Renovate asks for.
        registry = createServer((request, response) => {
            const isTags = request.url?.startsWith("/v2/specivo/specivo/tags/list") === true;
            response.writeHead(isTags || request.url === "/v2/" ? 200 : 404, { "content-type": "application/json" });
            response.end(JSON.stringify(isTags ? { name: "specivo/specivo", tags: TAGS } : {}));
        });
        registry.listen(0, "127.0.0.1");
        await once(registry, "listening");
    });
    after(() => void registry.close());

    beforeEach(() => {
        folder = mkdtempSync(path.join(tmpdir(), "renovate-"));
        repository = path.join(folder, "repository");
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    /** Renovate's own: this one may be older than it needs. */
    const node = () => path.join(renovate, `node_modules/node-linux-${process.arch}/bin/node`);

    /** Runs Renovate on a repository of these files, which it does not change; its registry is the one of this test. */
    async function proposals(files: Record<string, string>): Promise<Found[]> {
        await succeed("git", ["init", "-q", repository]);
        copyFileSync(path.join(root, "renovate.json"), path.join(repository, "renovate.json"));
        Object.entries(files).forEach(([name, text]) => writeFileSync(path.join(repository, name), text));
        await succeed("git", ["add", "-A"], { cwd: repository });
        const { port } = registry.address() as AddressInfo;
        const registryUrls = [`http://127.0.0.1:${port}`];
        const main = path.join(renovate, "node_modules/renovate/dist/renovate.js");
        const ended = await run(node(), [main, "--platform=local", "--dry-run=lookup"], {
            cwd: repository,
            env: {
                PATH: process.env.PATH ?? "",
                HOME: folder,
                LOG_LEVEL: "debug",
                LOG_FORMAT: "json",
                RENOVATE_BASE_DIR: path.join(folder, "base"),
                // Its native parts are not built here.
                RENOVATE_X_IGNORE_RE2: "true",
                RENOVATE_HOST_RULES: JSON.stringify([{ matchHost: "127.0.0.1", allowInternal: true }]),
                RENOVATE_ENABLED_MANAGERS: '["custom.regex"]',
                RENOVATE_PACKAGE_RULES: JSON.stringify([{ matchDatasources: ["docker"], registryUrls }]),
            },
        });
        assert.equal(ended.status, 0, ended.output.slice(-2000));
        const lines = ended.stdout
            .split("\n")
            .filter((line) => line.startsWith("{"))
            .map((line) => JSON.parse(line) as { msg: string; level: number; config?: { regex?: Found[] } });
        assert.deepEqual(
            lines.filter(({ level }) => level >= 40).map(({ msg }) => msg),
            [],
        );
        return lines.find(({ msg }) => msg === "packageFiles with updates")?.config?.regex ?? [];
    }

    const stack = (version: string) =>
        readFileSync(path.join(root, "Pulumi.prod.yaml"), "utf8").replace(
            /(specivo:specivoVersion:).*/,
            `$1 ${version}`,
        );

    it("proposes the newest release of the next minor version, for each stack from where it is", async () => {
        const found = await proposals({
            "Pulumi.prod.yaml": stack("0.1.9"),
            "Pulumi.staging.yaml": stack('"0.2.0"'),
            "Pulumi.yaml": readFileSync(path.join(root, "Pulumi.yaml"), "utf8"),
        });
        const proposed = found.map(({ packageFile, deps }) => [
            packageFile,
            ...deps.flatMap(({ currentValue, updates }) => [currentValue, ...updates.map(({ newValue }) => newValue)]),
        ]);
        assert.deepEqual(proposed, [
            ["Pulumi.prod.yaml", "0.1.9", "0.2.1"],
            ["Pulumi.staging.yaml", "0.2.0", "0.3.0"],
        ]);
    });

    it("finds the version that Pulumi reads, and changes nothing but it", async () => {
        const text = stack("0.1.10");
        const [found] = await proposals({ "Pulumi.prod.yaml": text });
        const [dep] = found?.deps ?? [];
        const [update] = dep?.updates ?? [];
        assert.equal(text.split(dep?.replaceString ?? "?").length, 2);
        const changed = text.replace(
            dep?.replaceString ?? "?",
            (dep?.replaceString ?? "").replace("0.1.10", update?.newValue ?? "?"),
        );
        assert.equal(changed, stack("0.2.1"));
        assert.equal(update?.newDigest, undefined);
    });

    it("needs nothing of a pattern that RE2 lacks, with which Renovate reads it elsewhere", () => {
        const text = readFileSync(path.join(root, "renovate.json"), "utf8");
        const { customManagers } = JSON.parse(text) as { customManagers: { matchStrings: string[] }[] };
        for (const pattern of customManagers.flatMap(({ matchStrings }) => matchStrings)) {
            assert.doesNotMatch(pattern, /\(\?<?[=!]|\\[1-9]|\\k</);
        }
    });

    it("knows where the release notes are", async () => {
        const rules = path.join(renovate, "node_modules/renovate/dist/util/package-rules/index.js");
        const ended = await succeed(node(), [
            "--input-type=module",
            "--eval",
            `import { applyPackageRules } from ${JSON.stringify(rules)};
            const { packageRules } = JSON.parse(process.argv[1]);
            const update = { manager: "custom.regex", packageName: "specivo/specivo", depName: "specivo/specivo" };
            console.log((await applyPackageRules({ ...update, packageRules })).sourceUrl);`,
            readFileSync(path.join(root, "renovate.json"), "utf8"),
        ]);
        assert.equal(ended.stdout, "https://github.com/specivo/specivo\n");
    });

    it("proposes nothing where the newest runs", async () => {
        const [found] = await proposals({ "Pulumi.prod.yaml": stack("1.0.0") });
        assert.deepEqual(found?.deps[0]?.updates, []);
    });
});
