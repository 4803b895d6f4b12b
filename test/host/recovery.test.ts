import * as assert from "node:assert/strict";
import { once } from "node:events";
import { KILL_OPERATION } from "../support/interruptions";
import { differences, Droplet, fingerprint, newDroplet, on, removeDroplet, spawnOn } from "../support/lab";
import { fault, mend } from "../support/faults";
import { Operations } from "../support/operations";
import { STATE } from "../support/settled";
import { until } from "../support/until";
import { proceed } from "../support/transitions";

interface Facts {
    readonly version: string;
    readonly services: readonly { readonly state: string }[];
    readonly transitions: readonly { readonly state: string }[];
    readonly backups: readonly { readonly purpose: string; readonly transition: string }[];
}

const NAME = "host-recovery";
/** The entry point of a version that starts in the rehearsal, and dies where production's database is. */
const DIES = `
case $DATABASE_URL in
    *@127.0.0.1:*) exec /entrypoint.sh "$@" ;;
esac
echo "the new api died of $SECRET_KEY at $DATABASE_URL"
exit 1`;
/** Only in .env.local, and so lost by a plain `docker compose up`. */
const SECRET_KEY = "canary-secret-key-of-more-than-32-bytes";

describe("recovery: the version before is put back", function () {
    this.timeout(180_000);
    let droplet: Droplet;
    let host: Operations;
    let env: string;
    let data: string;
    let transitions = 0;
    let cutOff = "";

    /** The input of `step` in the next transition to `version`, with the steps before it done. */
    const begin = (version: string, step: string, restore?: string) =>
        proceed(host, ++transitions, version, step, restore);

    /** Of pins, which would come to the aid of what has to come by itself. */
    const stopTimers = () => on(droplet, "systemctl stop 'run-*.timer'");

    before(async () => {
        droplet = await newDroplet(NAME, "0.1.9");
        host = await Operations.install(droplet);
        await on(
            droplet,
            `set -e; cd /opt/specivo
            printf 'SECRET_KEY=%s\\n' ${SECRET_KEY} > .env.local
            docker compose --env-file .env --env-file .env.local up -d --wait --no-deps api celery-worker celery-beat 2>&1
            docker pull -q specivo/specivo:0.1.10
            id=$(docker create specivo/specivo:0.1.10)
            cat > /root/entrypoint
            docker cp -q /root/entrypoint $id:/entrypoint-of-0.1.11
            docker commit --change 'ENTRYPOINT ["sh","/entrypoint-of-0.1.11"]' --change 'CMD ["uvicorn","specivo.main:app","--host","0.0.0.0","--port","8000"]' $id specivo/specivo:0.1.11
            docker rm $id`,
            DIES,
        );
        await host.storeOffsite("for this test");
        env = await on(droplet, "cat /opt/specivo/.env");
        data = await fingerprint(droplet);
    });

    after(() => removeDroplet(NAME));

    /** Version, pin, settings, services, data and the ledger's last word are those of an instance put back on 0.1.9. */
    async function assertPutBack(): Promise<void> {
        const facts = await host.run<Facts>("facts");
        assert.equal(facts.version, "0.1.9");
        assert.equal(facts.transitions.at(-1)?.state, "recovered");
        assert.deepEqual(
            facts.services.map(({ state }) => state),
            Array(6).fill("running"),
        );
        assert.equal(await on(droplet, "cat /opt/specivo/.env"), env);
        const settings = await on(droplet, "docker inspect --format '{{json .Config.Env}}' specivo-api-1");
        assert.ok(settings.includes(SECRET_KEY), "the api runs with another SECRET_KEY than before");
        assert.equal(await differences(data, await fingerprint(droplet)), "");
    }

    it("when the new api dies: the reason is told, without the secrets that its log holds", async () => {
        const sentence = await host.refusal("rollout", await begin("0.1.11", "rollout"));
        assert.match(
            sentence,
            /0\.1\.11 did not become healthy.*the new api died of \*\*\* at \*\*\*.*back on 0\.1\.9/,
        );
        await assertPutBack();
        assert.doesNotMatch(await on(droplet, "/root/host/specivo-host ledger"), /canary/);
    });

    it("when a check of verify fails", async () => {
        const verify = host.refusal("verify", await begin("0.1.10", "verify"));
        // Docker starts it anew at once.
        await on(
            droplet,
            `until pgrep -f 'inspect [p]ing' >/dev/null; do sleep 0.05; done
            kill -9 "$(docker inspect --format '{{.State.Pid}}' specivo-celery-beat-1)"`,
        );
        assert.match(await verify, /celery-beat runs without restarts.*back on 0\.1\.9 and healthy/);
        await assertPutBack();
    });

    it("when the smoke test fails, and the answer is told", async () => {
        const input = await begin("0.1.10", "verify");
        await host.storeOffsite("for this test", { smoke: { login: "admin", password: "a wrong one", limit: 20 } });
        assert.match(
            await host.refusal("verify", input),
            /the smoke test fails on 0\.1\.10: signIn was answered with status 401\. .*back on 0\.1\.9 and healthy/,
        );
        await host.storeOffsite("for this test");
        await assertPutBack();
    });

    it("when the connection is gone in the middle of the rollout, which whoever comes again follows to its end", async () => {
        const input = await begin("0.1.11", "rollout");
        const session = spawnOn(droplet, "/root/host/specivo-host rollout");
        session.stdin.end(JSON.stringify(input));
        await once(session.stderr, "data");
        session.kill("SIGKILL");
        const ended = await host.try("rollout", input);
        assert.equal(ended.status, 1);
        assert.match(
            ended.stderr,
            /starting the new api beside the old one[^]*did not become healthy[^]*back on 0\.1\.9 and healthy/,
        );
        await assertPutBack();
    });

    it("is tried again by itself, until what kept the version from being put back has gone", async () => {
        const input = await begin("0.1.11", "rollout");
        // Nothing can take the place of a file that is a mount of its own.
        await on(droplet, "mount --bind /opt/specivo/.env /opt/specivo/.env");
        const sentence = await host.refusal("rollout", input);
        assert.match(
            sentence,
            /THE INSTANCE IS NOT HEALTHY: putting 0\.1\.9 back failed too.*It is tried again every minute/,
        );
        assert.equal((await host.run<Facts>("facts")).transitions.at(-1)?.state, "failed");
        await stopTimers();
        // A try that meets a full disk leaves to the next one what is to be put back.
        await fault(droplet, "disk-full");
        const reason = await on(
            droplet,
            `systemctl start specivo-upgrade-settle || true; cat ${STATE}/jobs/*/unhealed`,
        );
        assert.match(reason, /did not become healthy/);
        await mend(droplet, "disk-full");
        await on(droplet, "umount /opt/specivo/.env");
        await until(200, "another try", async () => {
            return (await host.run<Facts>("facts")).transitions.at(-1)?.state === "recovered";
        });
        await assertPutBack();
        const unit = "systemctl is-active specivo-upgrade-settle.service || true";
        await until(30, "the end of the tries", async () => (await on(droplet, unit)) === "inactive\n");
    });

    it("some minutes after the pin, when no rollout has followed", async () => {
        await begin("0.1.10", "rollout");
        const settle = "systemctl start specivo-upgrade-settle.service; cat /opt/specivo/.env";
        assert.match(
            await on(droplet, "systemctl list-units --type=timer"),
            /systemctl start --no-block specivo-upgrade-settle\.service/,
        );
        assert.match(await on(droplet, settle), /^SPECIVO_VERSION=0\.1\.10$/m);
        await on(droplet, `sed -i 's/ .*/ 0/' ${STATE}/jobs/*/pinned`);
        assert.equal(await on(droplet, settle), env);
        await assertPutBack();
    });

    it("at once, when another transition begins and the version was only pinned", async () => {
        await begin("0.1.10", "rollout");
        await begin("0.1.10", "backup");
        assert.equal(await on(droplet, "cat /opt/specivo/.env"), env);
        assert.equal((await host.run<Facts>("facts")).transitions.at(-2)?.state, "superseded");
    });

    it("but not of a step that is only starting while something else is settled", async () => {
        const input = await begin("0.1.10", "pin");
        const directory = `/run/systemd/system/specivo-upgrade-${input.transition.instance}.service.d`;
        await on(
            droplet,
            `mkdir -p ${directory}; printf '[Service]\\nExecStartPre=sleep 3\\n' > ${directory}/slow.conf; systemctl daemon-reload`,
        );
        const pin = host.run("pin", input);
        await on(
            droplet,
            `timeout 60 sh -c 'until grep -qs "${input.transition.id}" ${STATE}/jobs/*-pin.*/input; do sleep 0.1; done'`,
        );
        assert.deepEqual(await host.run("settle"), { settled: 0 });
        await on(droplet, `rm -r ${directory}; systemctl daemon-reload`);
        await pin;
    });

    it("by itself, when the rollout was killed in its middle", async () => {
        const rollout = host.try("rollout", await begin("0.1.11", "rollout"));
        await on(
            droplet,
            `until docker ps --filter label=com.docker.compose.service=api --format '{{.Image}}' | grep 0.1.11; do sleep 0.2; done
            ${KILL_OPERATION}`,
        );
        const ended = await rollout;
        assert.equal(ended.status, 1);
        assert.match(
            ended.stderr,
            /was killed in its middle; what it left is put in order[^]*back on 0\.1\.9 and healthy/,
        );
        await assertPutBack();
    });

    it("and the worker too that it was stopping then, with which Docker went on", async () => {
        const worker = "specivo-celery-worker-1";
        const started = () => on(droplet, `docker inspect --format '{{.State.StartedAt}}' ${worker}`);
        const before = await started();
        await on(droplet, "docker pull -q specivo/specivo:0.2.0");
        const rollout = host.try("rollout", await begin("0.2.0", "rollout"));
        // It ends when it is told so a second time, or after a minute.
        await on(
            droplet,
            `read -r id pid < <(docker inspect --format '{{.Id}} {{.State.Pid}}' ${worker}); kill -STOP "$pid"
            exec 3< <(exec timeout 60 docker events --filter container="$id" --filter event=kill 2>/dev/null)
            read -r _ <&3; ${KILL_OPERATION}
            read -r _ <&3; kill -CONT "$pid"`,
        );
        assert.match((await rollout).stderr, /back on 0\.1\.9 and healthy/);
        assert.notEqual(await started(), before);
        await assertPutBack();
    });

    it("and services that Docker could not start on a full disk, when there is room again", async () => {
        const beat = "specivo-celery-beat-1";
        const session = spawnOn(droplet, "/root/host/specivo-host backup");
        const ended = once(session, "close");
        let told = "";
        session.stderr.on("data", (data: Buffer) => (told += data.toString()));
        session.stdin.end(JSON.stringify(await begin("0.1.10", "backup")));
        await once(session.stderr, "data");
        // What it writes and removes would leave room now and then.
        await on(droplet, "systemctl kill --kill-whom=all --signal=STOP 'specivo-upgrade-*.service'");
        await fault(droplet, "disk-full");
        // A full disk alone keeps it from that more often than not.
        await on(
            droplet,
            `read -r id pid < <(docker inspect --format '{{.Id}} {{.State.Pid}}' ${beat})
            cd /var/lib/docker/containers && mount --bind $id $id && mount -o remount,bind,ro $id && kill -9 "$pid"
            timeout 60 sh -c 'until docker inspect --format "{{.State.Status}} {{.State.Error}}" ${beat} | grep -q "^exited ."; do sleep 0.2; done'
            umount $id 2>/dev/null || true # Docker may have done it, clearing up`,
        );
        await on(droplet, KILL_OPERATION);
        await ended;
        assert.match(told, /killed in its middle.* no space is left on the server's disk; make some/);
        await stopTimers();
        await mend(droplet, "disk-full");
        await until(150, "its start", async () => {
            return (await on(droplet, `docker inspect --format '{{.State.Status}}' ${beat}`)) === "running\n";
        });
    });

    it("and the restore point of a transition that was cut off is kept, and sent by the next", async () => {
        await on(droplet, "docker pull -q specivo/specivo:0.2.0");
        cutOff = (await begin("0.2.0", "verify")).transition.id;
        await host.run("restore-point", await begin("0.2.0", "restore-point"));
        const { backups } = await host.run<Facts>("facts");
        assert.ok(backups.some(({ purpose, transition }) => purpose === "restore-point" && transition === cutOff));
    });

    it("and what people have sent to a version that can't stay", async () => {
        await on(droplet, "docker pull -q specivo/specivo:0.1.9");
        const input = await begin("0.1.9", "verify", cutOff);
        await on(droplet, "echo late >/opt/specivo/specivo-data/attachments/late");
        await on(droplet, "docker stop specivo-celery-beat-1");
        const sentence = await host.refusal("verify", input);
        const [, directory = ""] = /Its files are in (\S+)\./.exec(sentence) ?? assert.fail(sentence);
        assert.equal(await on(droplet, `cat ${directory}/attachments/late`), "late\n");
        assert.equal((await host.run<Facts>("facts")).version, "0.2.0");
    });
});
