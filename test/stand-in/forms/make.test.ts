import * as assert from "node:assert/strict";
import { Installed } from "../../support/instance";
import { newDroplet, removeDroplet } from "../../support/lab";

const PUBLIC_KEY = "dev-insecure-key-change-me-in-production-please";

describe("an instance in the form make", function () {
    this.timeout(300_000);
    let instance: Installed;

    before(async () => {
        instance = new Installed(await newDroplet("form-make", "0.1.9", { form: "make" }));
    });

    after(() => removeDroplet("form-make"));

    it("runs with the key that only .env.local has, and plain compose would change it", async () => {
        const key = (await instance.file(".env.local"))["SECRET_KEY"];
        assert.match(key ?? "", /^[0-9a-f]{128}$/);
        assert.equal(await instance.running("SECRET_KEY"), key);
        assert.equal(await instance.composed("SECRET_KEY"), PUBLIC_KEY);
        assert.equal((await instance.file(".env"))["SECRET_KEY"], undefined);
    });

    it("make up finds nothing to change", async () => {
        const before = await instance.containers();
        await instance.on("make up 2>&1");
        assert.deepEqual(await instance.containers(), before);
    });

    it("the wizard's administrator was made from its file, which is gone", async () => {
        assert.equal(await instance.sql("SELECT login FROM users WHERE is_admin"), "admin");
        assert.equal(await instance.on("find . -name .bootstrap.json"), "");
    });

    it("answers its users, and has a fingerprint", async () => {
        assert.equal((await instance.api("GET", "/projects/")).status, 200);
        assert.equal((await instance.fingerprint()).tables["issues"]?.rows, 300);
    });
});
