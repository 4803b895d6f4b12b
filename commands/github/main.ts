// Tells on GitHub what comes in on stdin: as one comment, or as one issue, which is edited from then on.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { runCommand, UsageError } from "../command";
import { readRepository } from "./api";
import { closeIssue, upsertComment, upsertIssue } from "./upsert";

/** The account of a workflow's own token. */
const WORKFLOW = "github-actions[bot]";

async function main(): Promise<void> {
    const { positionals, values } = parseArgs({
        allowPositionals: true,
        options: {
            mark: { type: "string", default: "" },
            on: { type: "string", default: "" },
            title: { type: "string", default: "" },
            author: { type: "string", default: WORKFLOW },
        },
    });
    const { mark, on, title, author } = values;
    const [what, more] = positionals;
    if (more !== undefined || mark === "") {
        throw new UsageError("Give what to do (comment, issue or close-issue) and --mark, by which it is found again.");
    }
    const repository = readRepository(process.env);
    const told = { mark, author, body: readFileSync(0, "utf8") };
    if (what === "comment") {
        if (!/^[1-9]\d*$/.test(on)) {
            throw new UsageError(`--on is ${JSON.stringify(on)}: give the number of the pull request.`);
        }
        await upsertComment(repository, Number(on), told);
    } else if (what === "issue") {
        await upsertIssue(repository, title === "" ? mark : title, told);
    } else if (what === "close-issue") {
        await closeIssue(repository, told);
    } else {
        throw new UsageError(`There is no ${JSON.stringify(what)}: it is comment, issue or close-issue.`);
    }
}

runCommand(main);
