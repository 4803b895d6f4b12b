import * as fs from "node:fs";
import * as path from "node:path";
import { productCommit, productCommitName } from "../support/commit";
import { root } from "../support/run";
import type { Fault } from "./catalogue/fault";

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
    readonly #commit = productCommit();

    /** With any of the product changed, all is run again. */
    has(fault: Fault): boolean {
        return !this.#commit.changed && rowOf(fault)?.includes(`| ${this.#commit.id} |`) === true;
    }

    /** Whether it was withstood once, on whichever commit. */
    knows(fault: Fault): boolean {
        return rowOf(fault) !== undefined;
    }

    /** What it took then. */
    seconds(fault: Fault): number {
        return Number(rowOf(fault)?.split(" | ")[3] ?? 0);
    }

    add(fault: Fault, ended: string, took: number, seed: number): void {
        const date = new Date().toISOString().slice(0, 10);
        const line = `${start(fault)} ${ended} | ${Math.round(took)} | ${seed} | ${productCommitName()} | ${date} |`;
        const others = lines().filter((one) => !one.startsWith(start(fault)));
        fs.writeFileSync(FILE, `${HEADING}${[...others, line].sort().join("\n")}\n`);
    }
}

/** Read each time, as other files of tests write there too. */
function lines(): string[] {
    const text = fs.existsSync(FILE) ? fs.readFileSync(FILE, "utf8") : "";
    return text.split("\n").filter((line) => /^\| (upgrade|migration|rollback) \|/.test(line));
}

function rowOf(fault: Fault): string | undefined {
    return lines().find((line) => line.startsWith(start(fault)));
}

function start(fault: Fault): string {
    return `| ${fault.change} | ${fault.name} |`;
}
