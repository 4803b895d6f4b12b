import * as assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { Droplet, newDroplet, on, removeDroplet } from "../support/lab";
import { Operations } from "../support/operations";
import { until } from "../support/until";
import { proceed } from "../support/transitions";
import { Receiver } from "../support/webhook";

const NAME = "host-webhook";
const SECRET = "canary-webhook-secret";

describe("the webhook", function () {
    this.timeout(180_000);
    let droplet: Droplet;
    let host: Operations;
    let receiver: Receiver;
    let url: string;

    before(async () => {
        droplet = await newDroplet(NAME, "0.1.9");
        host = await Operations.install(droplet);
        await on(droplet, "docker pull -q specivo/specivo:0.1.10");
        receiver = await Receiver.listen("0.0.0.0");
        url = `http://${(await on(droplet, "echo ${SSH_CONNECTION%% *}")).trim()}:${receiver.port}/`;
    });

    after(() => {
        receiver.close();
        return removeDroplet(NAME);
    });

    const left = async () => (await on(droplet, "cd /var/lib/specivo-upgrade/*/notices && ls")).trim();

    /** The notice that comes next and is taken, and how often it came. */
    async function notice(refused: number): Promise<Record<string, unknown>> {
        await until(60, "the notice", async () => receiver.received.length > refused);
        const all = receiver.received.splice(0);
        const [{ body, signature } = assert.fail()] = all;
        assert.deepEqual(all, Array(refused + 1).fill({ body, signature }));
        assert.equal(signature, `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`);
        await until(10, "its removal", async () => (await left()) === "");
        return JSON.parse(body) as Record<string, unknown>;
    }

    it("is told of the end by the server itself, again until it takes it", async () => {
        await host.storeOffsite("for this test", { webhook: { url, secret: SECRET } });
        receiver.answers.push(500, 500);
        const { transition } = await proceed(host, 1, "0.1.10");
        const { began, at, outageMs, server, ...rest } = await notice(2);
        assert.deepEqual(rest, {
            ...{ instance: transition.instance, transition: "0.1.9-to-0.1.10#1", direction: "upgrade" },
            ...{ from: "0.1.9", to: "0.1.10", ended: "finished", reason: null },
        });
        assert.ok(String(began) < String(at));
        assert.equal(typeof outageMs, "number");
        assert.equal(server, (await on(droplet, "hostname")).trim());
    });

    it("is told why the version before was put back", async () => {
        const input = await proceed(host, 2, "0.1.9", "verify");
        await on(droplet, "docker stop -t 1 specivo-celery-beat-1");
        await host.refusal("verify", input);
        const { ended, reason, from, to } = await notice(0);
        assert.deepEqual([ended, from, to], ["recovered", "0.1.10", "0.1.9"]);
        assert.match(String(reason), /celery-beat run the image/);
    });

    it("delays and fails nothing when it does not answer, and is told after a restart", async () => {
        receiver.answers.push(...Array<"none">(10).fill("none"));
        await proceed(host, 3, "0.1.9");
        const [unit, file] = ["specivo-upgrade-notice-*.service", await left()];
        assert.match(file, /-3-finished\.json$/, "the transition has ended, and the notice is still on its way");
        // As a loss of power would.
        await on(droplet, `systemctl kill --signal=KILL '${unit}'`);
        const units = () => on(droplet, `systemctl list-units --no-legend '${unit}'`);
        await until(10, "its end", async () => (await units()).trim() === "");
        receiver.answers.length = 0;
        receiver.received.length = 0;
        await host.run("settle");
        const { ended, transition } = await notice(0);
        assert.deepEqual([ended, transition], ["finished", "0.1.10-to-0.1.9#3"]);
    });

    it("leaves its secret in no log", async () => {
        assert.doesNotMatch(await on(droplet, "journalctl --no-pager; /root/host/specivo-host ledger"), /canary/);
    });
});
