import * as assert from "node:assert/strict";
import { Droplet, newDroplet, removeDroplet } from "../support/lab";
import { HowTo } from "./commands";

const PUBLIC_KEY = "dev-insecure-key-change-me-in-production-please";
const OWN_KEY = "0123456789abcdef".repeat(8);
const EXTERNAL_URL = "postgresql+asyncpg://elsewhere:elsewhere@host.docker.internal:5433/tracker";

// Each of these is something that the program has to notice, avoid or repair: the lab must show it as the original does.
describe("what the how-to's commands do to an instance with a .env.local", function () {
    this.timeout(300_000);
    let droplet: Droplet;
    let admin: HowTo;
    const secrets = (text: string) => admin.on(`umask 077 && printf '${text}' > .env.local`);

    before(async () => {
        droplet = await newDroplet("how-to-env", "0.1.9");
        admin = new HowTo(droplet);
    });

    after(() => removeDroplet("how-to-env"));

    /** `make up`: the Makefile includes both files and exports all they set, which plain Compose does not. */
    const makeUp = () => admin.on("set -a && . ./.env && . ./.env.local && set +a && docker compose up -d");

    it("a key of one's own becomes the one that everybody knows", async () => {
        await secrets(`SECRET_KEY=${OWN_KEY}\\n`);
        await makeUp();
        assert.equal(await admin.environment("SECRET_KEY"), OWN_KEY);
        const up = await admin.upgrade("0.1.10");
        assert.equal(up.status, 0, up.output);
        assert.equal(await admin.environment("SECRET_KEY"), PUBLIC_KEY);
    });

    it("with the database elsewhere, the dump is one of an empty database, and the application moves onto that", async () => {
        await admin.on(`sed -i '/^DATABASE_URL=/d' .env
            docker compose down
            docker run -d --name elsewhere -p 5433:5432 -e POSTGRES_USER=elsewhere -e POSTGRES_PASSWORD=elsewhere \\
                -e POSTGRES_DB=tracker pgvector/pgvector:pg18
            until docker exec elsewhere pg_isready -q -h 127.0.0.1 -U elsewhere -d tracker; do sleep 0.5; done
            mv specivo-data/postgresql /root/postgresql-of-before`);
        await secrets(`SECRET_KEY=${OWN_KEY}\\nDATABASE_URL=${EXTERNAL_URL}\\n`);
        await makeUp();
        const users = () =>
            admin
                .on(`docker exec elsewhere psql -U elsewhere -d tracker -Atc "SELECT count(*) FROM users"`)
                .then((text) => text.trim());
        await admin.on(`docker compose exec -T api python -m specivo.cli.admin create --login elsewhere \\
            --email elsewhere@example.org --password correct-horse`);
        assert.equal(await users(), "1");

        await admin.backUp("external");
        const dump = await admin.on("cat /opt/specivo-backups/backup-external.sql");
        assert.match(dump, /PostgreSQL database dump complete/);
        assert.doesNotMatch(dump, /COPY public\.users/);

        const up = await admin.upgrade("0.1.9");
        assert.equal(up.status, 0, up.output);
        assert.match(await admin.environment("DATABASE_URL"), /@db:5432\/specivo$/);
        assert.equal(await admin.sql("SELECT count(*) FROM users"), "0");
        assert.equal(await users(), "1");
    });
});
