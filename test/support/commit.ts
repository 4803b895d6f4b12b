import { execFileSync } from "node:child_process";
import { root } from "./run";

/** What a long run's result is of. */
const PRODUCT = ["components", "host", "plan", ":(glob)*.ts", "package.json"];

/** The commit that the product is of, and whether it was changed since. */
export function productCommit(): { readonly id: string; readonly changed: boolean } {
    const id = git("log", "-1", "--format=%h", "--", ...PRODUCT);
    return { id, changed: git("status", "--porcelain", "--", ...PRODUCT) !== "" };
}

/** In words, for a table. */
export function productCommitName(): string {
    const { id, changed } = productCommit();
    return changed ? `${id} and changes` : id;
}

function git(...args: string[]): string {
    return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
}
