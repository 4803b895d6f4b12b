import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";

import { headOf, pendingMigrations } from "../../plan/migrations";
import { parseVersion } from "../../plan/versions";

const version = (text: string) => parseVersion(text) ?? assert.fail(text);

describe("migrations", () => {
    it("end at the revision that the lab's releases end at, which follow the original's", () => {
        const file = path.join(__dirname, "../../lab/images/specivo/releases.json");
        const { releases } = JSON.parse(readFileSync(file, "utf8")) as { releases: Record<string, { head: string }> };
        const told = Object.keys(releases).map((release) => [release, headOf(version(release))]);
        assert.deepEqual(
            Object.fromEntries(told),
            Object.fromEntries(Object.entries(releases).map(([k, v]) => [k, v.head])),
        );
        assert.ok(told.length >= 16);
    });

    it("that will run are those between the database and the release", () => {
        const revisions = (current: string, to: string) => {
            const { migrations, complete } = pendingMigrations(current, version(to));
            return [migrations.map(({ revision }) => revision), complete];
        };
        assert.deepEqual(revisions("0020", "0.1.10"), [[], true]);
        assert.deepEqual(revisions("0020", "0.2.0"), [["0021", "0022", "0023"], true]);
        assert.deepEqual(revisions("0027", "0.8.0"), [["0028", "0029", "0030", "0031", "0032"], true]);
    });

    it("of a release that is not known here are not all known", () => {
        assert.equal(headOf(version("0.9.0")), undefined);
        const { migrations, complete } = pendingMigrations("0031", version("0.9.0"));
        assert.deepEqual([migrations.map(({ revision }) => revision), complete], [["0032"], false]);
    });
});
