import * as assert from "node:assert/strict";
import { fault, mend, tryFault } from "../support/faults";
import { Droplet, newDroplet, on, removeDroplet, spawnOn } from "../support/lab";
import { Ended, run } from "../support/run";

const NAME = "faults-network";

describe("faults of a droplet's network", function () {
    this.timeout(120_000);
    let droplet: Droplet;

    before(async () => {
        droplet = await newDroplet(NAME, "none");
    });

    after(() => removeDroplet(NAME));
    afterEach(() => mend(droplet));

    /** A TCP connection to the droplet's sshd; curl says 28 when nothing answers, and shows the banner otherwise. */
    function connect(): Promise<Ended> {
        return run("curl", ["-sS", "--noproxy", "*", "--max-time", "2", `telnet://${droplet.address}:22`]);
    }

    it("network-cut: an open connection hangs and is not ended, and goes on once mended", async () => {
        const session = spawnOn(droplet, "while read -r line; do echo got $line; done");
        let said = "";
        let ended = false;
        session.stdout.on("data", (data: Buffer) => (said += data.toString()));
        session.on("exit", () => (ended = true));
        const hears = async (text: string) => {
            while (!said.includes(text) && !ended) {
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
        };
        session.stdin.write("one\n");
        await hears("got one");
        await fault(droplet, "network-cut");
        session.stdin.write("two\n");
        const attempt = await connect();
        assert.doesNotMatch(attempt.stdout, /SSH/);
        assert.match(attempt.stderr, /timed out/i);
        assert.doesNotMatch(said, /got two/);
        assert.equal(ended, false, "the cut ended the connection");
        await mend(droplet, "network-cut");
        await hears("got two");
        assert.match(said, /got two/);
        session.stdin.end();
    });

    it("network-cut: the registry, beside the droplet, is out of reach too", async () => {
        // The first of the names that /etc/hosts has for the registry.
        const ask = `curl -sS --max-time 2 https://$(awk '$1 == "${droplet.registry}" { print $2; exit }' /etc/hosts)/v2/`;
        await on(droplet, `${ask} -f`);
        await on(droplet, `(sleep 2; ${ask}; echo $? >/root/ended) >/dev/null 2>&1 </dev/null &`);
        await fault(droplet, "network-cut");
        await new Promise((resolve) => setTimeout(resolve, 6_000));
        await mend(droplet);
        assert.equal((await on(droplet, "cat /root/ended")).trim(), "28");
    });

    it("bad input gets one sentence", async () => {
        const unknown = await tryFault(droplet, "network-gone");
        assert.equal(unknown.status, 1);
        assert.match(unknown.output, /"network-gone" is no fault of the lab; there are: /);
        const value = await tryFault(droplet, "network-cut", "100");
        assert.equal(value.status, 1);
        assert.match(value.output, /this fault takes no value, and got "100"/);
    });
});
