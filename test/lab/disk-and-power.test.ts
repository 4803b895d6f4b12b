import * as assert from "node:assert/strict";
import { fault, mend, tryFault } from "../support/faults";
import { Droplet, newDroplet, on, removeDroplet, tryOn } from "../support/lab";

const NAME = "faults-disk";
const POSTGRES = "pgvector/pgvector:pg18";

describe("faults of a droplet's disk and power", function () {
    this.timeout(120_000);
    let droplet: Droplet;

    before(async () => {
        droplet = await newDroplet(NAME, "none");
    });

    after(() => removeDroplet(NAME));

    it("disk-full: a pull finds no space left on the device, and finds it again once mended", async () => {
        await fault(droplet, "disk-full");
        assert.match((await tryOn(droplet, "echo more > /root/more")).output, /No space left on device/);
        await mend(droplet, "disk-full");
        // Last, as Docker still clears away what it could not keep when its answer is there.
        await fault(droplet, "disk-full", "20");
        const full = await tryOn(droplet, `docker pull ${POSTGRES}`);
        assert.equal(full.status, 1);
        assert.match(full.output, /no space left on device/);
        await mend(droplet, "disk-full");
        await on(droplet, `docker pull -q ${POSTGRES}`);
    });

    it("disk-full: a container can't be entered when nothing is left", async () => {
        await on(
            droplet,
            `docker run -d --name db -e POSTGRES_PASSWORD=x ${POSTGRES}
            until docker exec db psql -qU postgres -h 127.0.0.1 -c 'CREATE TABLE kept (id int)'; do sleep 0.2; done 2>/dev/null`,
        );
        await fault(droplet, "disk-full", "0");
        const entered = await tryOn(droplet, "docker exec db true");
        await mend(droplet);
        assert.notEqual(entered.status, 0);
        assert.match(entered.output, /no space left on device/);
        await on(droplet, "docker exec db true");
    });

    it("power-loss: what was not synced is gone; what was synced, and what PostgreSQL committed, is there", async () => {
        await on(
            droplet,
            `docker start db >/dev/null
            until docker exec db psql -qU postgres -h 127.0.0.1 -c 'INSERT INTO kept VALUES (1)'; do sleep 0.2; done 2>/dev/null
            echo synced > /root/synced; sync; echo lost > /root/lost`,
        );
        await fault(droplet, "power-loss");
        assert.notEqual((await tryOn(droplet, "true")).status, 0, "it answers without power");
        await mend(droplet, "power-loss");
        assert.equal(await on(droplet, "cat /root/synced"), "synced\n");
        // The name may have reached the disk with the journal; what was written has not.
        assert.equal(await on(droplet, "cat /root/lost 2>/dev/null || true"), "");
        const rows = await on(
            droplet,
            `docker start db >/dev/null
            until docker exec db psql -qU postgres -h 127.0.0.1 -Atc 'SELECT id FROM kept'; do sleep 0.2; done 2>/dev/null`,
        );
        assert.equal(rows.trim(), "1");
    });

    it("bad input gets one sentence", async () => {
        for (const [words, sentence] of [
            [["no-such"], /^"no-such" is no fault of the lab; there are: .*\n$/],
            [["disk-full", "much"], /^"much" is no size; .*\n$/],
            [["power-loss", "5"], /^this fault takes no value, and got "5"\n$/],
        ] as const) {
            const ended = await tryFault(droplet, ...words);
            assert.equal(ended.status, 1);
            assert.match(ended.output.replace(/^lab: /, ""), sentence);
        }
    });
});
