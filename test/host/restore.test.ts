import * as assert from "node:assert/strict";
import { once } from "node:events";
import { KILL_OPERATION } from "../support/interruptions";
import { differences, Droplet, fingerprint, newDroplet, on, removeDroplet, spawnOn } from "../support/lab";
import { Operations } from "../support/operations";
import { proceed } from "../support/transitions";
import { until } from "../support/until";

interface Facts {
    readonly version: string;
    readonly transitions: readonly { readonly state: string }[];
    readonly backups: readonly { readonly id: string; readonly version: string; readonly purpose: string }[];
    readonly forgotten: readonly { readonly id: string }[];
}

const NAME = "host-restore";
const POSTGRES = "/opt/specivo/specivo-data/postgresql";
/** As people change their Compose file: a second worker, and a volume that has a name. */
const OVERRIDE = `
services:
  celery-worker: { deploy: { replicas: 2 } }
  api: { volumes: ["cache:/app/cache"] }
volumes: { cache: {} }`;

describe("data that is kept, and put back", function () {
    this.timeout(300_000);
    let droplet: Droplet;
    let host: Operations;
    let data: string;
    let transitions = 0;

    const begin = (version: string, step: string, restore?: string) =>
        proceed(host, ++transitions, version, step, restore);
    const facts = () => host.run<Facts>("facts");
    const psql = (query: string, more = "") =>
        on(droplet, `docker exec specivo-db-1 psql -qXAt -v ON_ERROR_STOP=1 ${more} -c "${query}"`);
    const same = async () => assert.equal(await differences(data, await fingerprint(droplet)), "");

    /** An operation that something happens to in its middle. */
    function follow(operation: string, input: object) {
        const session = spawnOn(droplet, `/root/host/specivo-host ${operation}`);
        let told = "";
        session.stderr.on("data", (text: Buffer) => (told += text.toString()));
        session.stdin.end(JSON.stringify(input));
        return {
            status: once(session, "close").then(([status]) => status as number),
            told: () => told,
            says: (words: string) => until(120, words, () => Promise.resolve(told.includes(words))),
        };
    }

    before(async () => {
        droplet = await newDroplet(NAME, "0.1.10");
        host = await Operations.install(droplet);
        await on(
            droplet,
            `set -e; cat >/opt/specivo/docker-compose.override.yml; cd /opt/specivo; docker compose up -d --wait 2>&1
            docker pull -q specivo/specivo:0.2.0`,
            OVERRIDE,
        );
        await host.storeOffsite("for this test");
        data = await fingerprint(droplet);
    });

    after(() => removeDroplet(NAME));

    it("needs to make and rename databases, which is asked for before anything is stopped", async () => {
        const allow = (allowed: boolean) =>
            psql(`ALTER DATABASE postgres ALLOW_CONNECTIONS ${allowed}`, "-U specivo specivo");
        await allow(false);
        try {
            const sentence = await host.refusal("pin", await begin("0.2.0", "pin"));
            assert.match(sentence, /the database postgres on db can't be used \(.*not currently accepting connections/);
        } finally {
            await allow(true);
        }
        await same();
    });

    it("is that of a moment when no worker writes any more, however many there are", async () => {
        const input = await begin("0.2.0", "rollout");
        const ids = await on(
            droplet,
            "docker ps -q --no-trunc --filter label=com.docker.compose.service=celery-worker",
        );
        const workers = ids.trim().split("\n");
        assert.equal(workers.length, 2);
        const since = (await on(droplet, "date +%s.%N")).trim();
        await host.run("rollout", input);
        const died = await on(
            droplet,
            `docker events --since ${since} --until 0s --filter event=die --format '{{.Actor.ID}} {{index .Actor.Attributes "com.docker.compose.service"}}'`,
        );
        const order = died.trim().split("\n");
        const api = order.findIndex((line) => line.endsWith(" api"));
        assert.ok(api > 0, died);
        for (const worker of workers) {
            assert.ok(
                order.slice(0, api).some((line) => line.startsWith(worker)),
                died,
            );
        }
        // What is deleted now is there again, when the data is put back for which it was there.
        const file = "$(ls -d /opt/specivo/specivo-data/attachments/* | head -n 1)";
        await on(droplet, `rm ${file}; docker stop specivo-celery-beat-1`);
        assert.match(await host.refusal("verify", input), /back on 0\.1\.10 and healthy/);
        await same();
    });

    it("goes on without a restore point that somebody has removed", async () => {
        const input = await begin("0.2.0", "restore-point");
        await psql(`DROP DATABASE specivo_${input.transition.instance}_before_${transitions}`, "-U specivo postgres");
        const ended = await host.try("restore-point", input);
        assert.equal(ended.status, 0, ended.output);
        assert.match(ended.stderr, /the restore point of 0\.1\.10-to-0\.2\.0#3 is gone/);
        assert.deepEqual(
            (await facts()).forgotten.map(({ id }) => id),
            [input.transition.id],
        );
    });

    it("waits for a PostgreSQL that answers late, and gives up none that answered before", async () => {
        const { backups } = await facts();
        const { id = "" } = backups.findLast(({ version }) => version === "0.1.10") ?? {};
        const input = await begin("0.1.10", "rollout", id);
        const rollout = follow("rollout", input);
        await rollout.says("stopping celery-beat");
        await on(
            droplet,
            `docker pause specivo-db-1
            while docker ps --format '{{.Names}}' | grep -q specivo-api; do sleep 0.2; done
            sleep 6; docker unpause specivo-db-1`,
        );
        assert.equal(await rollout.status, 0, rollout.told());
        await host.run("verify", input);
        await same();
        await on(droplet, `! ls -d ${POSTGRES}.before-*`);
    });

    it("comes back where the database was dropped", async () => {
        const { id = "" } = (await facts()).backups.findLast(({ version }) => version === "0.1.10") ?? {};
        await psql("DROP DATABASE specivo WITH (FORCE)", "-U specivo postgres");
        const ended = await host.try(`restore ${id.slice(0, 8)}`);
        assert.equal(ended.status, 0, ended.output);
        assert.match(ended.stderr, /PostgreSQL holds no Specivo, so there is nothing to be backed up/);
        await same();
    });

    it("cut off where PostgreSQL is broken, leaves that as it was found, and no empty instance; then it comes back", async () => {
        const { id = "" } = (await facts()).backups.findLast(({ version }) => version === "0.1.10") ?? {};
        await on(
            droplet,
            `docker stop -t 5 specivo-db-1 && rm ${POSTGRES}/18/docker/global/pg_control && touch ${POSTGRES}/the-broken-one && docker start specivo-db-1`,
        );
        const restore = follow(`restore ${id.slice(0, 8)}`, {});
        await restore.says("restoring the database");
        await on(droplet, KILL_OPERATION);
        await restore.status;
        assert.match(
            restore.told(),
            /data directory is moved aside whole[^]*put.* back as it was found[^]*THE INSTANCE IS NOT HEALTHY/,
        );
        await on(droplet, `ls ${POSTGRES}/the-broken-one`);
        assert.equal((await facts()).transitions.at(-1)?.state, "failed");
        assert.equal(await on(droplet, "docker ps -q --filter label=com.docker.compose.service=api"), "");

        const again = await host.try(`restore ${id.slice(0, 8)}`);
        assert.equal(again.status, 0, again.output);
        await same();
    });
});
