import * as assert from "node:assert/strict";
import { cleanUp } from "../support/clean-up";
import { Installed } from "../support/instance";
import { differences, Droplet, fingerprint, newDroplet, removeDroplet } from "../support/lab";
import { People } from "../support/people";
import { Stack } from "../support/stack";

/** Where the data is elsewhere than one would think: hosts as people have them. */
const HOSTS = [
    ["make-external", "with database and Redis elsewhere, which only .env.local tells", 0],
    ["renamed", "where project, port, directories, database and user are called otherwise", 0],
    ["two", "that is the second on its server", 1],
] as const;

for (const [form, what, index] of HOSTS) {
    describe(`an instance ${what}`, function () {
        this.timeout(300_000);
        const name = `e2e-${form}`;
        let droplet: Droplet;
        let installed: Installed;
        let stack: Stack;
        let data: string;
        let environment: string;

        before(async () => {
            droplet = await newDroplet(name, "0.1.10", { form });
            installed = new Installed(droplet, droplet.instances[index]);
            stack = await Stack.create(name, droplet);
            await stack.configure(droplet, "0.2.0", undefined, installed.instance);
            data = await fingerprint(droplet, installed.instance);
            environment = await environmentOfApi();
        });

        after(() =>
            cleanUp(
                () => Stack.remove(name),
                () => removeDroplet(name),
            ),
        );

        /** All of the api's settings but the pin, which reaches it because .env is an env_file too. */
        function environmentOfApi(): Promise<string> {
            const format = "{{range .Config.Env}}{{println .}}{{end}}";
            return installed.on(
                `docker inspect -f '${format}' ${installed.instance.project}-api-1 | grep -v '^SPECIVO_VERSION=' | sort`,
            );
        }

        async function up(): Promise<void> {
            const ended = await stack.up();
            assert.equal(ended.status, 0, ended.output);
        }

        it("is migrated, with its settings as they were", async () => {
            await up();
            assert.equal(await installed.sql("SELECT version_num FROM alembic_version"), "0023");
            assert.equal(await environmentOfApi(), environment);
            assert.equal(await installed.status(), 302);
        });

        it("goes back to what it was, files and rows", async () => {
            const people = new People(installed);
            await people.writeIssue("written on 0.2.0");
            await people.attach(20_000);
            await stack.set({ specivoVersion: "0.1.10" });
            await up();
            assert.equal(await differences(data, await fingerprint(droplet, installed.instance)), "");
            assert.equal(await environmentOfApi(), environment);
            const again = await stack.up("--expect-no-changes");
            assert.equal(again.status, 0, again.output);
        });

        if (form === "two") {
            it("leaves the other one alone", async () => {
                const other = new Installed(droplet, droplet.instances[0]);
                const image = await other.on("docker inspect -f '{{.Config.Image}}' specivo-api-1");
                assert.equal(image, "specivo/specivo:0.1.10");
                assert.equal(await other.sql("SELECT count(*) FROM issues WHERE subject = 'written on 0.2.0'"), "0");
                assert.equal(await other.status(), 302);
            });
        }
    });
}
