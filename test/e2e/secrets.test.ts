import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { cleanUp } from "../support/clean-up";
import { Droplet, newDroplet, on, removeDroplet, tryOn } from "../support/lab";
import { Ended, run } from "../support/run";
import { Stack } from "../support/stack";

describe("secrets stay secret", function () {
    this.timeout(300_000);
    const name = "e2e-secrets";
    /** Every argument list with which the tools that operations use were started on the droplet. */
    const argvLog = "/root/argv.log";
    let droplet: Droplet;
    let stack: Stack;
    /** Values planted where the program uses secrets; none may be found anywhere else. */
    let canaries: Record<string, string>;

    before(async () => {
        droplet = await newDroplet(name, "0.1.9");
        stack = await Stack.create(name, droplet);
        const s3 = droplet.offsite.s3;
        const databasePassword = "canary-database-7f3a";
        await on(
            droplet,
            `set -e; cd /opt/specivo
            docker compose exec -T db psql -U specivo specivo -qc "ALTER USER specivo PASSWORD '${databasePassword}'" </dev/null
            sed -i 's#^DATABASE_URL=.*#DATABASE_URL=postgresql+asyncpg://specivo:${databasePassword}@db:5432/specivo#' .env
            docker compose up -d --wait api celery-worker celery-beat 2>&1`,
        );
        canaries = {
            "backup password": "canary-backup-91bc",
            "database password": databasePassword,
            "S3 secret key": fs.readFileSync(s3.secretAccessKeyPath, "utf8").trim(),
        };
        // Sampling misses what lives for milliseconds. /usr/local/sbin is the first place of a login's PATH on the droplet.
        await on(
            droplet,
            `set -e; umask 077; : > ${argvLog}
            for tool in jq docker restic ssh-add curl; do
                printf '#!/bin/sh\\nprintf "%%s\\\\n" "%s $*" >> ${argvLog}\\nexec %s "$@"\\n' $tool /usr/bin/$tool > /usr/local/sbin/$tool
                chmod 755 /usr/local/sbin/$tool
                [ "$(command -v $tool)" = /usr/local/sbin/$tool ]
            done
            docker --version >/dev/null; grep -qx 'docker --version' ${argvLog}`,
        );
        await stack.set({
            specivoVersion: "0.1.10",
            host: droplet.address,
            sshKnownHostsPath: droplet.knownHosts,
            offsiteRepository: s3.repository,
            offsiteAccessKeyId: fs.readFileSync(s3.accessKeyIdPath, "utf8").trim(),
        });
        await stack.setSecret("backupPassword", canaries["backup password"] ?? "");
        await stack.setSecret("offsiteSecretAccessKey", canaries["S3 secret key"] ?? "");
    });

    after(() =>
        cleanUp(
            () => Stack.remove(name),
            () => removeDroplet(name),
        ),
    );

    function assertNoCanary(where: string, text: string): void {
        assert.ok(text.length > 0, `${where} is empty, so nothing was looked at`);
        for (const [name, value] of Object.entries(canaries)) {
            assert.ok(!text.includes(value), `the ${name} stands in ${where}`);
        }
    }

    /** `pulumi preview` and `up`, and every argument list of the droplet and of this machine while they ran. */
    async function watched(...usedTools: string[]): Promise<void> {
        const marker = fs.mkdtempSync("/tmp/sampler-");
        const sampler = (done: string) =>
            `while [ ! -e ${done} ]; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; sleep 0.2; done`;
        await on(droplet, `rm -f /tmp/sampled; : > ${argvLog}`);
        const onDroplet = tryOn(droplet, "timeout 280 sh -s", sampler("/tmp/sampled"));
        const here = run("timeout", ["280", "sh", "-c", sampler(`${marker}/done`)]);
        let preview: Ended, up: Ended;
        try {
            preview = await stack.preview("--diff");
            up = await stack.up("--diff", "--show-config");
        } finally {
            fs.writeFileSync(`${marker}/done`, "");
            await Promise.allSettled([tryOn(droplet, "touch /tmp/sampled"), onDroplet, here]);
            fs.rmSync(marker, { recursive: true });
        }
        const [droplets, ours] = [await onDroplet, await here];
        assert.deepEqual([droplets.status, ours.status], [0, 0], "a sampler ended before the up");
        const started = await on(droplet, `cat ${argvLog}`);

        assert.equal(up.status, 0, up.output);
        assertNoCanary("the preview", preview.output);
        assertNoCanary("the output of up", up.output);
        assert.match(droplets.stdout, /restic/, "the sampler missed the backup");
        for (const tool of usedTools) {
            assert.match(started, new RegExp(`^${tool} `, "m"), `no start of ${tool} was seen`);
        }
        assertNoCanary("an argument list on the droplet", droplets.stdout);
        assertNoCanary("an argument list of a short-lived process on the droplet", started);
        assertNoCanary("an argument list on the operator's machine", ours.stdout);
        assertNoCanary("the state", await stack.export());
        assertNoCanary("the stack's file", stack.config());
        assertNoCanary("the ledger", await on(droplet, "specivo-host ledger"));
        assertNoCanary("the facts", await on(droplet, "specivo-host facts"));
        assertNoCanary("the droplet's log", await on(droplet, "journalctl --no-pager -q || true; echo end"));
    }

    it("not in preview, up, argument lists, logs, ledger or state: backups to S3", () =>
        watched("jq", "docker", "restic"));

    it("the same with backups over SFTP", async () => {
        const { sftp } = droplet.offsite;
        const key = fs.readFileSync(sftp.privateKeyPath, "utf8");
        canaries["SFTP private key"] = key.split("\n")[2] ?? "";
        await stack.setSecret("offsiteSshPrivateKey", key);
        await stack.set({
            specivoVersion: "0.1.9",
            offsiteRepository: sftp.repository,
            offsiteSshKnownHosts: fs.readFileSync(sftp.knownHostsPath, "utf8"),
        });
        await watched("jq", "docker", "restic", "ssh-add");
    });

    it("not in an error either", async () => {
        await stack.set({ specivoVersion: "0.1.10" });
        await stack.setSecret("backupPassword", "canary-wrong-55d2");
        canaries["wrong backup password"] = "canary-wrong-55d2";
        const up = await stack.up();
        assert.notEqual(up.status, 0, up.output);
        assertNoCanary("the error", up.output);
        assertNoCanary("the state", await stack.export());
    });

    it("on the server they lie in one file that only root can read", async () => {
        const found = await on(
            droplet,
            `grep -rlF -e '${canaries["SFTP private key"]}' /var/lib/specivo-upgrade /etc /tmp /root /home /run /var/log 2>/dev/null || true`,
        );
        const files = found.trim().split("\n");
        assert.equal(files.length, 1, found);
        const mode = await on(droplet, `stat -c '%a %U' ${files[0]}`);
        assert.equal(mode.trim(), "600 root");
    });
});
