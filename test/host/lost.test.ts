import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { differences, Droplet, fingerprint, newDroplet, on, removeDroplet } from "../support/lab";
import { Operations } from "../support/operations";
import { proceed } from "../support/transitions";

const NAME = "host-lost";

describe("an instance whose server is lost", function () {
    this.timeout(300_000);
    let droplet: Droplet;
    let host: Operations;

    before(async () => {
        droplet = await newDroplet(NAME, "0.1.10", { form: "make" });
        host = await Operations.install(droplet);
        await host.storeOffsite("for this test");
    });

    after(() => removeDroplet(NAME));

    it("comes back with the settings it ran with, which .env.local alone tells, through a link where .env was one", async () => {
        const { installDir, offsite } = droplet;
        const environment = () =>
            on(
                droplet,
                `docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' $(docker ps -qf label=com.docker.compose.service=api) | sort`,
            );
        await on(
            droplet,
            `mkdir /etc/settings && mv ${installDir}/.env /etc/settings/specivo && ln -s /etc/settings/specivo ${installDir}/.env`,
        );
        const before = { data: await fingerprint(droplet), environment: await environment() };
        await proceed(host, 1, "0.1.10", "pin");
        await on(
            droplet,
            `set -e; cd ${installDir}; docker rm -fv $(docker ps -aq) >/dev/null; docker network prune -f >/dev/null
            cd /; rm -rf ${installDir} /etc/settings /var/lib/specivo-upgrade`,
        );

        const { repository, privateKeyPath, knownHostsPath } = offsite.sftp;
        const sftp = {
            privateKey: fs.readFileSync(privateKeyPath, "utf8"),
            knownHosts: fs.readFileSync(knownHostsPath, "utf8"),
        };
        await host.run("install", {
            installDir,
            version: "0.1.10",
            digest: "",
            archive: "",
            port: 9933,
            admin: { login: "admin", email: "admin@example.org" },
            files: {},
            restore: { repository, password: "for this test", sftp, from: "latest" },
        });
        assert.equal(await environment(), before.environment);
        assert.equal(await differences(before.data, await fingerprint(droplet)), "");
        assert.equal((await on(droplet, `readlink ${installDir}/.env`)).trim(), "/etc/settings/specivo");
        // The next transition finds how Compose is called.
        await host.run("preflight", {
            transition: {
                id: "0.1.10-to-0.1.10#2",
                instance: await host.instance(),
                direction: "repair",
                from: "0.1.10",
                to: "0.1.10",
            },
        });
    });
});
