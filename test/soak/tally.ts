import * as fs from "node:fs";
import * as path from "node:path";
import { productCommitName } from "../support/commit";
import { root } from "../support/run";

const FILE = path.join(root, "docs/soak.md");
const HEADING = `# The soak

\`npm run test:soak\` writes this: one instance was upgraded and rolled back at random, half of the times with a fault at a random
moment, and people wrote before each. After each the instance was healthy on the old or the new version, with exactly the issues
that were to be there. Interrupted, it goes on counting, with a new instance.

| change | fault | ended there | put back | seeds and commits |
|---|---|---|---|---|
`;

interface Row {
    readonly there: number;
    readonly back: number;
    readonly runs: readonly string[];
}

/** How transitions ended, counted over several runs in a table in docs/. */
export class Tally {
    readonly #run: string;
    readonly #rows = new Map<string, Row>();

    constructor(seed: number) {
        this.#run = `${seed} on ${productCommitName()} (${new Date().toISOString().slice(0, 10)})`;
        const text = fs.existsSync(FILE) ? fs.readFileSync(FILE, "utf8") : "";
        for (const line of text.split("\n").filter((one) => /^\| \d/.test(one))) {
            const [change, kind, there, back, runs] = line.slice(2, -2).split(" | ");
            this.#rows.set(`${change} | ${kind}`, {
                there: Number(there),
                back: Number(back),
                runs: runs?.split(", ") ?? [],
            });
        }
    }

    get count(): number {
        return [...this.#rows.values()].reduce((sum, { there, back }) => sum + there + back, 0);
    }

    add(change: string, kind: string, ended: "there" | "back"): void {
        const key = `${change} | ${kind}`;
        const row = this.#rows.get(key) ?? { there: 0, back: 0, runs: [] };
        this.#rows.set(key, { ...row, [ended]: row[ended] + 1, runs: [...new Set([...row.runs, this.#run])] });
        const lines = [...this.#rows].map(
            ([name, { there, back, runs }]) => `| ${name} | ${there} | ${back} | ${runs.join(", ")} |`,
        );
        const sums = `\n${this.count} transitions, none of which lost anything.\n`;
        fs.writeFileSync(FILE, `${HEADING}${lines.sort().join("\n")}\n${sums}`);
    }
}
