import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { root } from "../support/run";
import type { Fault } from "./catalogue/fault";

/** What a result is of: with any of it changed, all is run again. */
const PRODUCT = ["components", "host", "plan", "decide.ts", "index.ts", "observe.ts", "settings.ts", "package.json"];
const FILE = path.join(root, "docs/faults.md");
const HEADING = `# Faults that were withstood

\`npm run test:faults\` writes this: each fault is made once, at a random moment of the step it is made in. After it the instance was
healthy on the old or the new version with every row and file, said what the catalogue (\`test/faults/catalogue/\`) asks for, and
the next \`pulumi up\` got to the version that was wanted. Interrupted, it goes on where it was; a row of an older commit was not
run again since.

| change | fault | pulumi up | seconds, with the next | seed | commit | date |
|---|---|---|---|---|---|---|
`;

/** The faults that were withstood, as a table in docs/, each with the commit that it was last run on. */
export class Results {
    readonly #commit = git("log", "-1", "--format=%h", "--", ...PRODUCT);
    readonly #changed = git("status", "--porcelain", "--", ...PRODUCT) !== "";

    has(fault: Fault): boolean {
        const end = `| ${this.#commit} |`;
        return !this.#changed && lines().some((line) => line.startsWith(start(fault)) && line.includes(end));
    }

    /** Whether it was withstood once, on whichever commit. */
    knows(fault: Fault): boolean {
        return lines().some((line) => line.startsWith(start(fault)));
    }

    add(fault: Fault, ended: string, took: number, seed: number): void {
        const commit = this.#changed ? `${this.#commit} and changes` : this.#commit;
        const date = new Date().toISOString().slice(0, 10);
        const line = `${start(fault)} ${ended} | ${Math.round(took)} | ${seed} | ${commit} | ${date} |`;
        const others = lines().filter((one) => !one.startsWith(start(fault)));
        fs.writeFileSync(FILE, `${HEADING}${[...others, line].sort().join("\n")}\n`);
    }
}

/** Read each time, as other files of tests write there too. */
function lines(): string[] {
    const text = fs.existsSync(FILE) ? fs.readFileSync(FILE, "utf8") : "";
    return text.split("\n").filter((line) => /^\| (upgrade|migration|rollback) \|/.test(line));
}

function start(fault: Fault): string {
    return `| ${fault.change} | ${fault.name} |`;
}

function git(...args: string[]): string {
    return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
}
