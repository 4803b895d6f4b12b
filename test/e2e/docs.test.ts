import * as assert from "node:assert/strict";

import { Admin } from "../support/admin";
import { cleanUp } from "../support/clean-up";
import { blocksToRun, RUN_PAGES } from "../support/docs";
import { differences, Droplet, fingerprint, newDroplet, on, removeDroplet } from "../support/lab";

/** One admin goes through the documents, with one server that has Specivo 0.1.9 on it. */
describe("the commands in the documents", function () {
    this.timeout(600_000);
    this.bail(true);
    const name = "e2e-docs";
    const went: string[] = [];
    let droplet: Droplet;
    let admin: Admin;
    let data: string;

    before(async () => {
        droplet = await newDroplet(name, "0.1.9");
        data = await fingerprint(droplet);
        admin = new Admin(droplet);
    });

    after(() =>
        cleanUp(
            () => admin?.remove(),
            () => removeDroplet(name),
        ),
    );

    async function type(commands: readonly string[], id?: string): Promise<string> {
        let output = "";
        for (const command of commands) {
            const ended = await admin.type(command, id);
            assert.equal(ended.status, 0, `${command}\n${ended.output}`);
            output += ended.output;
        }
        return output;
    }

    function blocks(page: (typeof RUN_PAGES)[number], count: number): (readonly string[])[] {
        went.push(page);
        const found = blocksToRun(page);
        assert.equal(found.length, count, `${page} has other blocks than this test knows`);
        return found;
    }

    async function version(): Promise<string> {
        return (JSON.parse(await on(droplet, "specivo-host facts")) as { version: string }).version;
    }

    it("upgrade a server that is reached by address and key, from a fresh clone", async () => {
        const [path = [], next = []] = blocks("docs/first-upgrade.md", 2);
        assert.match(await type(path), /upgrade: Specivo 0\.1\.9 -> 0\.1\.10/);
        assert.equal(await version(), "0.1.10");
        assert.equal(await differences(data, await fingerprint(droplet)), "");
        assert.match(await type(next), /24 unchanged/);
    });

    it("tell the plan as Markdown, and the history as a page", async () => {
        const output = await type(blocks("docs/pull-requests.md", 2).flat());
        assert.match(output, /^### Specivo on prod: nothing to do/m);
        assert.match(output, /The history is in report\.html\./);
    });

    it("go back, and back to data that has to be named", async () => {
        const [back = [], named = [], out = []] = blocks("docs/rollback.md", 3);
        assert.match(await type(back), /rollback: Specivo 0\.1\.10 -> 0\.1\.9/);
        assert.equal(await version(), "0.1.9");

        await type(["pulumi config set specivoVersion 0.2.0", "pulumi config set rollbackWindow 1s", "pulumi up"]);
        await type(["pulumi config set specivoVersion 0.1.9"]);
        const { output } = await admin.type("pulumi up");
        const id = /pulumi config set restoreFrom ([0-9a-f]{8})`/.exec(output)?.[1] ?? assert.fail(output);
        assert.match(await type(named, id), /rollback: Specivo 0\.2\.0 -> 0\.1\.9/);
        assert.equal(await differences(data, await fingerprint(droplet)), "");
        await type([...out, "pulumi up"]);
    });

    it("bring back a backup on the server, without Pulumi", async () => {
        const days = blocks("docs/worst-day.md", 6);
        const { backups } = JSON.parse(await on(droplet, "specivo-host backups")) as {
            backups: { id: string; version: string }[];
        };
        const id = backups.find((backup) => backup.version === "0.1.10")?.id.slice(0, 8) ?? assert.fail();
        const output = await type(days.flat(), id);
        assert.match(output, new RegExp(`backup ${id} can be restored: \\d+ rows`));
        assert.equal(await version(), "0.1.10");
        assert.equal(await differences(data, await fingerprint(droplet)), "");
    });

    it("adopt a server that the program has never seen", async () => {
        // Back to what somebody has installed by hand, with a stack that knows nothing of it.
        await type(["pulumi up", "pulumi stack rm prod --yes --force --preserve-config", "pulumi stack init prod"]);
        await on(droplet, "rm -r /var/lib/specivo-upgrade /usr/local/sbin/specivo-host");
        assert.match(await type(blocks("docs/adopting.md", 1).flat()), /adopt: Specivo 0\.1\.9 -> 0\.1\.9/);
        assert.equal(await version(), "0.1.9");
    });

    it("keep a second stack beside it", async () => {
        const output = await type(blocks("docs/several-instances.md", 2).flat());
        assert.match(output, /^prod\b.*\n(?:.*\n)*?^staging\*/m);
    });

    it("make what is made from the sources, as it lies in git", async () => {
        await type([...blocks("CONTRIBUTING.md", 1).flat(), "git diff --exit-code -- . :!Pulumi.prod.yaml"]);
    });

    it("were those of every page", () => assert.deepEqual(went, [...RUN_PAGES]));
});
