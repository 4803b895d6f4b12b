import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

import { lookOrRecent } from "../../recentLook";

describe("the look of a preview", () => {
    let directory: string;
    let looks: number;

    const ask = (preview: boolean, of = "a server") =>
        lookOrRecent(of, preview, () => Promise.resolve(`look ${++looks}`), { XDG_CACHE_HOME: directory });
    const kept = () => path.join(directory, "specivo-pulumi", "looks");
    const keptFile = () => path.join(kept(), readdirSync(kept())[0] ?? "");
    /** As if it had begun that many seconds ago. */
    const age = (seconds: number) => {
        const at = Date.now() / 1000 - seconds;
        utimesSync(keptFile(), at, at);
    };

    beforeEach(() => {
        directory = mkdtempSync(path.join(tmpdir(), "looks-"));
        looks = 0;
    });
    afterEach(() => {
        rmSync(directory, { recursive: true });
    });

    it("serves the update that follows at once, and only that one", async () => {
        assert.equal(await ask(true), "look 1");
        age(4);
        assert.equal(await ask(false), "look 1");
        assert.equal(await ask(false), "look 2");
        assert.deepEqual(readdirSync(kept()), []);
    });

    it("serves no update that comes later, or before it by a clock that was set back", async () => {
        await ask(true);
        age(5.001);
        assert.equal(await ask(false), "look 2");
        await ask(true);
        age(-60);
        assert.equal(await ask(false), "look 4");
    });

    it("serves no other server, and no other preview", async () => {
        await ask(true);
        assert.equal(await ask(false, "another server"), "look 2");
        assert.equal(await ask(true), "look 3");
    });

    it("is not kept when it fails", async () => {
        const environment = { XDG_CACHE_HOME: directory };
        await assert.rejects(lookOrRecent("a server", true, () => Promise.reject(new Error("no answer")), environment));
        assert.equal(await ask(false), "look 1");
    });

    it("is for its user alone", async () => {
        await ask(true);
        assert.equal(statSync(kept()).mode & 0o777, 0o700);
        assert.equal(statSync(keptFile()).mode & 0o777, 0o600);
    });

    it("is done without where nothing can be kept", async () => {
        writeFileSync(path.join(directory, "specivo-pulumi"), "");
        assert.equal(await ask(true), "look 1");
        assert.equal(await ask(false), "look 2");
    });
});
