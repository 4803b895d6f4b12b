import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

/** Keeps the tables of the README true. */
describe("the statements in test/providers/README.md", () => {
    const lines = readFileSync(path.join(__dirname, "README.md"), "utf8").split("\n");
    const rows = lines.filter((line) => line.startsWith("| ") && !line.startsWith("| statement "));
    const sources = new Map<string, string>();

    function source(name: string): string {
        const text = sources.get(name) ?? readFileSync(path.join(__dirname, `${name}.test.ts`), "utf8");
        sources.set(name, text);
        return text;
    }

    /** Whether it names a test that is there, or a reason why there is none. */
    function holds(test: string): boolean {
        const [, file, title] = /^`([a-z/]+)`: (.+)$/.exec(test) ?? [];
        if (file === undefined || title === undefined) {
            return /^none[^:]*: \S/.test(test);
        }
        return ['it("', "it(`"].some((begin) => source(file).includes(begin + title));
    }

    it("each have a test that is there, or a reason why there is none", () => {
        const unproven = rows.filter((row) => {
            const [, tests = "", ...rest] = row.slice(2, -2).split(" | ");
            return rest.length > 0 || !tests.split("<br>").every(holds);
        });
        assert.deepEqual(unproven, []);
        assert.ok(rows.length > 40);
    });
});
