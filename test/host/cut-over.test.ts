import * as assert from "node:assert/strict";
import { KILL_OPERATION } from "../support/interruptions";
import { containers, Droplet, newDroplet, on, removeDroplet, resetDroplet, saveDroplet } from "../support/lab";
import { fault, mend } from "../support/faults";
import { Load } from "../support/load";
import { Operations } from "../support/operations";
import { until } from "../support/until";
import { proceed } from "../support/transitions";

/** How often it is done; nobody may notice it ten times in a row in the full run. */
const TIMES = Number(process.env.SPECIVO_CUT_OVERS ?? "1");

describe("a cut-over without migration", function () {
    this.timeout(240_000);
    const name = "host-cut-over";
    let droplet: Droplet;
    let host: Operations;

    before(async () => {
        droplet = await newDroplet(name, "0.1.9");
        host = await Operations.install(droplet);
        await host.storeOffsite("for this test");
        await on(droplet, "docker pull -q specivo/specivo:0.1.10");
        await saveDroplet(droplet);
    });

    beforeEach(async () => {
        await resetDroplet(droplet);
        await on(
            droplet,
            "until docker ps --format '{{.Names}} {{.Status}}' | grep -q 'specivo-api-1 .*(healthy)'; do sleep 0.2; done",
        );
    });

    after(() => removeDroplet(name));

    /** Whom nginx may dial. */
    const rules = () => on(droplet, "nsenter -t $(docker inspect -f '{{.State.Pid}}' specivo-nginx-1) -n iptables -S");

    for (let time = 1; time <= TIMES; time++) {
        it(`is noticed by nobody, ${time} of ${TIMES}`, async () => {
            const before = await containers(droplet);
            const input = await proceed(host, 1, "0.1.10", "rollout");
            const load = new Load(droplet.url, 50);
            const { outageMs, recreated } = await host.run<{ outageMs: number; recreated: string[] }>("rollout", input);
            // Until nginx may dial what it finds, some seconds later.
            await until(15, "no rule", async () => !/CUT-OVER/.test(await rules()));
            const seen = await load.end();
            assert.deepEqual(seen.failures, []);
            assert.deepEqual(seen.mixed, []);
            assert.deepEqual(seen.versions, ["0.1.9", "0.1.10"]);
            assert.ok(seen.requests > 500, `${seen.requests} requests`);
            assert.equal(outageMs, 0);
            assert.deepEqual(recreated, ["api", "celery-worker", "celery-beat"]);
            const after = await containers(droplet);
            assert.deepEqual(Object.keys(after).sort(), Object.keys(before).sort());
            for (const service of ["nginx", "db", "redis"]) {
                assert.equal(after[service], before[service]);
            }
            assert.match(await on(droplet, "docker ps --format '{{.Names}}'"), /^specivo-api-1$/m);
            // Compose sees nothing to do: it is as if it had done all of it.
            const composed = await on(droplet, "cd /opt/specivo && docker compose up -d --no-deps api 2>&1");
            assert.match(composed, /^ Container specivo-api-1 {2}Running\n$/);
            await host.run("verify", input);
        });
    }

    it("leaves nginx no address that is gone, also where the clock is set back behind it", async () => {
        const input = await proceed(host, 1, "0.1.10", "rollout");
        await fault(droplet, "clock-jump", "7200");
        const meanwhile = new Load(droplet.url, 50);
        await host.run("rollout", input);
        await mend(droplet, "clock-jump");
        await until(15, "no rule", async () => !/CUT-OVER/.test(await rules()));
        await new Promise((resolve) => setTimeout(resolve, 7000));
        await meanwhile.end();
        const took = await on(
            droplet,
            "for i in {1..40}; do curl -s -o /dev/null --max-time 9 -w '%{http_code} %{time_total}\\n' http://127.0.0.1:9933/health/; done",
        );
        assert.match(took, /^(200 0\S*\n)+$/, "each request is answered at once");
        await host.run("verify", input);
    });

    // Whoever has seen the new version notices that it goes.
    for (const [moment, unnoticed, until] of [
        ["while both run", true, "docker ps --format '{{.Names}}' | grep -x specivo-api-2"],
        [
            "when traffic has just moved",
            false,
            "grep -q 'moving traffic' /var/lib/specivo-upgrade/specivo-*/jobs/*-rollout.*/log",
        ],
        [
            "when the old one has just ended",
            false,
            "docker inspect -f '{{.State.Running}}' specivo-api-1 | grep -v true",
        ],
    ] as const) {
        it(`killed ${moment}, goes back to the old version and leaves nothing behind`, async () => {
            const rollout = host.try("rollout", await proceed(host, 1, "0.1.10", "rollout"));
            const load = new Load(droplet.url, 50);
            await on(droplet, `until ${until}; do sleep 0.1; done; ${KILL_OPERATION}`);
            const ended = await rollout;
            const seen = await load.end();
            assert.match(ended.stderr, /was killed in its middle[^]*The instance is back on 0\.1\.9 and healthy/);
            assert.ok(!unnoticed || seen.failures.length === 0, seen.failures.slice(0, 5).join("\n"));
            const apis = await on(
                droplet,
                "docker ps -a --filter label=com.docker.compose.service=api --format '{{.Names}} {{.Image}}'",
            );
            assert.equal(apis, "specivo-api-1 specivo/specivo:0.1.9\n");
            assert.doesNotMatch(await rules(), /CUT-OVER/);
        });
    }
});
