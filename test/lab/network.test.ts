import * as assert from "node:assert/strict";
import * as dgram from "node:dgram";
import { once } from "node:events";
import { fault, mend, seconds, tryFault } from "../support/faults";
import { Droplet, newDroplet, on, removeDroplet, spawnOn } from "../support/lab";
import { Ended, run, succeed } from "../support/run";

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

    /** From the droplet, by the first of the names that /etc/hosts has for the registry. */
    function askRegistry(): string {
        return `curl -sS --max-time 2 https://$(awk '$1 == "${droplet.registry}" { print $2; exit }' /etc/hosts)/v2/`;
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
        await on(droplet, `${askRegistry()} -f`);
        await on(droplet, `(sleep 2; ${askRegistry()}; echo $? >/root/ended) >/dev/null 2>&1 </dev/null &`);
        await fault(droplet, "network-cut");
        await new Promise((resolve) => setTimeout(resolve, 6_000));
        await mend(droplet);
        assert.equal((await on(droplet, "cat /root/ended")).trim(), "28");
    });

    /** Bytes to the droplet, and back from it, through an ssh session. */
    const MEGABYTE = "x".repeat(1_000_000);
    const upload = () => on(droplet, "cat >/root/megabyte", MEGABYTE);
    const download = () => on(droplet, "cat /root/megabyte");

    it("network-slow: a transfer lasts as long as the speed makes it in each direction, and nothing is lost", async () => {
        const plain = (await seconds(upload)) + (await seconds(download));
        await fault(droplet, "network-slow", "4000");
        const up = await seconds(upload);
        const down = await seconds(download);
        const queues = (await on(droplet, "tc -s qdisc show dev eth0")) + (await succeed("tc", ["-s", "qdisc"])).stdout;
        // 1 MB at 4 Mbit/s is 2 s.
        assert.ok(
            Math.min(up, down) > 1.9 && up + down > 2 * plain,
            `${up} s, ${down} s, without the fault ${plain} s`,
        );
        const dropped = [...queues.matchAll(/^qdisc tbf .* rate 4Mbit .*\n.* \(dropped (\d+),/gm)].map(
            ([, count]) => count,
        );
        assert.deepEqual(dropped, ["0", "0"], queues);
        await mend(droplet, "network-slow");
        assert.ok((await seconds(upload)) + (await seconds(download)) < (up + down) / 2, "still slow");
    });

    it("network-slow: another speed while packets still wait in line", async () => {
        await fault(droplet, "network-slow", "50000");
        const transfer = upload();
        await fault(droplet, "network-slow", "3000");
        await transfer;
        await mend(droplet);
        assert.equal(await download(), MEGABYTE);
    });

    /** How many of 1,000 datagrams the droplet gets, and how many of 1,000 it sends arrive here. */
    async function arriving(): Promise<{ to: number; from: number }> {
        const noPorts = async () => Number(await on(droplet, `awk '/^Udp: [0-9]/ { print $3 }' /proc/net/snmp`));
        const socket = dgram.createSocket({ type: "udp4", recvBufferSize: 4_000_000 });
        let from = 0;
        socket.on("message", () => (from += 1));
        socket.bind();
        await once(socket, "listening");
        const here = `${droplet.registry.replace(/\.\d+$/, ".1")}/${socket.address().port}`;
        const before = await noPorts();
        for (let sent = 0; sent < 1000; sent += 1) {
            await new Promise((resolve) => socket.send("x", 9, droplet.address, resolve));
        }
        const to = (await noPorts()) - before;
        await on(droplet, `for i in {1..1000}; do echo x >/dev/udp/${here}; done`);
        // Those that are here already, but not read yet, count too.
        for (let read = -1; read < from;) {
            read = from;
            await new Promise((resolve) => setTimeout(resolve, 500));
        }
        socket.close();
        return { to, from };
    }

    it("network-lossy: that share is lost in each direction, packet by packet, and what retries gets through", async () => {
        // Few enough for ssh, which the test itself needs.
        await fault(droplet, "network-lossy", "5");
        const lossy = await arriving();
        for (const count of Object.values(lossy)) {
            assert.ok(900 < count && count < 990, `of 1,000 datagrams each way arrived ${JSON.stringify(lossy)}`);
        }
        await upload();
        assert.equal(await download(), MEGABYTE);
        const show = "iptables -t raw -vnxL PREROUTING";
        const rules = (await succeed("sh", ["-c", show])).stdout + (await on(droplet, show));
        const dropped = [...rules.matchAll(/^ *(\d+) +(\d+) DROP .*network-lossy/gm)].map(([, count, bytes]) => ({
            count: Number(count),
            bytes: Number(bytes),
        }));
        assert.equal(dropped.length, 2, rules);
        for (const { count, bytes } of dropped) {
            assert.ok(count > 0 && bytes <= count * 1500, `${count} packets with ${bytes} bytes were lost`);
        }
        await mend(droplet, "network-lossy");
        assert.deepEqual(await arriving(), { to: 1000, from: 1000 });
    });

    it("bad input gets one sentence", async () => {
        for (const [words, sentence] of [
            [["network-gone"], /^"network-gone" is no fault of the lab; there are: .*\n$/],
            [["network-cut", "100"], /^this fault takes no value, and got "100"\n$/],
            [["network-slow"], /^"" is no speed; give kilobits a second from 10 to 9999999\n$/],
            [["network-lossy", "100"], /^"100" is no share of packets to lose; give percent from 1 to 99\n$/],
            [["network-slow", "100", "200"], /^a fault takes one value at the most, and got: 100 200\n$/],
        ] as const) {
            const ended = await tryFault(droplet, ...words);
            assert.equal(ended.status, 1);
            assert.match(ended.output.replace(/^lab: /, ""), sentence);
        }
    });

    it("faults end with their droplet", async () => {
        await fault(droplet, "network-cut");
        await fault(droplet, "network-lossy", "50");
        await fault(droplet, "registry-broken");
        const { address } = droplet;
        await removeDroplet(NAME);
        const { stdout } = await succeed("iptables-save", []);
        assert.deepEqual(
            stdout.split("\n").filter((line) => line.includes(`${address}/`) || line.includes(`${address}"`)),
            [],
        );
        droplet = await newDroplet(NAME, "none");
        if (droplet.address === address) {
            await on(droplet, `${askRegistry()} -f`);
        }
    });
});
