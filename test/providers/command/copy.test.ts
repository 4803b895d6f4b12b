import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Json } from "../support/calls";
import { CommandStage, COPY, properties } from "../support/command-stage";
import { conformance } from "../support/plugins";
import { fileArchive, fileAsset, textAsset, UNKNOWN } from "../support/values";

conformance("command", "CopyToRemote", (plugin) => {
    let stage: CommandStage;
    /** What is copied lies here. */
    let sources: string;

    before(async () => {
        stage = await CommandStage.start(plugin);
        sources = path.join(stage.folder, "sources");
        mkdirSync(path.join(sources, "dir/sub"), { recursive: true });
        writeFileSync(path.join(sources, "dir/script"), "#!/bin/sh\n", { mode: 0o755 });
        writeFileSync(path.join(sources, "dir/sub/deep"), "deep");
        writeFileSync(path.join(sources, "dir/empty"), "");
        writeFileSync(path.join(sources, "file"), "content of a file");
    });

    after(() => stage?.stop());

    beforeEach(() => {
        stage.server.asked.length = 0;
    });

    const inputs = (source: Json, remotePath: string) => ({ connection: stage.connection(), source, remotePath });
    const copy = (source: Json, remotePath: string, preview = false) =>
        stage.process.call("Create", { ...COPY, properties: inputs(source, remotePath), preview });
    const update = (before: Json, after: Json) =>
        stage.process.call("Update", { ...COPY, id: "x", olds: before, oldInputs: before, news: after });
    const there = (name: string) => path.join(stage.folder, name);
    const content = (name: string) => readFileSync(there(name), "utf8");

    it("writes a text, and the folders above it", async () => {
        const answer = await copy(textAsset("héllo\n"), "/root/a/b/text");
        assert.equal(content("a/b/text"), "héllo\n");
        assert.deepEqual(properties(answer), inputs(textAsset("héllo\n"), "/root/a/b/text"));
        assert.match(answer.response?.id as string, /^[0-9a-f]{8}$/);
    });

    it("writes a file, and the folders above it", async () => {
        properties(await copy(fileAsset(path.join(sources, "file")), "/root/c/d/file"));
        assert.equal(content("c/d/file"), "content of a file");
    });

    it("writes a long file whole", async () => {
        const long = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) % 251));
        writeFileSync(path.join(sources, "long"), long);
        properties(await copy(fileAsset(path.join(sources, "long")), "/root/long"));
        assert.ok(readFileSync(there("long")).equals(long));
    });

    it("puts a file into a folder that is there, and overwrites a file that is", async () => {
        mkdirSync(there("e"));
        properties(await copy(fileAsset(path.join(sources, "file")), "/root/e"));
        assert.equal(content("e/file"), "content of a file");
        writeFileSync(there("e/other"), "a longer text that was there before");
        properties(await copy(fileAsset(path.join(sources, "file")), "/root/e/other"));
        assert.equal(content("e/other"), "content of a file");
    });

    it("does not write a text over a folder", async () => {
        mkdirSync(there("f"));
        const { error = "" } = await copy(textAsset("text"), "/root/f");
        assert.match(
            error,
            /remote path \/root\/f is a directory; when using a text asset, remotePath must be a file path$/,
        );
    });

    it("puts a folder into the destination, whether that is there or not", async () => {
        properties(await copy(fileArchive(path.join(sources, "dir")), "/root/g/new"));
        assert.equal(content("g/new/dir/sub/deep"), "deep");
        assert.equal(content("g/new/dir/empty"), "");
        mkdirSync(there("g/old"));
        properties(await copy(fileArchive(path.join(sources, "dir")), "/root/g/old"));
        assert.equal(content("g/old/dir/sub/deep"), "deep");
    });

    it("puts what is in a folder into the destination when the folder's path ends with a slash", async () => {
        properties(await copy(fileArchive(`${path.join(sources, "dir")}/`), "/root/h"));
        assert.equal(content("h/sub/deep"), "deep");
    });

    it("does not put a folder where a file is", async () => {
        writeFileSync(there("i"), "");
        assert.ok((await copy(fileArchive(path.join(sources, "dir")), "/root/i")).error);
        assert.equal(content("i"), "");
    });

    it("overwrites a folder, and does not sync it: what has gone from the source stays", async () => {
        mkdirSync(path.join(sources, "changing"));
        writeFileSync(path.join(sources, "changing/kept"), "old");
        writeFileSync(path.join(sources, "changing/gone"), "gone from the source");
        const before = inputs(fileArchive(path.join(sources, "changing"), "before"), "/root/j");
        properties(await copy(before.source, "/root/j"));
        writeFileSync(path.join(sources, "changing/kept"), "new");
        rmSync(path.join(sources, "changing/gone"));
        properties(await update(before, inputs(fileArchive(path.join(sources, "changing"), "after"), "/root/j")));
        assert.equal(content("j/changing/kept"), "new");
        assert.equal(content("j/changing/gone"), "gone from the source");
    });

    it("loses execute bits", async () => {
        properties(await copy(fileArchive(path.join(sources, "dir")), "/root/k"));
        assert.equal(statSync(path.join(sources, "dir/script")).mode & 0o111, 0o111);
        assert.equal(statSync(there("k/dir/script")).mode & 0o111, 0);
    });

    it("sets neither mode nor owner, so that a file that is there keeps its own", async () => {
        writeFileSync(there("private"), "before, and longer", { mode: 0o600 });
        chmodSync(there("private"), 0o600);
        properties(await copy(textAsset("after"), "/root/private"));
        assert.equal(content("private"), "after");
        assert.equal(statSync(there("private")).mode & 0o777, 0o600);
        assert.deepEqual(stage.server.asked, []);
    });

    it("is checked to have something to copy", async () => {
        const reason = async (source: unknown) => {
            const news = { ...inputs({}, "/root/x"), source };
            const { response } = await stage.process.call("Check", { ...COPY, news });
            return (response?.failures as { property: string; reason: string }[] | undefined)?.[0]?.reason;
        };
        assert.equal(await reason(textAsset("text")), undefined);
        assert.equal(await reason(fileArchive("/anywhere")), undefined);
        assert.equal(await reason(UNKNOWN), undefined);
        assert.equal(await reason("text"), "either asset or archive must be set");
    });

    it("copies nothing in a preview", async () => {
        const { connections } = stage.server;
        const { response } = await copy(textAsset("text"), "/root/preview", true);
        assert.deepEqual(response, { properties: inputs(textAsset("text"), "/root/preview") });
        assert.equal(stage.server.connections, connections);
    });

    it("copies again when content or destination have changed, and not when anything else has", async () => {
        const before = inputs(textAsset("one"), "/root/l");
        const { connections } = stage.server;
        const elsewhere = stage.connection({ perDialTimeout: 6 });
        properties(await update(before, { ...before, connection: elsewhere, triggers: ["2"] }));
        assert.equal(stage.server.connections, connections);
        properties(await update(before, inputs(textAsset("two"), "/root/l")));
        assert.equal(content("l"), "two");
        properties(await update(before, inputs(textAsset("one"), "/root/m")));
        assert.equal(content("m"), "one");
        assert.equal(content("l"), "two");
    });

    it("is not taken away by delete", async () => {
        properties(await copy(textAsset("stays"), "/root/stays"));
        const state = inputs(textAsset("stays"), "/root/stays");
        const { connections } = stage.server;
        const deleted = await stage.process.call("Delete", { ...COPY, id: "x", properties: state, oldInputs: state });
        assert.deepEqual(deleted.response, {});
        assert.ok(existsSync(there("stays")));
        assert.equal(stage.server.connections, connections);
    });

    it("is not looked at by refresh", async () => {
        rmSync(there("stays"));
        const state = inputs(textAsset("stays"), "/root/stays");
        const { connections } = stage.server;
        const read = await stage.process.call("Read", { ...COPY, id: "x", properties: state, inputs: state });
        assert.deepEqual(read.response, { id: "x", properties: state, inputs: state });
        assert.equal(stage.server.connections, connections);
    });
});
