import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import * as path from "node:path";

import { withGoals } from "../../bench/goals";
import type { Results } from "../../bench/results";
import { SETTINGS } from "../../settingsSchema";
import { blocksOf, blocksToRun, PAGES, readPage, RUN_PAGES } from "../support/docs";
import { root } from "../support/run";

const { scripts } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
};
const OPERATIONS = readdirSync(path.join(root, "host/operations")).map((file) => file.replace(/\.sh$/, ""));
const DECISIONS = readdirSync(path.join(root, "docs/decisions")).map((file) => `docs/decisions/${file}`);

/** What is wrong with a command, as far as that shows without running it. */
function mistakesOf(command: string): string[] {
    const [program = "", first = "", second = ""] = command.split(" ");
    const mistakes: string[] = [];
    const need = (right: boolean, what: string) => void (right || mistakes.push(`${command}: ${what}`));
    need(spawnSync("bash", ["-nc", command]).status === 0, "bash can't read it");
    switch (program) {
        case "npm": {
            const script = first === "run" ? scripts[second] : first === "ci" ? "" : scripts[first];
            need(script !== undefined, "there is no such script in package.json");
            const file = script?.split(" ")[0] ?? "";
            need(!file.includes("/") || existsSync(path.join(root, file)), `${file} is missing`);
            break;
        }
        case "specivo-host":
            need(first === "--help" || OPERATIONS.includes(first), "there is no such operation");
            break;
        case "$EDITOR":
            need(existsSync(path.join(root, first)), "there is no such file");
            break;
        case "pulumi": {
            const [, secret, key = ""] = /^pulumi config (?:set|rm) (--secret )?(\S+)/.exec(command) ?? [];
            if (/^[A-Za-z]+$/.test(key) && key !== "KEY") {
                const setting = (SETTINGS as Record<string, { secret?: true }>)[key];
                need(setting !== undefined, `there is no setting ${key}`);
                need(
                    (setting?.secret === true) === (secret !== undefined),
                    "--secret is for secrets, and only for them",
                );
            }
            break;
        }
        default:
            need(/^(git|cd|ssh|echo)$/.test(program), `${program} is no program that these pages use`);
    }
    return mistakes;
}

const withoutBlocks = (text: string) => text.replace(/^```[^]*?^```$/gm, "");

/** As GitHub makes anchors of headings. */
function anchorsOf(page: string): string[] {
    return [...withoutBlocks(readPage(page)).matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
        title
            .toLowerCase()
            .replace(/[^\p{L}\p{N} _-]/gu, "")
            .replaceAll(" ", "-"),
    );
}

describe("the documents", () => {
    for (const page of PAGES) {
        it(`${page} names only commands that exist`, () => {
            const inText = [
                ...readPage(page).matchAll(/`((?:npm (?:run|test)|pulumi config|specivo-host) ?[^`\n]*)`/g),
            ];
            const commands = [
                ...blocksOf(page).flatMap(({ commands: each }) => each),
                ...inText.map(([, each]) => each ?? ""),
            ];
            assert.deepEqual(commands.flatMap(mistakesOf), []);
        });

        it(`${page} has its commands in blocks of shell, each run by a test or in need of an account`, () => {
            const text = readPage(page);
            const languages = [...text.matchAll(/^```(\w*)\n[^]*?^```$/gm)].map(([, language]) => language);
            assert.deepEqual(
                languages.filter((language) => !/^(sh|text|mermaid|json|ts|yaml)$/.test(language ?? "")),
                [],
            );
            assert.doesNotMatch(withoutBlocks(text), /^ {4}(npm|pulumi|git|ssh|specivo-host|curl|docker) /m);
            const runHere = new Set(RUN_PAGES.flatMap(blocksToRun).flat());
            const left = blocksOf(page).flatMap(({ commands, account, runBy }) =>
                account === undefined && runBy === undefined ? commands.filter((command) => !runHere.has(command)) : [],
            );
            assert.deepEqual(left, []);
        });

        it(`${page} tells truly which other test runs its commands`, () => {
            for (const { commands, runBy } of blocksOf(page)) {
                const sources = runBy?.map((file) => readFileSync(path.join(root, file), "utf8"));
                for (const command of sources === undefined ? [] : commands) {
                    const script = /^npm run (\S+)/.exec(command)?.[1];
                    const isIn = (source: string) =>
                        script === undefined
                            ? command.split(" ").every((word) => source.includes(word))
                            : source.includes(`scripts/${script}"`) || source.includes(`"run", "${script}"`);
                    assert.ok(sources?.some(isIn), `${command} is not in ${runBy?.join(", ")}`);
                }
            }
        });
    }

    for (const page of [...PAGES, ...DECISIONS]) {
        it(`${page} has links that lead somewhere`, () => {
            const text = withoutBlocks(readPage(page));
            for (const [, link = ""] of text.matchAll(/\]\((?!https:)([^)]*)\)/g)) {
                const [file = "", anchor] = link.split("#");
                const target = file === "" ? page : path.join(path.dirname(page), file);
                assert.ok(existsSync(path.join(root, target)), `${link} leads nowhere`);
                if (anchor !== undefined) {
                    assert.ok(anchorsOf(target).includes(anchor), `there is no heading for ${link}`);
                }
            }
        });
    }

    it("lead a stranger to the first upgrade in ten commands, which the README names too", () => {
        const [path = []] = blocksOf("docs/first-upgrade.md").map(({ commands }) => commands);
        assert.ok(path.length <= 10, `${path.length} commands`);
        assert.equal(path.at(-1), "pulumi up");
        assert.deepEqual(
            path.filter((command) => /&&|\|\||;|\|/.test(command)),
            [],
        );
        assert.deepEqual(blocksOf("README.md")[1]?.commands, path);
    });

    it("begin with the demo and the tests", () => {
        assert.deepEqual(blocksOf("README.md")[0]?.commands, ["npm run demo", "npm test"]);
    });

    it("show in the README what the benchmark's file has", () => {
        const readme = readPage("README.md");
        const results = JSON.parse(readPage("docs/bench.json")) as Results;
        assert.match(readme, /<!-- npm run bench -->\n\nMedians/);
        assert.equal(withGoals(readme, results), readme);
    });

    it("have each page in the README, and each folder in the map of the house", () => {
        const readme = readPage("README.md");
        const unnamed = PAGES.filter((page) => page !== "README.md" && !readme.includes(`](${page})`));
        assert.deepEqual(unnamed, []);
        const map = readPage("CONTRIBUTING.md");
        const tracked = spawnSync("git", ["ls-tree", "--name-only", "HEAD"], { cwd: root, encoding: "utf8" }).stdout;
        const folders = tracked
            .split("\n")
            .filter((name) => name !== "" && statSync(path.join(root, name)).isDirectory());
        assert.ok(folders.length > 5);
        assert.deepEqual(
            folders.filter((folder) => !map.includes(`\`${folder}/`)),
            [],
        );
    });
});
