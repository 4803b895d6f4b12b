import * as assert from "node:assert/strict";
import { Droplet, newDroplet, on, removeDroplet } from "../support/lab";
import { HowTo } from "./commands";

/** Releases in the order in which the how-to would have an administrator go through them, with the schema of each. */
const HOPS: [version: string, head: string][] = [
    ["0.1.10", "0020"],
    ["0.2.0", "0023"],
    ["0.3.0", "0025"],
    ["0.4.2", "0026"],
    ["0.5.0", "0026"],
    ["0.6.0", "0026"],
    ["0.7.0", "0027"],
    ["0.8.0", "0032"],
];

/** What each migration of the hops adds: rows in these tables, and none anywhere else. */
const EXPECTED = { users: 1, roles: 1, settings: 1 };

describe("the how-to's commands, from 0.1.9 to 0.8.0", function () {
    this.timeout(300_000);
    let droplet: Droplet;
    let admin: HowTo;
    let rowsBefore: Record<string, number>;

    before(async () => {
        droplet = await newDroplet("how-to-chain", "0.1.9");
        admin = new HowTo(droplet);
        rowsBefore = await rows();
    });

    after(() => removeDroplet("how-to-chain"));

    async function rows(): Promise<Record<string, number>> {
        const tables = ["users", "roles", "settings", "projects", "issues", "wiki_contents", "attachments", "api_keys"];
        const query = tables.map((table) => `'${table}', (SELECT count(*) FROM ${table})`).join(", ");
        return JSON.parse(await admin.sql(`SELECT json_build_object(${query})`)) as Record<string, number>;
    }

    for (const [version, head] of HOPS) {
        it(`${version} starts, on schema ${head}`, async () => {
            await admin.backUp(version);
            const up = await admin.upgrade(version);
            assert.equal(up.status, 0, up.output);
            assert.deepEqual(await admin.verify(), {
                images: [`specivo/specivo:${version}`],
                status: "302",
                revision: `${head} (head)`,
            });
        });
    }

    it("each row of 0.1.9 is still there, beside what the migrations add", async () => {
        const expected = Object.entries(rowsBefore).map(([table, count]): [string, number] => [
            table,
            count + (EXPECTED[table as keyof typeof EXPECTED] ?? 0),
        ]);
        assert.deepEqual(await rows(), Object.fromEntries(expected));
        const issues = await on(
            droplet,
            `curl -fsS -H "Authorization: Bearer $(cat /root/specivo-api-key)" ${droplet.url}/api/v1/issues/`,
        );
        assert.match(issues, /"subject":/);
    });
});
