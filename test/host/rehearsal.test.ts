import * as assert from "node:assert/strict";
import { fault, mend } from "../support/faults";
import { KILL_OPERATION } from "../support/interruptions";
import { containers, differences, Droplet, fingerprint, newDroplet, on, removeDroplet, tryOn } from "../support/lab";
import { Operations } from "../support/operations";
import { proceed } from "../support/transitions";

interface Rehearsed {
    readonly revisionBefore: string;
    readonly revisionAfter: string;
    readonly migrated: boolean;
    readonly seconds: number;
}

interface Facts {
    readonly version: string;
    readonly transitions: readonly { readonly id: string; readonly state: string }[];
}

const NAME = "host-rehearsal";
const SECRET_KEY = "canary-secret-key-of-more-than-32-bytes";
/** An entry point that tells what it finds where it was started, then ends. */
const SPY = `
for at in "127.0.0.1 5432" "127.0.0.1 6379" "db 5432" "redis 6379" "api 8000" "nginx 80"; do
    python -c 'import socket, sys; socket.create_connection(sys.argv[1:], 2)' $at 2>/dev/null && echo "reaches $at"
done
echo "networks: $(tail -n +3 /proc/net/dev | cut -d: -f1 | xargs), files in data: $(ls -A /app/data | wc -l)"
for file in /app/readable/new /app/single; do touch $file 2>/dev/null && echo "writes to $file"; done
echo "readable: $(ls -A /app/readable), writable: $(touch /app/writable/new && ls -A /app/writable), single: $(cat /app/single)"
echo "version $SPECIVO_VERSION at $DATABASE_URL and $REDIS_URL with $SECRET_KEY"
exit 1`;

