import * as assert from "node:assert/strict";
import { containers, Droplet, newDroplet, on, removeDroplet, resetDroplet, saveDroplet } from "../support/lab";
import { Load } from "../support/load";
import { Operations } from "../support/operations";
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

    for (let time = 1; time <= TIMES; time++) {
        it(`is noticed by nobody, ${time} of ${TIMES}`, async () => {
            const before = await containers(droplet);
            const input = await proceed(host, 1, "0.1.10", "rollout");
            const load = new Load(droplet.url, 50);
            const { outageMs, recreated } = await host.run<{ outageMs: number; recreated: string[] }>("rollout", input);
            await new Promise((resolve) => setTimeout(resolve, 3000));
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
            await on(
                droplet,
                `until ${until}; do sleep 0.1; done; systemctl kill --kill-whom=all --signal=KILL 'specivo-upgrade-*'`,
            );
            const ended = await rollout;
            const seen = await load.end();
            assert.match(ended.stderr, /was killed in its middle[^]*The instance is back on 0\.1\.9 and healthy/);
            assert.ok(!unnoticed || seen.failures.length === 0, seen.failures.slice(0, 5).join("\n"));
            const apis = await on(
                droplet,
                "docker ps -a --filter label=com.docker.compose.service=api --format '{{.Names}} {{.Image}}'",
            );
            assert.equal(apis, "specivo-api-1 specivo/specivo:0.1.9\n");
            const rules = await on(
                droplet,
                "nsenter -t $(docker inspect -f '{{.State.Pid}}' specivo-nginx-1) -n iptables -S",
            );
            assert.doesNotMatch(rules, /CUT-OVER/);
        });
    }
});
