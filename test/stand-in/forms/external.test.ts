import * as assert from "node:assert/strict";
import { Installed } from "../../support/instance";
import { newDroplet, on, removeDroplet } from "../../support/lab";

describe("an instance in the form external", function () {
    this.timeout(300_000);
    let instance: Installed;

    before(async () => {
        instance = new Installed(await newDroplet("form-external", "0.1.9", { form: "external" }));
    });

    after(() => removeDroplet("form-external"));

    it("runs with the addresses in .env, under which the application has its rows and its queue", async () => {
        for (const variable of ["DATABASE_URL", "REDIS_URL"]) {
            const url = await instance.running(variable);
            assert.equal(url, (await instance.file(".env"))[variable]);
            assert.equal(url, await instance.composed(variable));
            assert.match(url ?? "", /@host\.docker\.internal:/);
        }
        const issue = await instance.api("POST", "/issues/", { project: "OPS", subject: "Where does this go?" });
        assert.equal(issue.status, 201);
        assert.equal(await instance.sql("SELECT count(*) FROM issues WHERE subject = 'Where does this go?'"), "1");
        assert.equal(await instance.sql("SELECT count(*) FROM issues"), "301");
        const clients = "docker exec redis-of-all redis-cli --no-auth-warning -a 5b20c6a8f3 client list";
        assert.match(await instance.on(clients), / db=2 .* cmd=brpop /);
    });

    it("has bundled ones beside, which run and are empty", async () => {
        const containers = await instance.containers();
        assert.deepEqual(Object.keys(containers).sort(), [
            ...["api", "celery-beat", "celery-worker", "db", "nginx", "redis"],
        ]);
        const tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
        assert.equal(await instance.on(`docker exec specivo-db-1 psql -U specivo -d specivo -Atc "${tables}"`), "0");
        assert.equal(await instance.on("docker exec specivo-redis-1 redis-cli dbsize"), "0");
    });

    it("has its database and Redis in containers that no compose project knows", async () => {
        const label = '{{.Label "com.docker.compose.project"}}';
        const others = await on(
            instance.droplet,
            `docker ps --format '{{.Names}}|${label}|{{.Ports}}' | grep -v specivo`,
        );
        assert.match(others, /^postgresql-of-all\|\|0\.0\.0\.0:5433->5432/m);
        assert.match(others, /^redis-of-all\|\|0\.0\.0\.0:6380->6379/m);
    });

    it("has a fingerprint of the rows elsewhere", async () => {
        const issues = Number(await instance.sql("SELECT count(*) FROM issues"));
        assert.ok(issues >= 300);
        assert.equal((await instance.fingerprint()).tables["issues"]?.rows, issues);
    });
});
