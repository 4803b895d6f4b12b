import * as assert from "node:assert/strict";
import { Installed } from "../../support/instance";
import { Droplet, newDroplet, removeDroplet } from "../../support/lab";

describe("a droplet in the form two", function () {
    this.timeout(300_000);
    let droplet: Droplet;
    let first: Installed;
    let second: Installed;

    before(async () => {
        droplet = await newDroplet("form-two", "0.1.9", { form: "two" });
        [first, second] = droplet.instances.map((instance) => new Installed(droplet, instance)) as [
            Installed,
            Installed,
        ];
    });

    after(() => removeDroplet("form-two"));

    it("has two instances, each with its own directory, project, port and containers", async () => {
        const { address } = droplet;
        assert.deepEqual(
            droplet.instances.map(({ installDir, project, url }) => [installDir, project, url]),
            [
                ["/opt/specivo", "specivo", `http://${address}:9933`],
                ["/opt/tracker", "tracker", `http://${address}:9934`],
            ],
        );
        const containers = [...Object.values(await first.containers()), ...Object.values(await second.containers())];
        assert.equal(new Set(containers).size, 12);
        assert.deepEqual([await first.status(), await second.status()], [302, 302]);
    });

    it("each has rows of its own", async () => {
        const brand = "SELECT value FROM settings WHERE key = 'brand_name'";
        assert.deepEqual([await first.sql(brand), await second.sql(brand)], ["specivo", "tracker"]);
    });

    it("what is written in one is not in the other", async () => {
        const before = await first.fingerprint();
        assert.equal((await second.fingerprint()).tables["issues"]?.rows, 300);
        const issue = await second.api("POST", "/issues/", { project: "OPS", subject: "Only here" });
        assert.equal(issue.status, 201);
        assert.deepEqual((await first.fingerprint()).tables, before.tables);
        assert.equal((await second.fingerprint()).tables["issues"]?.rows, 301);
    });
});
