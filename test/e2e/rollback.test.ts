import * as assert from "node:assert/strict";
import { cleanUp } from "../support/clean-up";
import { differences, Droplet, fingerprint, newDroplet, on, removeDroplet } from "../support/lab";
import { Installed } from "../support/instance";
import { People } from "../support/people";
import { Stack } from "../support/stack";

interface LedgerLine {
    readonly kind: string;
    readonly id?: string;
    readonly state?: string;
    readonly purpose?: string;
    readonly transition?: string;
    readonly restore?: string | null;
}

describe("a rollback over a migration", function () {
    this.timeout(300_000);
    const name = "e2e-rollback";
    let droplet: Droplet;
    let stack: Stack;
    let people: People;
    /** Rows and files when the writers were stopped for the upgrade, and on the new version after people had written. */
    let atCutOver: string;
    let newer: string;

    before(async () => {
        droplet = await newDroplet(name, "0.1.10");
        people = new People(new Installed(droplet));
        stack = await Stack.create(name, droplet);
        await stack.configure(droplet, "0.2.0", "a password for backups");
        atCutOver = await fingerprint(droplet);
    });

    after(() =>
        cleanUp(
            () => Stack.remove(name),
            () => removeDroplet(name),
        ),
    );

    const ledger = async () => (JSON.parse(await on(droplet, "specivo-host ledger")) as { lines: LedgerLine[] }).lines;
    const restored = async () =>
        (await ledger()).filter(({ state, restore }) => state === "begun" && typeof restore === "string").length;

    async function up(): Promise<string> {
        const ended = await stack.up();
        assert.equal(ended.status, 0, ended.output);
        return ended.output;
    }

    async function version(): Promise<string> {
        return (JSON.parse(await on(droplet, "specivo-host facts")) as { version: string }).version;
    }

    it("0.2.0 migrates, and what was there before lies off the host, proven", async () => {
        const output = await up();
        assert.match(output, /keeping the database as it is now/);
        assert.equal(await version(), "0.2.0");
        const [point] = (await ledger()).filter(({ purpose }) => purpose === "restore-point");
        assert.equal(point?.transition, "0.1.10-to-0.2.0#1");
        assert.match(output, new RegExp(`restorePoint: "${point?.id}"`));
        const { history } = (await stack.outputs()) as { history: string[] };
        const [line = ""] = history;
        assert.match(
            line,
            /^\S+Z {2}0\.1\.10-to-0\.2\.0#1 {2}upgrade finished after \d+ s \(preflight \d.*, verify \d+, restore-point \d+\), nobody served for [1-9]\d* ms, schema 0020 -> 0023, backup [0-9a-f]{8}, image sha256:[0-9a-f]{12}$/,
        );
        assert.ok(output.includes(line));
    });

    it("the reverted config puts it back whole, and preview has said what is set aside", async () => {
        await people.writeIssue("written on 0.2.0");
        await people.attach(50_000);
        newer = await fingerprint(droplet);
        await stack.set({ specivoVersion: "0.1.10" });
        const preview = await stack.preview();
        assert.match(preview.output, /rollback: Specivo 0\.2\.0 -> 0\.1\.10/);
        assert.match(preview.output, /goes back to that of .* ago: [0-9a-f]{8}, made for 0\.1\.10-to-0\.2\.0#1/);
        assert.match(
            preview.output,
            /set aside: \d+ rows \(.*issues 1.*\) and 1 files written since; it stays on the server/,
        );
        await up();
        assert.equal(await version(), "0.1.10");
        assert.equal(await differences(atCutOver, await fingerprint(droplet)), "");
        const waiting = "docker exec $(docker ps -qf label=com.docker.compose.service=redis) redis-cli llen celery";
        assert.equal((await on(droplet, waiting)).trim(), "0");
    });

    it("nothing puts it back a second time: not a later up, a lost state, a repair", async () => {
        await people.writeIssue("written on 0.1.10 again");
        const written = await fingerprint(droplet);
        const again = await stack.up("--expect-no-changes");
        assert.equal(again.status, 0, again.output);

        await stack.forget();
        await stack.configure(droplet, "0.1.10", "a password for backups");
        await up();
        assert.equal(await differences(written, await fingerprint(droplet)), "");

        await on(droplet, "docker stop -t 1 $(docker ps -qf label=com.docker.compose.service=celery-beat)");
        assert.match(await up(), /repair: Specivo 0\.1\.10 -> 0\.1\.10/);
        assert.equal(await differences(written, await fingerprint(droplet)), "");
        assert.equal(await restored(), 1);
    });

    it("what was set aside is in a backup, and can be put back by its id", async () => {
        const points = (await ledger()).filter(({ purpose }) => purpose === "restore-point");
        const { id = "" } = points.find(({ transition }) => transition === "0.2.0-to-0.1.10#2") ?? {};
        const ended = await on(droplet, `specivo-host restore ${id.slice(0, 8)} </dev/null`);
        assert.match(ended, /"version":"0\.2\.0"/);
        assert.equal(await differences(newer, await fingerprint(droplet)), "");
    });

    it("data older than rollbackWindow needs its id, which counts once", async () => {
        await stack.set({ specivoVersion: "0.1.10", rollbackWindow: "1s" });
        const refused = await stack.up();
        assert.notEqual(refused.status, 0);
        const id =
            /pulumi config set restoreFrom ([0-9a-f]{8})`/.exec(refused.output)?.[1] ?? assert.fail(refused.output);
        await stack.set({ restoreFrom: id });
        await up();
        assert.equal(await version(), "0.1.10");
        await people.writeIssue("written after that");
        const written = await fingerprint(droplet);
        const again = await stack.up("--expect-no-changes");
        assert.equal(again.status, 0, again.output);
        assert.match(again.output, new RegExp(`restoreFrom \\(${id}\\) was put back by .* and is ignored`));
        assert.equal(await differences(written, await fingerprint(droplet)), "");
    });

    it("with PostgreSQL itself broken it still ends on the old version", async () => {
        const before = await fingerprint(droplet);
        await stack.set({ specivoVersion: "0.2.0", rollbackWindow: "1h" });
        await up();
        await on(
            droplet,
            "cd /opt/specivo && docker stop -t 5 specivo-db-1 && rm specivo-data/postgresql/18/docker/global/pg_control && docker start specivo-db-1",
        );
        await stack.set({ specivoVersion: "0.1.10" });
        assert.match(await up(), /PostgreSQL does not answer: its data directory is moved aside whole/);
        assert.equal(await version(), "0.1.10");
        assert.equal(await differences(before, await fingerprint(droplet)), "");
        await on(droplet, "ls -d /opt/specivo/specivo-data/postgresql.before-*");
    });
});
