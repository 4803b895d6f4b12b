import * as assert from "node:assert/strict";
import { Droplet, newDroplet, on, removeDroplet } from "../support/lab";
import { envForms } from "../support/env-forms";
import { Operations } from "../support/operations";

interface Facts {
    readonly version: string | null;
    readonly install: { readonly present: boolean; readonly pin: string; readonly project: string };
    readonly services: readonly { readonly service: string; readonly health: string | null }[];
    readonly database: { readonly bundled: boolean; readonly revision: string };
    readonly target: { readonly registry: string; readonly imageId: string | null };
    readonly transitions: readonly unknown[];
}

describe("the host's operations at the prompt", function () {
    this.timeout(180_000);
    const name = "host-prompt";
    let droplet: Droplet;
    let host: Operations;

    before(async () => {
        droplet = await newDroplet(name, "0.1.9");
        host = await Operations.install(droplet);
    });

    after(() => removeDroplet(name));

    it("each explains itself, and an unknown one is a plain sentence", async () => {
        const overview = await on(droplet, "/root/host/specivo-host --help");
        const operations = [
            "facts",
            "backups",
            "history",
            "ledger",
            "check",
            "restore",
            "preflight",
            "backup",
            "rehearsal",
            "pin",
            "rollout",
        ];
        for (const operation of [...operations, "verify", "restore-point", "offsite", "settle"]) {
            assert.match(overview, new RegExp(`^  ${operation} `, "m"));
            assert.match(await on(droplet, `/root/host/specivo-host ${operation} --help`), /^Usage: specivo-host/);
        }
        const ended = await host.try("explode");
        assert.equal(ended.status, 1);
        assert.equal(
            ended.stderr,
            "specivo-host: there is no operation 'explode'; run specivo-host --help for the list.\n",
        );
    });

    it("docker compose reads the new version from every form of .env that the pin can leave", async () => {
        const readable = envForms.filter(([, before]) => !before.includes("\xff"));
        const script = readable
            .map(
                ([, , after]) =>
                    `printf %s ${Buffer.from(after).toString("base64")} | base64 -d > .env; docker compose config --images`,
            )
            .join("\n");
        const images = await on(
            droplet,
            `set -e; mkdir -p /root/forms; cd /root/forms
            echo 'services: {api: {image: "specivo/specivo:\${SPECIVO_VERSION:-latest}"}}' > compose.yaml
            ${script}`,
        );
        assert.deepEqual(
            images.trim().split("\n"),
            readable.map(() => "specivo/specivo:0.1.10"),
        );
    });

    it("facts tells what runs, and writes nothing", async () => {
        const facts = await host.run<Facts>("facts", { target: "0.1.10" });
        assert.equal(facts.version, "0.1.9");
        assert.equal(facts.install.pin, "0.1.9");
        assert.equal(facts.install.project, "specivo");
        assert.equal(facts.database.bundled, true);
        assert.equal(facts.database.revision, "0020");
        assert.equal(facts.services.length, 6);
        assert.equal(facts.services.find((service) => service.service === "api")?.health, "healthy");
        assert.deepEqual(facts.transitions, []);
        assert.equal(facts.target.registry, "found");
        assert.equal(facts.target.imageId, null);
        assert.equal(await on(droplet, "ls -d /var/lib/specivo-upgrade 2>/dev/null || true"), "");
    });

    it("facts needs neither jq nor restic", async () => {
        await on(droplet, "chmod -x /usr/bin/jq /usr/bin/restic");
        try {
            const facts = await host.run<Facts & { tools: { jq: null; restic: null } }>("facts");
            assert.equal(facts.version, "0.1.9");
            assert.equal(facts.tools.jq, null);
            assert.equal(facts.tools.restic, null);
        } finally {
            await on(droplet, "chmod +x /usr/bin/jq /usr/bin/restic");
        }
    });

    it("facts tells a tag that the registry does not have, and a directory without Specivo", async () => {
        assert.equal((await host.run<Facts>("facts", { target: "0.1.99" })).target.registry, "missing");
        const empty = await host.run<Facts>("facts", { installDir: "/opt/nothing" });
        assert.equal(empty.install.present, false);
        assert.equal(empty.version, null);
    });

    it("facts takes a Compose file that can't be read for no empty directory, and shows nothing of .env", async () => {
        await on(
            droplet,
            "mkdir -p /opt/broken && cd /opt/broken && echo 'services: {api: [' >compose.yaml && echo 'canary%=' >.env",
        );
        const { status, output } = await host.try("facts", { installDir: "/opt/broken" });
        assert.equal(status, 1);
        assert.match(
            output,
            /docker compose can't read \/opt\/broken\/compose\.yaml on the server: correct what `docker/,
        );
        assert.doesNotMatch(output, /canary/);
    });

    it("says that it waits for stdin where nothing comes", async () => {
        const said = await on(droplet, "sleep 7 | /root/host/specivo-host history 2>&1");
        assert.match(said, /history: waiting for the input on stdin; where there is none/);
    });
});
