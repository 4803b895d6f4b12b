import * as assert from "node:assert/strict";
import { Api, Container, Pod } from "../support/stand-in";
import { until } from "../support/until";

/** Longer than compose gives an api before it is `unhealthy` (80 s), and than the slow ones need (100 s). */
const LONG = 180;

describe("the stand-in's faulty tags", function () {
    this.timeout(240_000);
    let pod: Pod;
    const apis: Record<string, Api> = {};
    let worker: Container;
    let beat: Container;
    let lost: Api;
    let ports = 8000;

    const database = (tag: string) => tag.replace(/[^a-z0-9]/g, "_").replace(/^/, "of_");

    const start = async (tag: string): Promise<void> => {
        await pod.newDatabase(database(tag), "at_0020");
        apis[tag] = await pod.api(tag, { database: database(tag), port: ++ports });
    };

    const api = (tag: string): Api => {
        const started = apis[tag];
        assert.ok(started);
        return started;
    };

    /** What the engine says of each container's health once it is not `starting` any more, in order. */
    const healths = new Map<Container, string[]>();
    let watching = true;
    let watch: Promise<void>;

    const noteHealths = async (): Promise<void> => {
        while (watching) {
            for (const started of Object.values(apis)) {
                const noted = healths.get(started) ?? [];
                const health = await started.health();
                if (health !== "starting" && noted.at(-1) !== health) {
                    healths.set(started, [...noted, health]);
                }
            }
            await new Promise((resolve) => setTimeout(resolve, 2_000));
        }
    };

    const becomes = (container: Container, ...expected: string[]) =>
        until(LONG, `${container.name} getting ${expected.join(", then ")}`, async () => {
            const noted = healths.get(container) ?? [];
            return expected.every((health, index) => noted[index] === health) && noted.length === expected.length;
        });

    /** All of them at once, as some take two minutes to show what they do. */
    before(async () => {
        pod = await Pod.start("faults");
        await pod.newDatabase("at_0020");
        await pod.migrate("0.1.10", "at_0020");
        const seeded = await pod.run("0.1.10", ["python", "-m", "specivo.cli.seed"], { database: "at_0020" });
        assert.equal(seeded.status, 0, seeded.output);
        for (const tag of [
            "0.1.10-slow-start",
            "0.2.0-migration-slow",
            "0.2.0-migration-hangs",
            "0.1.10-never-healthy",
            "0.1.10-dead-database",
            "0.1.10-crashes-at-start",
            "0.2.0-migration-refuses",
            "0.2.0-migration-fails",
        ]) {
            await start(tag);
        }
        watch = noteHealths();
        worker = await pod.worker("0.1.10-worker-dies", { database: "at_0020" });
        beat = await pod.beat("0.1.10-beat-dies", { database: "at_0020" });
        const env = { DATABASE_URL: "postgresql+asyncpg://specivo:specivo@127.0.0.1:1/specivo" };
        lost = await pod.api("0.1.10", { port: ++ports, env });
    });

    after(async () => {
        watching = false;
        await watch;
        await pod.stop();
    });

    const loops = async (container: Container): Promise<void> => {
        await until(60, `${container.name} restarting`, async () => (await container.restarts()) >= 2);
    };

    it("crashes-at-start migrates and seeds, then ends in a traceback, again and again", async () => {
        const broken = api("0.1.10-crashes-at-start");
        await loops(broken);
        const log = await broken.log();
        assert.match(log, /Starting Specivo\.\.\.\n[^]*ImportError: cannot import name 'plugins'/);
        assert.doesNotMatch(log, /Uvicorn running/);
    });

    it("dead-database is healthy for the engine; only the body and the API tell", async () => {
        const broken = await api("0.1.10-dead-database").answers();
        await becomes(broken, "healthy");
        assert.deepEqual(await broken.healthBody(), {
            status: "degraded",
            database: "error",
            redis: "ok",
            version: "",
            tier: "",
        });
        assert.equal((await broken.request("GET", "/projects/", "spv_any")).status, 500);
        assert.equal(await broken.restarts(), 0);
    });

    it("never-healthy runs, answers everything with 500 and gets unhealthy", async () => {
        const broken = await api("0.1.10-never-healthy").answers();
        for (const path of ["/health", "/health/", "/login/"]) {
            assert.equal((await broken.fetch(path)).status, 500);
        }
        await becomes(broken, "unhealthy");
        assert.deepEqual([await broken.state(), await broken.restarts()], ["running", 0]);
    });

    it("migration-refuses loops with what to do in its log, and leaves the schema", async () => {
        const broken = api("0.2.0-migration-refuses");
        await loops(broken);
        assert.match(await broken.log(), /^RuntimeError: Issues without a project .* run the upgrade again\.$/m);
        assert.equal(await pod.revision(database("0.2.0-migration-refuses")), "0020");
    });

    it("migration-fails in the middle, and nothing of what had run before it stays", async () => {
        const broken = api("0.2.0-migration-fails");
        await loops(broken);
        assert.match(
            await broken.log(),
            /Running upgrade 0020 -> 0021,[^]*Running upgrade 0021 -> 0022,[^]*ProgrammingError/,
        );
        const name = database("0.2.0-migration-fails");
        assert.equal(await pod.revision(name), "0020");
        assert.equal(await pod.sql("SELECT to_regclass('recurring_patterns') IS NULL", name), "t");
    });

    it("worker-dies reaches its queue before it ends, again and again", async () => {
        await loops(worker);
        assert.match(await worker.log(), /Connected to redis:[^]*the worker process ended unexpectedly/);
    });

    it("beat-dies ends while it starts, again and again", async () => {
        await loops(beat);
        assert.match(await beat.log(), /the beat process ended unexpectedly/);
    });

    it("without its database the entry point gives up after 30 tries", async () => {
        const log = await lost.says(/Database not available after 60 s/, LONG);
        assert.match(log, /^Waiting for database\.\.\.$/m);
        assert.doesNotMatch(log, /Running database migrations/);
    });

    it("slow-start is unhealthy first, healthy later, without a restart", async () => {
        const slow = api("0.1.10-slow-start");
        await becomes(slow, "unhealthy", "healthy");
        assert.equal(await slow.restarts(), 0);
    });

    it("migration-slow is unhealthy while it migrates, healthy later, at the new revision", async () => {
        const slow = api("0.2.0-migration-slow");
        const name = database("0.2.0-migration-slow");
        await becomes(slow, "unhealthy", "healthy");
        assert.equal(await pod.revision(name), "0023");
        assert.equal(await slow.restarts(), 0);
    });

    it("migration-hangs has not moved when the slow one is done, and holds its transaction", async () => {
        const name = database("0.2.0-migration-hangs");
        await becomes(api("0.2.0-migration-slow"), "unhealthy", "healthy");
        const hung = api("0.2.0-migration-hangs");
        assert.deepEqual([await hung.state(), await hung.health(), await hung.restarts()], ["running", "unhealthy", 0]);
        assert.match((await hung.log()).trim().split("\n").at(-1) ?? "", /Running upgrade 0021 -> 0022,/);
        assert.equal(await pod.revision(name), "0020");
        const open = `SELECT count(*) FROM pg_stat_activity WHERE datname = '${name}' AND query LIKE '%pg_sleep(1000000)%'
            AND pid <> pg_backend_pid() AND xact_start < now() - interval '60 s'`;
        assert.equal(await pod.sql(open, "postgres"), "1");
    });
});
