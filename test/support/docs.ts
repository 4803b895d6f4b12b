import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";

import { root } from "./run";

/** The pages for people, seen from the repository's folder. */
export const PAGES: readonly string[] = [
    "README.md",
    "CONTRIBUTING.md",
    ...readdirSync(path.join(root, "docs"))
        .filter((name) => name.endsWith(".md"))
        .map((name) => `docs/${name}`),
];

/** Those whose commands `test/e2e/docs.test.ts` runs, in this order. The README's are among them. */
export const RUN_PAGES = [
    "docs/first-upgrade.md",
    "docs/pull-requests.md",
    "docs/rollback.md",
    "docs/worst-day.md",
    "docs/adopting.md",
    "docs/several-instances.md",
    "CONTRIBUTING.md",
] as const;

/** A fenced block of shell. */
export interface Block {
    readonly page: string;
    /** A line each, without its comment. */
    readonly commands: readonly string[];
    /** What one has to have for them, such as `DigitalOcean`; for that no test runs them. */
    readonly account?: string;
    /** Files that run them; undefined for `test/e2e/docs.test.ts`. */
    readonly runBy?: readonly string[];
}

export const readPage = (page: string): string => readFileSync(path.join(root, page), "utf8");

/** The page's blocks of shell, each with what the comment before it says: `needs an account: …` or `run by …`. */
export function blocksOf(page: string): Block[] {
    return [...readPage(page).matchAll(/(?:^<!-- (.*) -->\n)?^```sh\n([^]*?)^```$/gm)].map(
        ([, mark = "", text = ""]) => {
            const account = /^needs an account: (.+)$/.exec(mark)?.[1];
            const runBy = /^run by (.+)$/.exec(mark)?.[1]?.split(", ");
            if (mark !== "" && account === undefined && runBy === undefined) {
                throw new Error(
                    `${page}: <!-- ${mark} --> before a block says neither "needs an account: …" nor "run by …".`,
                );
            }
            const commands = text
                .split("\n")
                .map((line) => line.replace(/(^|\s+)# .*$/, "").trim())
                .filter((line) => line !== "");
            return { page, commands, ...(account && { account }), ...(runBy && { runBy }) };
        },
    );
}

/** The commands that `test/e2e/docs.test.ts` runs of a page, block by block. */
export function blocksToRun(page: (typeof RUN_PAGES)[number]): (readonly string[])[] {
    return blocksOf(page)
        .filter(({ account, runBy }) => account === undefined && runBy === undefined)
        .map(({ commands }) => commands);
}
