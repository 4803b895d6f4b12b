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

    /** The share of datagrams, in percent, that the droplet did not get of 300 sent to it. */
    async function lost(): Promise<number> {
        await on(droplet, "iptables -I INPUT -p udp --dport 9999 -j DROP && iptables -Z INPUT");
        await run("bash", ["-c", `for i in {1..300}; do echo x >/dev/udp/${droplet.address}/9999; done`]);
        const rules = await on(droplet, "iptables -nvxL INPUT && iptables -D INPUT -p udp --dport 9999 -j DROP");
        const got = /^ *(\d+) .*dpt:9999/m.exec(rules)?.[1];
        return 100 - Number(got) / 3;
    }

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
        const script = `until [ -e /root/go ]; do sleep 0.1; done
            curl -sS --max-time 2 https://registry-1.docker.io/v2/ >/root/said 2>&1; echo $? >/root/ended`;
        await on(droplet, `curl -fsS --max-time 5 https://registry-1.docker.io/v2/`);
        await on(
            droplet,
            `nohup bash -c '${script.replace("until [ -e /root/go ]; do sleep 0.1; done", "sleep 2")}' >/dev/null 2>&1 </dev/null &`,
        );
        await fault(droplet, "network-cut");
        await new Promise((resolve) => setTimeout(resolve, 6_000));
        await mend(droplet);
        assert.equal((await on(droplet, "cat /root/ended")).trim(), "28");
    });

    it("network-lossy: about that share of the packets is lost, and none once mended", async () => {
        await fault(droplet, "network-lossy", "30");
        const share = await lost();
        assert.ok(share > 15 && share < 45, `${share}% were lost`);
        await mend(droplet, "network-lossy");
        assert.equal(await lost(), 0);
    });

    it("network-slow: a transfer that takes no time takes many times as long", async () => {
        const transfer = async () => {
            const started = Date.now();
            await on(droplet, "head -c 1500000 /dev/urandom");
            return Date.now() - started;
        };
        await fault(droplet, "network-slow", "2000");
        const slow = await transfer();
        // 12 megabits at 2 a second, less the 2 that may pass at once.
        assert.ok(slow > 4_000, `it took ${slow} ms`);
        await mend(droplet, "network-slow");
        const mended = await transfer();
        assert.ok(mended < slow / 3, `it took ${slow} ms with the fault and ${mended} ms without`);
    });

    it("bad input gets one sentence", async () => {
        const ended = await tryFault(droplet, "network-lossy", "100");
        assert.equal(ended.status, 1);
        assert.match(ended.output, /"100" is no share of packets to lose/);
    });
});
