import * as assert from "node:assert/strict";
import { Droplet, newDroplet, on, removeDroplet } from "../support/lab";
import { HowTo } from "./commands";

/** Files of the database's tables that no table knows. */
const STRAY_FILES = `SELECT count(*) FROM pg_ls_dir('base/' || (SELECT oid FROM pg_database
        WHERE datname = current_database())) AS file
    WHERE file ~ '^[0-9]+$' AND NOT EXISTS (SELECT FROM pg_class WHERE pg_relation_filenode(oid) = file::oid)`;

// Each of these is something that the program has to notice, avoid or repair: the lab must show it as the original does.
describe("what the how-to's commands do to an instance when the schema changes", function () {
    this.timeout(300_000);
    let droplet: Droplet;
    let admin: HowTo;
    let upload: string;

    before(async () => {
        droplet = await newDroplet("how-to-migration", "0.1.9");
        admin = new HowTo(droplet);
        await admin.upgrade("0.1.10");
        assert.equal(await admin.sql(STRAY_FILES), "0");
        const insert = (key: string) => admin.sql(`INSERT INTO settings (key, value) VALUES ('${key}', '1')`);
        await admin.backUp("before", () => insert("between_dump_and_archive"));
        await insert("after_the_backup");
        const answer = await on(
            droplet,
            `curl -fsS -H "Authorization: Bearer $(cat /root/specivo-api-key)" -F container_type=issue -F container_id=1 \\
                -F file=@/etc/hostname ${droplet.url}/api/v1/attachments/`,
        );
        upload = await admin.sql(
            `SELECT disk_filename FROM attachments WHERE id = ${(JSON.parse(answer) as { id: number }).id}`,
        );
    });

    after(() => removeDroplet("how-to-migration"));

    const states = async (): Promise<string[]> =>
        Promise.all(
            ["celery-worker", "celery-beat", "nginx"].map((service) => admin.inspect(service, "{{.State.Status}}")),
        );

    // Compose 2.26 also recreates nginx, as it waits for api, and so takes the whole site down; 2.40 leaves nginx alone,
    // and the site comes back over dead background work.
    it("a migration of more than 80 s: up fails, the migration goes through, and all that waits for api stays dead", async () => {
        const up = await admin.upgrade("0.2.0-migration-slow");
        assert.equal(up.status, 1);
        assert.match(up.output, /dependency failed to start: container specivo-api-1 is unhealthy/);
        await admin.apiIsHealthy();
        assert.equal(await admin.sql("SELECT version_num FROM alembic_version"), "0023");
        assert.match(await admin.on("docker compose version --short"), /^2\.26\./);
        assert.deepEqual(await states(), ["created", "created", "created"]);
        const site = await admin.try("curl -s -o /dev/null http://127.0.0.1:9933/");
        assert.equal(site.status, 7, "something answers on the site's port");
    });

    it("an older image on the newer schema never starts", async () => {
        const up = await admin.upgrade("0.1.10");
        assert.equal(up.status, 1);
        assert.match(up.output, /dependency failed to start: container specivo-api-1 is unhealthy/);
        const log = await admin.on(`docker logs "$(docker compose ps -aq api)" 2>&1`);
        assert.match(log, /^ERROR \[alembic\.util\.messaging\] Can't locate revision identified by '0023'$/m);
        assert.doesNotMatch(log, /^Starting Specivo/m);
        assert.match(await admin.inspect("api", "{{.RestartCount}}"), /^[1-9]/);
        assert.deepEqual(await states(), ["created", "created", "created"]);
        assert.equal(await admin.sql("SELECT version_num FROM alembic_version"), "0023");
    });

    it("the documented restore reports success over errors; the dump brings nothing back", async () => {
        const psql = await admin.restore("before", "0.1.10");
        assert.equal(psql.status, 0);
        assert.match(psql.stderr, /ERROR: {2}relation "issues" already exists/);
        assert.match(psql.stderr, /ERROR: {2}duplicate key value violates unique constraint "issues_pkey"/);
        // What is there is the data directory as tar caught it while the database ran, with what crash recovery made of it.
        assert.equal(await admin.sql("SELECT version_num FROM alembic_version"), "0020");
        const kept = "SELECT key FROM settings WHERE key IN ('between_dump_and_archive', 'after_the_backup')";
        assert.equal(await admin.sql(kept), "between_dump_and_archive");
        assert.match(
            await admin.on("docker logs specivo-db-1 2>&1"),
            /database system was not properly shut down; automatic recovery in progress/,
        );
    });

    it("and it leaves newer files among the older ones, in the database's directory and in the attachments", async () => {
        assert.match(await admin.sql(STRAY_FILES), /^[1-9]/);
        assert.equal(await admin.sql(`SELECT count(*) FROM attachments WHERE disk_filename = '${upload}'`), "0");
        await admin.on(`test -f specivo-data/attachments/${upload}`);
        const up = await admin.try("docker compose up -d");
        assert.equal(up.status, 0, up.output);
        assert.equal((await admin.verify()).status, "302");
    });
});
