import * as assert from "node:assert/strict";
import { Api, Pod, SECRET_KEY } from "../support/stand-in";
import { until } from "../support/until";

describe("the stand-in's application", function () {
    this.timeout(120_000);
    let pod: Pod;
    /** The newest release, on a database with a project and a few texts in it. */
    let api: Api;
    let key: string;
    const database = "newest";
    const seed = ["python", "-m", "specivo.cli.seed"] as const;

    before(async () => {
        pod = await Pod.start("application");
        await pod.newDatabase("shipped");
        await pod.migrate("0.8.0", "shipped");
        const seeded = await pod.run("0.8.0", seed, { database: "shipped" });
        assert.equal(seeded.status, 0, seeded.output);
        await pod.newDatabase(database);
        const bootstrap = '{"login": "admin", "email": "admin@example.org", "password": "correct horse"}';
        await pod.run("0.8.0", ["sh", "-c", `echo '${bootstrap}' > /app/data/.bootstrap.json`]);
        api = await (await pod.api("0.8.0", { database })).answers();
        key = await api.createKey();
        await api.call("POST", "/projects/", key, { key: "OPS", name: "Operations" });
        const issue = await api.createIssue(key, "OPS", "Broken printer", "no ".repeat(700));
        await api.call("POST", `/issues/${issue.id}/comments/`, key, { notes: "It was the cable" });
        await api.call("PUT", "/projects/OPS/wiki/printers/", key, { title: "Printers", content: "How to mend them" });
        await api.upload(key, issue.id, "photo.png", "not really", "A photo of the printer");
    });

    after(() => pod.stop());

    describe("its start", () => {
        it("prints the entry point's lines in order and uses up the bootstrap file", async () => {
            const lines = (await api.log()).split("\n");
            const order = [
                "Waiting for database...",
                "Running database migrations...",
                "Seeding default data...",
                "Creating admin user from bootstrap file...",
                "Bootstrap file consumed and deleted.",
                "Starting Specivo...",
                "INFO:     Started server process [1]",
                "INFO:     Waiting for application startup.",
                "INFO:     Application startup complete.",
                "INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)",
            ].map((line) => lines.indexOf(line));
            assert.ok(!order.includes(-1), String(order));
            assert.deepEqual(
                order,
                [...order].sort((a, b) => a - b),
            );
            assert.equal((await api.exec("test", "-e", "/app/data/.bootstrap.json")).status, 1);
        });

        const settingsCases: readonly (readonly [string, string, Record<string, string>, RegExp | undefined])[] = [
            ["a short SECRET_KEY", "0.1.10", { SECRET_KEY: "x".repeat(31) }, /SECRET_KEY must be at least 32 bytes/],
            ["a SECRET_KEY of 32 bytes", "0.1.10", { SECRET_KEY: "x".repeat(32) }, undefined],
            [
                "CORS_ORIGINS that is no JSON",
                "0.1.6",
                { CORS_ORIGINS: "http://localhost:9933" },
                /SettingsError: error parsing value for field "cors_origins"/,
            ],
            ["CORS_ORIGINS that is no JSON", "0.1.5", { CORS_ORIGINS: "http://localhost:9933" }, undefined],
            ["CORS_ORIGINS as JSON", "0.1.6", { CORS_ORIGINS: '["http://localhost:9933"]' }, undefined],
            ["PASSWORD_MIN_LENGTH below 6", "0.1.7", { PASSWORD_MIN_LENGTH: "5" }, /greater than or equal to 6/],
        ];
        for (const [what, version, env, refusal] of settingsCases) {
            it(`${version} ${refusal ? "refuses" : "takes"} ${what}`, async () => {
                const ended = await pod.run(version, ["python", "-c", "import specivo.main"], { env });
                assert.equal(ended.status, refusal ? 1 : 0, ended.output);
                if (refusal) {
                    assert.match(ended.stderr, refusal);
                }
            });
        }

        it("fails without Redis, with 3", async () => {
            const env = { REDIS_URL: "redis://127.0.0.1:1/0" };
            const command = ["uvicorn", "specivo.main:app", "--port", "8009"] as const;
            const ended = await pod.run("0.8.0", command, { database, env });
            assert.equal(ended.status, 3);
            assert.match(ended.stderr, /Application startup failed\. Exiting\./);
        });

        it("with STEALTH_PREFIX has its health page elsewhere than compose looks for it", async () => {
            const stealth = await pod.api("0.8.0", { database, port: 8001, env: { STEALTH_PREFIX: "/hidden" } });
            await stealth.answers();
            assert.equal((await stealth.fetch("/health")).status, 404);
            assert.equal((await stealth.fetch("/hidden/health/")).status, 200);
            assert.equal((await stealth.fetch("/hidden/")).headers.get("location"), "/hidden/login/");
            await stealth.remove();
        });

        it("tells its version to importlib and in the image's label, and moving tags are releases", async () => {
            const tell = "from importlib.metadata import version; print(version('specivo'))";
            assert.equal((await api.exec("python", "-c", tell)).stdout.trim(), "0.8.0");
            const label = '{{index .Config.Labels "org.opencontainers.image.version"}}';
            const image = (tag: string, format: string) =>
                pod.docker("image", "inspect", "--format", format, `specivo/specivo:${tag}`);
            assert.equal(await image("0.1.9", label), "0.1.9");
            assert.equal(await image("0.1", "{{.Id}}"), await image("0.1.10", "{{.Id}}"));
            assert.equal(await image("0.8", "{{.Id}}"), await image("0.8.0", "{{.Id}}"));
            assert.equal(await image("latest", "{{.Id}}"), await image("0.8.0", "{{.Id}}"));
        });
    });

    describe("its answers", () => {
        it("to visitors are redirects, pages, and errors in one envelope", async () => {
            const health = await api.fetch("/health");
            assert.deepEqual([health.status, health.headers.get("location")], [307, `${api.url}/health/`]);
            const root = await api.fetch("/");
            assert.deepEqual([root.status, root.headers.get("location")], [302, "/login/"]);
            assert.equal((await api.fetch("/login/")).status, 200);
            assert.equal((await api.fetch("/docs")).status, 404);
            const denied = await api.fetch("/api/v1/projects/");
            assert.equal(denied.status, 401);
            const { errors } = (await denied.json()) as { errors: object[] };
            assert.deepEqual(
                errors.map((error) => Object.keys(error)),
                [["code", "message", "field", "details"]],
            );
        });

        it("without Redis: health 200 with a body that tells, API keys work, sessions do not", async () => {
            const session = await api.signIn();
            await pod.docker("stop", "--time", "2", `${pod.name}-redis`);
            try {
                const { status, database: db, redis } = await api.healthBody();
                assert.deepEqual([status, db, redis], ["degraded", "ok", "error"]);
                assert.equal((await api.request("GET", "/projects/", key)).status, 200);
                assert.equal((await api.request("GET", "/projects/", session)).status, 503);
            } finally {
                await pod.docker("start", `${pod.name}-redis`);
            }
            await until(20, "the return of Redis", async () => (await api.healthBody())["redis"] === "ok");
        });

        it("without its database: health 200 with a body that tells", async () => {
            await pod.docker("stop", `${pod.name}-db`);
            try {
                const { status, database: db, redis } = await api.healthBody();
                assert.deepEqual([status, db, redis], ["degraded", "error", "ok"]);
            } finally {
                await pod.docker("start", `${pod.name}-db`);
            }
            await until(20, "the return of the database", async () => (await api.healthBody())["database"] === "ok");
        });

        it("have assets named by their content since 0.1.10, another name for each version", async () => {
            const assets = async (version: string): Promise<string[]> => {
                const list = await pod.run(version, ["sh", "-c", "cd specivo/static && ls css js"]);
                return list.stdout.split("\n").filter((line) => line.includes("app."));
            };
            assert.deepEqual(await assets("0.1.9"), ["app.css", "app.js"]);
            const names = [...(await assets("0.1.10")), ...(await assets("0.2.0")), ...(await assets("0.8.0"))];
            assert.equal(new Set(names).size, 6);
            assert.ok(names.every((name) => /^app\.[0-9a-f]{8}\.(css|js)$/.test(name)));
            const linked = /\/static\/css\/app\.[0-9a-f]{8}\.css/.exec(await (await api.fetch("/login/")).text())?.[0];
            assert.ok(linked);
            assert.match(await (await api.fetch(linked)).text(), /^\/\* Specivo 0\.8\.0 \*\//);
        });

        it("to the eleventh sign-in of a minute is 429", async () => {
            const env = { RATE_LIMIT_ENABLED: "true" };
            const limited = await (await pod.api("0.8.0", { database, port: 8004, env })).answers();
            const body = JSON.stringify({ login: "admin", password: "wrong" });
            const headers = { "content-type": "application/json", "x-real-ip": "198.51.100.9" };
            const statuses = [];
            for (let attempt = 0; attempt < 11; attempt++) {
                statuses.push((await limited.fetch("/api/v1/auth/login/", { method: "POST", headers, body })).status);
            }
            assert.deepEqual(statuses, [...Array<number>(10).fill(401), 429]);
            await limited.remove();
        });

        it("to an unknown status filter are everything up to 0.4.0, and an error since", async () => {
            const old = await pod.newDatabase("old_filter");
            const before = await (await pod.api("0.4.0", { database: old, port: 8002 })).answers();
            await before.createAdmin();
            assert.equal((await before.request("GET", "/issues/?status=nonsense", await before.signIn())).status, 200);
            await before.remove();
            assert.equal((await api.request("GET", "/issues/?status=nonsense", key)).status, 422);
        });
    });

    describe("its seed", () => {
        it("puts default rows back to what is shipped, deleted transitions too, and leaves the others", async () => {
            const rows = `SELECT name, position, category FROM issue_statuses ORDER BY id;
                SELECT name, permissions, assignable FROM roles ORDER BY id;
                SELECT slug, definition FROM metadata_presets ORDER BY id;
                SELECT tracker_id, role_id, old_status_id, new_status_id FROM workflow_transitions ORDER BY 1, 2, 3, 4;
                SELECT key, value FROM settings ORDER BY key`;
            const copy = await pod.newDatabase("changed", "shipped");
            const shipped = await pod.sql(rows, copy);
            await pod.sql(
                `UPDATE issue_statuses SET position = 7, category = 'backlog' WHERE name = 'Closed';
                UPDATE roles SET permissions = '[]', assignable = false WHERE name IN ('Manager', 'Agent');
                UPDATE metadata_presets SET definition = '{}' WHERE slug = 'bug-triage';
                DELETE FROM workflow_transitions WHERE id IN (SELECT id FROM workflow_transitions LIMIT 3)`,
                copy,
            );
            const { stdout } = await pod.run("0.8.0", seed, { database: copy });
            assert.equal(await pod.sql(rows, copy), shipped);
            assert.match(stdout, /^Seeded 6 statuses: \['New', 'In Progress', /m);
            assert.match(stdout, /^Seeded 3 new workflow transitions$/m);

            // Whatever is only added when missing stays as the administrator has made it.
            await pod.sql(
                `INSERT INTO roles (name, permissions) VALUES ('Auditor', '["view"]');
                UPDATE roles SET permissions = '["view"]' WHERE name = 'Non member';
                UPDATE settings SET value = 'Ours' WHERE key = 'brand_name'`,
                copy,
            );
            const own = await pod.sql(rows, copy);
            await pod.run("0.8.0", seed, { database: copy });
            assert.equal(await pod.sql(rows, copy), own);
        });

        it("fails on a second status of a default name, so that the api can't start any more", async () => {
            const copy = await pod.newDatabase("two_of_a_name", "shipped");
            await pod.sql("INSERT INTO issue_statuses (name) VALUES ('New')", copy);
            const ended = await pod.run("0.8.0", seed, { database: copy });
            assert.equal(ended.status, 1);
            assert.match(ended.stderr, /sqlalchemy\.exc\.MultipleResultsFound/);
        });
    });

    describe("its background work", () => {
        const schedule = async (version: string): Promise<string> => {
            const tell = "from specivo.tasks import app; print(sorted(map(str, app.conf.beat_schedule.items())))";
            return (await pod.run(version, ["python", "-c", tell])).stdout;
        };

        /** A queue of its own, as workers of several releases would take each other's messages. */
        const queue = (number: number) => ({ REDIS_URL: `redis://127.0.0.1:6379/${number}` });

        it("is cleaning up hourly and partitions daily, since 0.2.0 recurring issues each hour too", async () => {
            const old = await schedule("0.1.10");
            assert.match(old, /cleanup_expired_tokens', 'schedule': <crontab: 0 \* \* \* \*/);
            assert.match(old, /ensure_audit_partitions', 'schedule': <crontab: 0 0 \* \* \*/);
            assert.doesNotMatch(old, /recurring/);
            assert.match(await schedule("0.2.0"), /generate_recurring_issues', 'schedule': 3600/);
        });

        it("is rejected by the worker of 0.1.9, and done by the one of 0.1.10", async () => {
            const env = queue(1);
            const before = await pod.newDatabase("tasks");
            const old = await (await pod.api("0.1.9", { database: before, port: 8003, env })).answers();
            await old.createAdmin();
            const token = await old.createKey();
            await old.call("POST", "/projects/", token, { key: "OPS", name: "Operations" });
            const deaf = await pod.worker("0.1.9", { database: before, env });
            await deaf.says(/ ready\./);
            await old.createIssue(token, "OPS", "Lost");
            await deaf.says(/Received unregistered task of type 'specivo\.tasks\.search\.index_source'/);
            const waiting = "return redis.call('llen', 'celery') + redis.call('hlen', 'unacked')";
            const redis = ["exec", `${pod.name}-redis`, "redis-cli", "-n", "1", "eval", waiting, "0"];
            await until(10, "the end of the message", async () => (await pod.docker(...redis)) === "0");
            await deaf.remove();

            const able = await pod.worker("0.1.10", { database: before, env });
            await able.says(/ ready\./);
            const kept = await old.createIssue(token, "OPS", "Kept");
            const indexed = () => pod.sql("SELECT source_id FROM search_sources", before);
            await until(20, "indexing", async () => (await indexed()) !== "");
            assert.equal(await indexed(), String(kept.id));
            await able.remove();
            await old.remove();
        });

        it("makes recurring issues within their lead time, each once, without the excepted ones", async () => {
            await pod.sql(
                `INSERT INTO recurring_patterns (project_id, tracker_id, priority_id, author_id, subject, frequency,
                        next_occurrence, lead_time_days, ends_on)
                    SELECT 1, 1, 1, (SELECT id FROM users WHERE login = 'admin'), 'Daily backup', 'daily',
                        current_date, 3, current_date + 30;
                INSERT INTO recurrence_exceptions (pattern_id, occurrence_date) VALUES (1, current_date + 1)`,
                database,
            );
            const env = { ...queue(2), RECURRING_TASKS_BEAT_INTERVAL_SECONDS: "1" };
            const worker = await pod.worker("0.8.0", { database, env });
            const beat = await pod.beat("0.8.0", { database, env });
            const next = "SELECT next_occurrence - current_date FROM recurring_patterns";
            await until(40, "the fourth occurrence", async () => (await pod.sql(next, database)) === "4");
            await worker.says(/(generate_recurring_issues\[[^\]]+\] succeeded[^]*){6}/);
            await beat.remove();
            await worker.remove();
            assert.equal(
                await pod.sql(
                    `SELECT occurrence_date - current_date, due_date = occurrence_date FROM issues
                        WHERE recurring_pattern_id = 1 ORDER BY occurrence_date`,
                    database,
                ),
                "0|t\n2|t\n3|t",
            );
        });

        it("can't make partitions of months whose rows lie in the default one, and says so", async () => {
            const task = "from specivo.tasks.maintenance import ensure_audit_partitions as f; f()";
            const made = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'security_audit_logs'::regclass";
            const copy = await pod.newDatabase("partitions", "shipped");
            await pod.sql("INSERT INTO security_audit_logs (event) VALUES ('login')", copy);
            const failed = await pod.run("0.8.0", ["python", "-c", task], { database: copy });
            assert.match(failed.output, /Audit partition creation failed/);
            assert.equal(await pod.sql(made, copy), "3");
            await pod.sql("DELETE FROM security_audit_logs", copy);
            await pod.run("0.8.0", ["python", "-c", task], { database: copy });
            assert.equal(await pod.sql(made, copy), "7");
        });
    });

    describe("its commands", () => {
        it("backfill_embeddings needs the model, then writes the same vectors each time, and their index", async () => {
            const model = "/app/data/models/multilingual-e5-small.onnx";
            const backfill = ["python", "-m", "specivo.cli.backfill_embeddings"] as const;
            const refused = await pod.run("0.8.0", backfill, { database });
            assert.equal(refused.status, 1);
            assert.match(refused.stderr, new RegExp(`^Embedding model not found: ${model}$`, "m"));

            await api.exec("sh", "-c", `mkdir -p /app/data/models && echo model > ${model}`);
            const done = await pod.run("0.8.0", backfill, { database });
            assert.equal(done.status, 0, done.output);
            const kinds = `SELECT s.source_type, count(DISTINCT s.id) > 0, bool_and(vector_dims(e.embedding) = 384)
                FROM search_sources s JOIN search_chunks c ON c.source_id = s.id
                LEFT JOIN chunk_embeddings e ON e.chunk_id = c.id GROUP BY 1 ORDER BY 1`;
            assert.equal(await pod.sql(kinds, database), "attachment|t|t\ncomment|t|t\nissue|t|t\nwiki_page|t|t");
            const chunks = "SELECT count(*) FROM search_chunks c JOIN search_sources s ON s.id = c.source_id";
            assert.equal(await pod.sql(`${chunks} WHERE source_type = 'issue' AND s.source_id = 1`, database), "3");
            const index = "SELECT indexdef FROM pg_indexes WHERE indexname = 'idx_hnsw_model_1'";
            assert.match(await pod.sql(index, database), /USING hnsw .*vector_cosine_ops\) WHERE \(model_id = 1\)/);
            const vectors = `SELECT md5(string_agg(e.embedding::text, ';' ORDER BY c.content, e.embedding::text))
                FROM chunk_embeddings e JOIN search_chunks c ON c.id = e.chunk_id`;
            const first = await pod.sql(vectors, database);
            await pod.run("0.8.0", backfill, { database });
            assert.equal(await pod.sql(vectors, database), first);
        });

        it("reindex_fts comes with 0.3.0, and makes a project's new language count", async () => {
            const reindex = (version: string, project: string) =>
                pod.run(version, ["python", "-m", "specivo.cli.reindex_fts", "--project", project], { database });
            const missing = await reindex("0.2.1", "OPS");
            assert.match(missing.stderr, /No module named specivo\.cli\.reindex_fts/);
            await api.createIssue(key, "OPS", "Neue Häuser");
            assert.deepEqual(await api.found(key, "Haus"), []);
            await pod.sql("UPDATE projects SET fts_language = 'german' WHERE key = 'OPS'", database);
            assert.deepEqual(await api.found(key, "Haus"), []);
            const done = await reindex("0.3.0", "OPS");
            assert.equal(done.status, 0, done.output);
            assert.deepEqual(await api.found(key, "Haus"), ["Neue Häuser"]);
            const unknown = await reindex("0.8.0", "NOPE");
            assert.equal(unknown.status, 1);
            assert.match(unknown.stderr, /^No project NOPE\.$/m);
        });

        it("admin reset-password takes no password shorter than 8", async () => {
            const reset = [
                "python",
                "-m",
                "specivo.cli.admin",
                "reset-password",
                "--login",
                "admin",
                "--password",
            ] as const;
            assert.equal((await pod.run("0.8.0", [...reset, "short"], { database })).status, 1);
            assert.equal((await pod.run("0.8.0", [...reset, "correct horse"], { database })).status, 0);
            assert.ok(await api.signIn());
        });
    });

    describe("its log file", () => {
        it("has what stdout has, without keys, since 0.1.6", async () => {
            await api.call("GET", `/search/?q=${key}`, key);
            await pod.run("0.8.0", [
                "python",
                "-c",
                `from specivo.core.logs import *; configure_logging(); logging.getLogger('specivo').error('key ${key}')`,
            ]);
            const { stdout } = await api.exec("cat", "/app/data/logs/specivo.log");
            assert.match(stdout, /"message": "key \*\*\*"/);
            assert.ok(!stdout.includes(key) && !stdout.includes(SECRET_KEY));
        });
    });
});
