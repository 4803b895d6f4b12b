import * as assert from "node:assert/strict";
import { cleanUp } from "../support/clean-up";
import { Installed } from "../support/instance";
import { Droplet, newDroplet, on, removeDroplet } from "../support/lab";
import { Stack } from "../support/stack";

describe("Specivo on a server where there is none", function () {
    this.timeout(300_000);
    const name = "e2e-install";
    let droplet: Droplet;
    let installed: Installed;
    let stack: Stack;

    before(async () => {
        droplet = await newDroplet(name, "none");
        installed = new Installed(droplet);
        stack = await Stack.create(name, droplet);
        await stack.configure(droplet, "0.1.10");
    });

    after(() =>
        cleanUp(
            () => Stack.remove(name),
            () => removeDroplet(name),
        ),
    );

    it("is not installed by itself, and the refusal says how it would be", async () => {
        const { status, output } = await stack.up();
        assert.notEqual(status, 0);
        assert.match(output, /There is no Specivo in \/opt\/specivo .* or specivo:adminEmail to have one installed\./);
        assert.equal(await on(droplet, "ls -d /opt/specivo 2>/dev/null || true"), "");
    });

    it("is installed, taken over and backed up by one up, which preview has announced", async () => {
        await stack.set({ adminEmail: "admin@example.org" });
        const preview = await stack.preview();
        assert.equal(preview.status, 0, preview.output);
        assert.match(preview.output, /install: Specivo 0\.1\.10 in \/opt\/specivo/);
        const up = await stack.up();
        assert.equal(up.status, 0, up.output);
        assert.match(up.output, /backup [0-9a-f]{8} in .* is proven/);
        assert.match(up.output, /direction *: "adopt"/);
        assert.equal(await installed.status(), 302);
    });

    it("has secrets of its own, which are on the server alone, and an administrator", async () => {
        assert.equal(await on(droplet, "stat -c %a /opt/specivo/.env /opt/specivo/.admin-password"), "600\n600\n");
        const { SECRET_KEY = "", POSTGRES_PASSWORD = "" } = await installed.file(".env");
        const password = (await on(droplet, "cat /opt/specivo/.admin-password")).trim();
        const state = await stack.export();
        for (const secret of [SECRET_KEY, POSTGRES_PASSWORD, password]) {
            assert.match(secret, /^[0-9a-f]{30,128}$/);
            assert.ok(!state.includes(secret));
            assert.equal(await on(droplet, `grep -rlF ${secret} /var/lib/specivo-upgrade/*/jobs || true`), "");
        }
        const signIn = async (word: string) => {
            const body = JSON.stringify({ login: "admin", password: word });
            const headers = { "content-type": "application/json" };
            return (await fetch(`${droplet.url}/api/v1/auth/login/`, { method: "POST", headers, body })).status;
        };
        assert.deepEqual([await signIn(password), await signIn("another")], [200, 401]);
        assert.equal(await on(droplet, "ls -A /opt/specivo/specivo-data | grep bootstrap || true"), "");
    });

    it("is as it was at a second up, and after a refresh", async () => {
        for (const more of [[], ["--refresh"]]) {
            const { status, output } = await stack.up("--expect-no-changes", ...more);
            assert.equal(status, 0, output);
        }
    });

    it("is upgraded like any other", async () => {
        await stack.set({ specivoVersion: "0.2.0" });
        const { status, output } = await stack.up();
        assert.equal(status, 0, output);
        const facts = JSON.parse(await on(droplet, "specivo-host facts")) as { database: { revision: string } };
        assert.equal(facts.database.revision, "0023");
    });
});
