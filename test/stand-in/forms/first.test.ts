import * as assert from "node:assert/strict";
import { Installed } from "../../support/instance";
import { newDroplet, removeDroplet } from "../../support/lab";
import { until } from "../../support/until";

describe("an instance in the form first", function () {
    this.timeout(300_000);
    let instance: Installed;

    before(async () => {
        instance = new Installed(await newDroplet("form-first", "0.1.5", { form: "first" }));
    });

    after(() => removeDroplet("form-first"));

    it("has its database and Redis by their profiles only", async () => {
        const services = (profiles: string) =>
            instance.on(`COMPOSE_PROFILES=${profiles} docker compose config --services | sort | paste -sd ' '`);
        assert.equal(await services(""), "api celery-beat celery-worker nginx");
        assert.equal(await services("bundled-db,bundled-redis"), "api celery-beat celery-worker db nginx redis");
        assert.equal(Object.keys(await instance.containers()).length, 6);
    });

    it("takes its settings from both files, .env.local too, also by plain compose", async () => {
        const key = (await instance.file(".env.local"))["SECRET_KEY"];
        assert.match(key ?? "", /^[0-9a-f]{128}$/);
        assert.equal(await instance.running("SECRET_KEY"), key);
        assert.equal(await instance.composed("SECRET_KEY"), key);
        assert.equal(await instance.running("DATABASE_URL"), (await instance.file(".env"))["DATABASE_URL"]);
    });

    it("has the rows that the schema of its time has room for, and a fingerprint", async () => {
        const { revision, tables, files } = await instance.fingerprint();
        assert.deepEqual(
            [revision, tables["issues"]?.rows, tables["chunk_embeddings"]?.rows, tables["sprints"]],
            ["0002", 300, 0, undefined],
        );
        assert.equal(Object.keys(files).filter((file) => file.startsWith("attachments/")).length, 32);
        assert.equal((await instance.api("GET", "/issues/")).status, 200);
    });

    it("loses an api that comes back with another address, until its nginx is restarted", async () => {
        assert.equal(await instance.status(), 302);
        // Another container takes the address that becomes free.
        await instance.on(`docker rm -f specivo-api-1
            docker run -d --name squatter --network specivo_default redis:7-alpine
            docker compose up -d --no-deps --wait api 2>&1`);
        assert.equal(await instance.status(), 502);
        await instance.on("docker compose restart nginx 2>&1");
        await until(10, "the return of the site", async () => (await instance.status()) === 302);
    });
});