describe("the rehearsal", function () {
    this.timeout(180_000);
    let droplet: Droplet;
    let host: Operations;
    let ids: Record<string, string>;
    let env: string;
    let data: string;

    before(async () => {
        droplet = await newDroplet(NAME, "0.1.9");
        host = await Operations.install(droplet);
        await on(
            droplet,
            `set -e; cd /opt/specivo
            echo SECRET_KEY=${SECRET_KEY} >> .env
            mkdir readable writable; touch readable/theme writable/upload; echo text > single
            echo '{"services":{"api":{"volumes":["./readable:/app/readable:ro","./writable:/app/writable","./single:/app/single"]}}}' > docker-compose.override.yml
            docker compose up -d --wait --no-deps api celery-worker celery-beat 2>&1
            for tag in 0.1.10 0.2.0 0.1.10-never-healthy 0.2.0-migration-refuses 0.2.0-migration-fails 0.2.0-migration-slow; do
                docker pull -q specivo/specivo:$tag
            done
            id=$(docker create specivo/specivo:0.1.10)
            cat > /root/spy
            docker cp -q /root/spy $id:/spy
            docker commit --change 'ENTRYPOINT ["sh","/spy"]' $id specivo/specivo:0.1.11
            docker commit --change 'ENTRYPOINT ["python","-c","world = str(1) * 2**30"]' $id specivo/specivo:0.1.12
            docker rm $id`,
            SPY,
        );
        await host.storeOffsite("for this test");
        ids = await containers(droplet);
        env = await on(droplet, "sha256sum /opt/specivo/.env");
        data = await fingerprint(droplet);
    });

    after(() => removeDroplet(NAME));

    /** Containers, pin and data are those from before, and nothing of the rehearsal is there any more. */
    async function assertUntouched(): Promise<void> {
        assert.deepEqual(await containers(droplet), ids);
        assert.equal(
            await on(droplet, "cd /opt/specivo && ls -A readable writable | xargs"),
            "readable: theme writable: upload\n",
        );
        assert.equal(await on(droplet, "sha256sum /opt/specivo/.env"), env);
        assert.equal(await differences(data, await fingerprint(droplet)), "");
        assert.equal((await on(droplet, "docker ps -aq")).trim().split("\n").length, 6);
        assert.equal((await on(droplet, "docker volume ls -q")).trim(), "");
        assert.equal(await on(droplet, "ls -A /var/lib/specivo-upgrade/specivo-*/staging"), "");
    }

    /** What a refused rehearsal says last. */
    async function refused(number: number, to: string): Promise<string> {
        const sentence = await host.refusal("rehearsal", await proceed(host, number, to, "rehearsal"));
        assert.match(sentence, /Nothing was changed: the instance runs 0\.1\.9 as before\./);
        const { transitions } = await host.run<Facts>("facts");
        assert.equal(transitions.at(-1)?.state, "failed");
        await assertUntouched();
        return sentence;
    }

    it("starts a version that keeps the schema, answers the same again, and the pin waits for it", async () => {
        const input = await proceed(host, 1, "0.1.10", "rehearsal");
        assert.match(await host.refusal("pin", input), /pin may not run before rehearsal/);
        await proceed(host, 2, "0.1.10", "rehearsal").then(async (again) => {
            const first = await host.try("rehearsal", again);
            assert.equal(first.status, 0, first.output);
            assert.doesNotMatch(first.stderr, /restoring/, "there is a copy, the one of the proof");
            assert.match(first.stderr, /0\.1\.10 is healthy on the copy after \d+ s; the schema stays at 0020/);
            const { seconds, ...rest } = JSON.parse(first.stdout) as Rehearsed;
            assert.deepEqual(rest, { revisionBefore: "0020", revisionAfter: "0020", migrated: false });
            assert.ok(seconds >= 0);
            assert.equal((await host.try("rehearsal", again)).stdout, first.stdout);
        });
        await assertUntouched();
    });

    it("starts a version that migrates, on another copy where the one of the proof is gone, and tells from where to where", async () => {
        const input = await proceed(host, 3, "0.2.0", "rehearsal");
        await on(droplet, "docker rm -fv $(docker ps -q --filter label=specivo-upgrade.throwaway)");
        const { stdout, stderr } = await host.try("rehearsal", input);
        assert.match(stderr, /restoring the backup beside production once more/);
        const { seconds, ...rest } = JSON.parse(stdout) as Rehearsed;
        assert.deepEqual(rest, { revisionBefore: "0020", revisionAfter: "0023", migrated: true });
        assert.ok(seconds >= 0);
        await assertUntouched();
    });

    it("ends the upgrade where a migration refuses, with what that says", async () => {
        const sentence = await refused(4, "0.2.0-migration-refuses");
        assert.match(sentence, /0\.2\.0-migration-refuses does not start on a copy of the data \(.*RuntimeError: /);
    });

    it("ends the upgrade where a migration fails, with what the database says", async () => {
        assert.match(await refused(5, "0.2.0-migration-fails"), /does not start on a copy of the data \(.*Error: /);
    });

    it("ends the upgrade where the version does not become healthy in time", async () => {
        await host.storeOffsite("for this test", { startTimeout: 15 });
        try {
            const sentence = await refused(6, "0.1.10-never-healthy");
            assert.match(sentence, /did not become healthy on a copy of the data within 15 s \(/);
            assert.doesNotMatch(sentence, /GET \/health/);
        } finally {
            await host.storeOffsite("for this test");
        }
    });

    it("ends the upgrade where the version needs more memory than it may take", async () => {
        const sentence = await refused(13, "0.1.12");
        assert.match(sentence, /0\.1\.12 does not start on a copy of the data with 700m of memory \(/);
    });

    it("reaches nothing of production's, sees no files, has the instance's settings, and no secret is told", async () => {
        const sentence = await refused(7, "0.1.11");
        assert.match(
            sentence,
            /\(reaches 127\.0\.0\.1 5432 \| reaches 127\.0\.0\.1 6379 \| networks: lo, files in data: 0 \| readable: theme, writable: new, single: text \| version 0\.1\.11 at \*\*\* and \*\*\* with \*\*\*\)/,
        );
        assert.doesNotMatch(await on(droplet, "cat /var/lib/specivo-upgrade/specivo-*/jobs/*/log"), /canary/);
        assert.doesNotMatch(await on(droplet, "/root/host/specivo-host ledger"), /canary/);
    });

    it("leaves nothing when it is killed in its middle", async () => {
        const rehearsal = host.try("rehearsal", await proceed(host, 8, "0.2.0-migration-slow", "rehearsal"));
        await starting();
        await on(droplet, KILL_OPERATION);
        const ended = await rehearsal;
        assert.equal(ended.status, 1);
        assert.match(
            ended.stderr,
            /was killed in its middle[^]*Nothing was changed: the instance runs 0\.1\.9 as before/,
        );
        await assertUntouched();
    });

    it("leaves nothing when power is lost in its middle, and the image, which may not be whole, is fetched again", async () => {
        const rehearsal = host.try("rehearsal", await proceed(host, 9, "0.2.0-migration-slow", "rehearsal"));
        await starting();
        await fault(droplet, "power-loss");
        await mend(droplet, "power-loss");
        assert.notEqual((await rehearsal).status, 0);
        await on(
            droplet,
            `timeout 90 sh -c 'until systemctl show -P ActiveState specivo-upgrade-settle.service | grep -qx inactive &&
                [ "$(docker inspect -f "{{.State.Health.Status}}" specivo-api-1)" = healthy ]; do sleep 0.5; done'`,
        );
        const { transitions } = await host.run<Facts>("facts");
        assert.equal(transitions.at(-1)?.state, "failed");
        await assertUntouched();
        const image = "docker image ls -q specivo/specivo:0.2.0-migration-slow";
        assert.notEqual(await on(droplet, image), "");
        await proceed(host, 10, "0.2.0-migration-slow", "backup");
        assert.equal(await on(droplet, image), "");
    });

    it("is left out for a rollback, and for an image that runs already", async () => {
        await proceed(host, 11, "0.1.10");
        const repair = await host.run("rehearsal", await proceed(host, 12, "0.1.10", "rehearsal"));
        assert.equal(repair["skipped"], "the image stays the one that runs");
        const rollback = await host.run("rehearsal", await proceed(host, 13, "0.1.9", "rehearsal"));
        assert.equal(rollback["skipped"], "a rollback goes back to what has run here");
    });

    /** Until the new version migrates the copy. */
    async function starting(): Promise<void> {
        const found = await tryOn(
            droplet,
            `timeout 60 sh -c 'until docker ps -q --filter label=specivo-upgrade.throwaway --filter label=com.docker.compose.service=api | grep .; do sleep 0.2; done'`,
        );
        assert.equal(found.status, 0, found.output);
    }
});
