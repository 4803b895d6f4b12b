import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { fault, mend, tryFault } from "../support/faults";
import { Droplet, newDroplet, on, removeDroplet, tryOn } from "../support/lab";

const NAME = "faults-clock";

describe("a droplet's clock, memory and reboots", function () {
    this.timeout(120_000);
    let droplet: Droplet;

    before(async () => {
        droplet = await newDroplet(NAME, "0.1.9");
    });

    after(() => removeDroplet(NAME));
    afterEach(() => mend(droplet));

    /** What runs since before any jump: a script that asks nobody but its own shell, and says also how long all has run. */
    const LOOP = 'while sleep 0.1; do echo "$EPOCHSECONDS $(cut -d . -f 1 /proc/uptime)"; done';
    const CLOCKS = {
        "a script that ran before": "sleep 0.3; tail -n 1 /root/clock | cut -d ' ' -f 1",
        "a new program": "date +%s",
        "a program of another user": "sudo -u deploy date +%s",
        "a new service": "systemd-run --quiet --wait --pipe date +%s",
        "Docker's engine, which runs": `date -d "$(docker info --format '{{.SystemTime}}')" +%s`,
        "PostgreSQL, which runs in a container": `docker exec specivo-db-1 psql -U specivo -Atc 'SELECT extract(epoch FROM now())::bigint'`,
        "a new program in a container that runs":
            "docker exec specivo-api-1 python -c 'import time; print(int(time.time()))'",
        "a new container": "docker run --rm redis:7-alpine date +%s",
    };

    /** How far each clock of the droplet is from this machine's, in minutes. */
    async function minutesOff(): Promise<Record<string, number>> {
        const off = async (command: string) => {
            const seconds = Number(await on(droplet, command)) - Date.now() / 1000;
            return Math.round(seconds / 60) + 0; // and no -0
        };
        const clocks = Object.entries(CLOCKS).map(async ([clock, command]) => [clock, await off(command)] as const);
        return Object.fromEntries(await Promise.all(clocks));
    }

    const all = (minutes: number) => Object.fromEntries(Object.keys(CLOCKS).map((clock) => [clock, minutes]));

    it("clock-jump: every program sees it, those that run too, forth and back", async () => {
        await on(droplet, `nohup bash -c '${LOOP}' >/root/clock 2>/dev/null </dev/null &`);
        assert.deepEqual(await minutesOff(), all(0));
        const ownClock = Date.now() - performance.now();

        await fault(droplet, "clock-jump", "7200");
        assert.deepEqual(await minutesOff(), all(120));
        await fault(droplet, "clock-jump", "-86400");
        assert.deepEqual(await minutesOff(), all(-1440));
        await mend(droplet, "clock-jump");
        assert.deepEqual(await minutesOff(), all(0));

        assert.ok(Math.abs(Date.now() - performance.now() - ownClock) < 60_000, "this machine's clock jumped");
        const uptimes = (await on(droplet, "cut -d ' ' -f 2 /root/clock")).trim().split("\n").map(Number);
        const steps = uptimes.slice(1).map((uptime, index) => uptime - (uptimes[index] ?? 0));
        assert.ok(Math.min(...steps) >= 0 && Math.max(...steps) < 60, "the time since boot jumped");
    });

    it("clock-jump: nothing of it stays behind", async () => {
        await fault(droplet, "clock-jump", "7200");
        const follower = fs.readFileSync(path.join(path.dirname(droplet.knownHosts), "clock/pid"), "utf8").trim();
        assert.ok(fs.existsSync(`/proc/${follower}`));
        await mend(droplet);
        assert.ok(!fs.existsSync(`/proc/${follower}`));
    });

    it("bad input gets one sentence", async () => {
        for (const words of [["clock-jump"], ["clock-jump", "0"], ["clock-jump", "tomorrow"]]) {
            const ended = await tryFault(droplet, ...words);
            assert.equal(ended.status, 1);
            assert.match(ended.output.replace(/^lab: /, ""), /^".*" is no time; give seconds, .*\n$/);
        }
    });

    /** A program that wants more than the 2 GB of a droplet is killed, and one that wants less is not. */
    async function memoryIsCapped(): Promise<void> {
        const take = (megabytes: number) =>
            on(droplet, `dd if=/dev/zero of=/dev/null bs=${megabytes}M count=1; echo $?`);
        assert.equal((await take(500)).trim(), "0");
        assert.equal((await take(2100)).trim(), "137");
    }

    it("memory: 2 GB and no more, before and after a reboot from inside, which the stack survives", async () => {
        await memoryIsCapped();
        await on(droplet, "touch /run/not-yet-rebooted");
        // The connection may go before the answer.
        await tryOn(droplet, "systemctl reboot");
        const deadline = Date.now() + 60_000;
        const healthy = `test ! -e /run/not-yet-rebooted && curl -sSf http://127.0.0.1:9933/health/ &&
            ! docker ps -a --format '{{.Status}}' | grep -v '^Up' | grep . && docker ps | grep -c healthy`;
        let seen = await tryOn(droplet, healthy);
        while (seen.status !== 0) {
            assert.ok(Date.now() < deadline, seen.output);
            await new Promise((resolve) => setTimeout(resolve, 200));
            seen = await tryOn(droplet, healthy);
        }
        assert.match(seen.stdout, /"status":\s*"ok"/);
        await memoryIsCapped();
    });
});
