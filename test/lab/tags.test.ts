import * as assert from "node:assert/strict";
import { tag, untag } from "../support/faults";
import { Droplet, newDroplet, on, removeDroplet, tryOn } from "../support/lab";
import { run } from "../support/run";

const NAME = "faults-tags";

describe("tags that appear, move and vanish", function () {
    this.timeout(120_000);
    // One that no earlier run has left.
    const fresh = `0.1.${Date.now()}`;
    const repository = "faults-tags/specivo";
    let droplet: Droplet;

    before(async () => {
        droplet = await newDroplet(NAME, "none");
    });

    after(async () => {
        for (const name of [fresh, `${repository}:0.1.10`]) {
            await run("lab/lab", ["untag", name]);
        }
        await removeDroplet(NAME);
    });

    /** The digest that the droplet gets when it pulls an image. */
    async function pull(image: string): Promise<string> {
        const said = await on(droplet, `docker pull ${image}`);
        return /^Digest: (sha256:[0-9a-f]{64})$/m.exec(said)?.[1] ?? said;
    }

    async function tags(): Promise<readonly string[]> {
        const url = `https://${droplet.registry}/v2/specivo/specivo/tags/list`;
        const { stdout } = await run("curl", ["-sSfk", "--noproxy", "*", url]);
        return (JSON.parse(stdout) as { readonly tags: readonly string[] }).tags;
    }

    it("a new tag is listed and can be pulled; moved, it is another image; taken away, it is unknown", async () => {
        assert.ok(!(await tags()).includes(fresh));
        await tag(fresh, "0.1.9");
        assert.ok((await tags()).includes(fresh));
        const first = await pull(`specivo/specivo:${fresh}`);
        assert.equal(first, await pull("specivo/specivo:0.1.9"));

        await tag(fresh, "specivo/specivo:0.1.10");
        const second = await pull(`specivo/specivo:${fresh}`);
        assert.notEqual(second, first);
        assert.equal(second, await pull("specivo/specivo:0.1.10"));

        await tag(`specivo/specivo:${fresh}`, `specivo/specivo@${first}`);
        assert.equal(await pull(`specivo/specivo:${fresh}`), first);

        await untag(fresh);
        assert.ok(!(await tags()).includes(fresh));
        const gone = await tryOn(droplet, `docker pull specivo/specivo:${fresh}`);
        assert.equal(gone.status, 1);
        assert.match(gone.output, new RegExp(`manifest for specivo/specivo:${fresh} not found: manifest unknown`));
        assert.equal(await pull(`specivo/specivo@${first}`), first);
        assert.equal(await pull("specivo/specivo:0.1.10"), second);
    });

    it("a tag in a repository of its own", async () => {
        await tag(`${repository}:0.1.10`, "redis:7-alpine");
        assert.equal(await pull(`${repository}:0.1.10`), await pull("redis:7-alpine"));
    });

    it("what droplets count on stays, and bad input gets one sentence", async () => {
        for (const [words, sentence] of [
            [["tag", "0.1.10", "0.1.9"], /^specivo\/specivo:0\.1\.10 is one of the lab's own; .*\n$/],
            [["untag", "redis:7-alpine"], /^library\/redis:7-alpine is one of the lab's own; .*\n$/],
            [["tag", fresh, "0.1.99"], /^the registry has no specivo\/specivo:0\.1\.99\n$/],
            [["untag", "0.1.99"], /^the registry has no specivo\/specivo:0\.1\.99\n$/],
            [["tag", "no tag", "0.1.9"], /^"no tag" is no image; .*\n$/],
            [["tag", fresh], /^tag takes a new tag and an image that the registry has, .*\n$/],
        ] as const) {
            const ended = await run("lab/lab", words);
            assert.equal(ended.status, 1);
            assert.match(ended.output.replace(/^lab: /, ""), sentence);
        }
    });
});
