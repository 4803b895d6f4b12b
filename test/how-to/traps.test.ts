import * as assert from "node:assert/strict";
import { newDroplet, removeDroplet } from "../support/lab";
import { Installed } from "../support/instance";
import { HowTo } from "./commands";

const PUBLIC_KEY = "dev-insecure-key-change-me-in-production-please";

// Each of these is something that the program has to notice, avoid or repair: the lab must show it as the original does.
describe("what the how-to's commands do to an instance whose key and database stand in .env.local", function () {
    this.timeout(300_000);
    let instance: Installed;
    let admin: HowTo;
    let own: Record<string, string>;
    let issues: string;

    before(async () => {
        const droplet = await newDroplet("how-to-env", "0.1.9", { form: "make-external" });
        instance = new Installed(droplet);
        admin = new HowTo(droplet);
        own = await instance.file(".env.local");
        issues = await instance.sql("SELECT count(*) FROM issues");
    });

    after(() => removeDroplet("how-to-env"));

    it("the instance runs with them, as make up exports them", async () => {
        for (const variable of ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"]) {
            assert.ok(own[variable]);
            assert.equal(await admin.environment(variable), own[variable]);
        }
        assert.equal(issues, "300");
    });

    it("the dump is one of an empty database", async () => {
        await admin.backUp("external");
        const dump = "/opt/specivo-backups/backup-external.sql";
        await admin.on(`grep 'PostgreSQL database dump complete' ${dump}`);
        assert.equal((await admin.try(`grep -m 1 'CREATE TABLE' ${dump}`)).output, "");
    });

    it("the upgrade gives it the key that everybody knows, and moves it onto the empty database", async () => {
        const up = await admin.upgrade("0.1.10");
        assert.equal(up.status, 0, up.output);
        assert.equal(await admin.environment("SECRET_KEY"), PUBLIC_KEY);
        assert.match(await admin.environment("DATABASE_URL"), /@db:5432\/specivo$/);
        assert.equal(await admin.sql("SELECT count(*) FROM users"), "0");
        assert.equal(await instance.sql("SELECT count(*) FROM issues"), issues);
    });
});
