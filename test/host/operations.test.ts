import * as assert from "node:assert/strict";
import { once } from "node:events";
import {
    containers,
    differences,
    Droplet,
    fingerprint,
    newDroplet,
    on,
    removeDroplet,
    spawnOn,
    tryOn,
} from "../support/lab";
import { until } from "../support/until";
import { Operations, Transition } from "../support/operations";
import { proceed } from "../support/transitions";

interface Facts {
    readonly version: string;
    readonly busy: { readonly operation: string } | null;
    readonly transitions: readonly { readonly id: string; readonly state: string }[];
}

describe("the host's operations", function () {
    this.timeout(180_000);
    const name = "host-operations";
    let droplet: Droplet;
    let host: Operations;
    let upgrade: Transition;
    let containersBefore: Record<string, string>;
    let envBefore: string;

    before(async () => {
        droplet = await newDroplet(name, "0.1.9");
        host = await Operations.install(droplet);
        upgrade = {
            id: "0.1.9-to-0.1.10#1",
            instance: await host.instance(),
            direction: "upgrade",
            from: "0.1.9",
            to: "0.1.10",
        };
        containersBefore = await containers(droplet);
        envBefore = await on(droplet, "cat /opt/specivo/.env");
    });

    after(() => removeDroplet(name));

    const unchanged = async () => {
        assert.deepEqual(await containers(droplet), containersBefore);
        assert.equal(await on(droplet, "cat /opt/specivo/.env"), envBefore);
    };

    describe("a step out of order", () => {
        it("is refused while its transition is not open here", async () => {
            for (const step of ["backup", "rehearsal", "pin", "rollout", "verify"]) {
                const sentence = await host.refusal(step, { transition: upgrade, backup: "x", image: "sha256:x" });
                assert.match(sentence, /0\.1\.9-to-0\.1\.10#1 is not open on this server.*without --target/);
            }
            await unchanged();
        });

        it("is refused for another instance", async () => {
            const sentence = await host.refusal("preflight", { transition: { ...upgrade, instance: "0123456789ab" } });
            assert.match(sentence, /another instance/);
        });

        it("is refused when the plan no longer fits what runs", async () => {
            const sentence = await host.refusal("preflight", { transition: { ...upgrade, from: "0.1.8" } });
            assert.match(sentence, /made for 0\.1\.8, but the api runs 0\.1\.9/);
        });
    });

    describe("preflight and the ledger", () => {
        it("preflight refuses an upgrade of an instance that is not well, and names the service", async () => {
            await on(droplet, "docker stop -t 1 specivo-celery-beat-1");
            assert.match(await host.refusal("preflight", { transition: upgrade }), /celery-beat is not running/);
            await on(droplet, "docker start specivo-celery-beat-1");
        });

        it("preflight refuses when compose would change a setting, and names the key without its value", async () => {
            await on(
                droplet,
                "printf 'SECRET_KEY=%s\\n' a-new-and-secret-key-of-more-than-32-bytes >> /opt/specivo/.env",
            );
            try {
                const sentence = await host.refusal("preflight", { transition: upgrade });
                assert.match(sentence, /SECRET_KEY/);
                assert.doesNotMatch(sentence, /a-new-and-secret/);
            } finally {
                await on(droplet, "cat > /opt/specivo/.env", envBefore);
            }
        });

        it("preflight records the transition, and answers the same again without doing it twice", async () => {
            const first = await host.try("preflight", { transition: upgrade });
            assert.equal(first.status, 0, first.output);
            const again = await host.try("preflight", { transition: upgrade });
            assert.equal(again.stdout, first.stdout);
            const facts = await host.run<Facts>("facts");
            assert.deepEqual(
                facts.transitions.map(({ id, state }) => [id, state]),
                [["0.1.9-to-0.1.10#1", "begun"]],
            );
        });

        it("backup refuses while it does not know where to", async () => {
            assert.match(await host.refusal("backup", { transition: upgrade }), /does not know yet where backups go/);
        });

        it("a failed step ends the transition, and the next one gets its own backup", async () => {
            const sentence = await host.refusal("pin", { transition: upgrade, backup: "x", image: "sha256:x" });
            assert.match(sentence, /not open/);
            const { transitions } = await host.run<Facts>("facts");
            assert.equal(transitions.at(-1)?.state, "failed");
            upgrade = { ...upgrade, id: "0.1.9-to-0.1.10#2" };
            await host.run("preflight", { transition: upgrade });
        });

        /** Starts an operation: when it has said so, and how it ends. */
        function start(operation: string, pattern: RegExp): { said: Promise<void>; ended: Promise<unknown[]> } {
            const child = spawnOn(droplet, `/root/host/specivo-host ${operation}`);
            const said = new Promise<void>((resolve, reject) => {
                let text = "";
                child.stderr.on("data", (data: Buffer) => {
                    text += data.toString();
                    if (pattern.test(text)) {
                        resolve();
                    }
                });
                child.on("close", (status) => reject(new Error(`it ended with ${status} and said: ${text}`)));
            });
            child.stdin.end("{}");
            return { said, ended: once(child, "close") };
        }

        it("one operation at a time: whoever waits is told which one runs, and who began it", async () => {
            const state = "cd /var/lib/specivo-upgrade/specivo-*/";
            const holding = tryOn(
                droplet,
                `${state} && rm -f /root/release && flock lock timeout 120 sh -c 'echo {\\"operation\\":\\"held\\"} > lock; until [ -e /root/release ]; do sleep 0.1; done'`,
            );
            try {
                await on(droplet, `${state} && timeout 60 sh -c 'until grep -q held lock; do sleep 0.1; done'`);
                assert.deepEqual((await host.run<Facts>("facts")).busy, { operation: "held" });
                const first = start("check", /waiting for the operation that holds the lock: .*"held"/);
                await first.said;
                const second = start(
                    "check 12345678",
                    /waiting for the operation that runs here: check, begun at 20\S+Z by root from 10\.\S+\n/,
                );
                await second.said;
                await on(droplet, "touch /root/release");
                // They do not know yet where backups go.
                assert.deepEqual(await first.ended, [1, null]);
                assert.deepEqual(await second.ended, [1, null]);
            } finally {
                await on(droplet, "touch /root/release");
                await holding;
            }
            assert.equal((await host.run<Facts>("facts")).busy, null);
        });
    });

    describe("backup", () => {
        let backup: { id: string; offsite: boolean; proven: boolean; dumpBytes: number; revision: string };

        before(async () => {
            await host.storeOffsite("for this test");
        });

        it("goes off the host, proven, and leaves no dump behind, and a server only for the rehearsal to come", async () => {
            backup = await host.run("backup", { transition: upgrade });
            assert.equal(backup.offsite, true);
            assert.equal(backup.proven, true);
            assert.equal(backup.revision, "0020");
            assert.ok(backup.dumpBytes > 10_000);
            assert.equal(await on(droplet, "ls -A /var/lib/specivo-upgrade/specivo-*/staging"), "");
            assert.equal(await on(droplet, "ls -A /opt/specivo/specivo-data/.specivo-upgrade"), "");
            const running = async () => (await on(droplet, "docker ps -q")).trim().split("\n").length;
            assert.equal(await running(), 7);
            // Its time is up.
            await on(droplet, "pkill -x -f 'sleep 600'");
            await until(30, "the end of the server", async () => (await running()) === 6);
        });

        it("holds the rows and files that the instance has, and no live database files", async () => {
            const restic = (command: string) =>
                on(
                    droplet,
                    `set -e; cd /var/lib/specivo-upgrade/specivo-*/
                    eval "$(ssh-agent -s)" >/dev/null; trap 'kill $SSH_AGENT_PID' EXIT
                    jq -r .sftp.privateKey offsite.json | ssh-add -q -
                    jq -r .sftp.knownHosts offsite.json > /root/known
                    export RESTIC_PASSWORD="$(jq -r .password offsite.json)"
                    restic -q -r "$(jq -r .repository offsite.json)" -o sftp.args="-o UserKnownHostsFile=/root/known" ${command}`,
                );
            const files = (await restic(`ls ${backup.id}`)).trim().split("\n");
            for (const name of [
                "/opt/specivo/.env",
                "/opt/specivo/docker-compose.yml",
                "/opt/specivo/nginx/default.conf",
            ]) {
                assert.ok(files.includes(name), `${name} is missing`);
            }
            assert.ok(files.some((file) => file.endsWith("/ledger.jsonl")));
            const attachments = await on(droplet, "find /opt/specivo/specivo-data/attachments -type f");
            for (const attachment of attachments.trim().split("\n")) {
                assert.ok(files.includes(attachment), `${attachment} is missing`);
            }
            assert.deepEqual(
                files.filter((file) => /specivo-data\/(postgresql|redis|logs)\//.test(file)),
                [],
            );
            const dump = files.find((file) => file.endsWith("database.dump")) ?? "";
            const issues = await restic(
                `dump ${backup.id} ${dump} > /root/d && docker exec -i specivo-db-1 pg_restore -a -t issues -f - < /root/d | grep -c '^[0-9a-f]' || true`,
            );
            const rows = await on(
                droplet,
                "docker exec specivo-db-1 psql -U specivo specivo -XAtc 'SELECT count(*) FROM issues'",
            );
            assert.equal(issues.trim(), rows.trim());
        });

        it("answers the same again, without a second snapshot", async () => {
            assert.deepEqual(await host.run("backup", { transition: upgrade }), backup);
        });

        it("the rehearsal is refused with another backup, which leaves the transition open, and without the image", async () => {
            const input = { transition: upgrade, backup: backup.id, image: "sha256:x" };
            assert.match(await host.refusal("pin", input), /pin may not run before rehearsal/);
            assert.match(await host.refusal("rollout", input), /rollout may not run before pin/);
            const another = await host.refusal("rehearsal", { ...input, backup: "0123abcd" });
            assert.ok(
                another.includes(`${upgrade.id} is protected by backup ${backup.id}, not by '0123abcd'; `),
                another,
            );
            assert.equal((await host.run<Facts>("facts")).transitions.at(-1)?.state, "begun");
            const absent = await host.refusal("rehearsal", input);
            assert.match(
                absent,
                /the image specivo\/specivo:0\.1\.10 is not on this server; run pulumi up without --target, so that it is pulled\. Nothing was changed/,
            );
            const { transitions } = await host.run<Facts>("facts");
            assert.deepEqual(transitions.at(-1), { ...transitions.at(-1), id: upgrade.id, state: "failed" });
            await unchanged();
        });
    });

    describe("the rest of an upgrade", () => {
        const smokeAs = (password: string) =>
            host.storeOffsite("for this test", { smoke: { login: "admin", password, limit: 20 } });

        before(() => on(droplet, "docker pull -q specivo/specivo:0.1.10"));

        it("none begins when the user of the smoke test can't sign in, and the password is never shown", async () => {
            await smokeAs("canary-of-the-smoke-test");
            const transition = { ...upgrade, id: "0.1.9-to-0.1.10#3" };
            const ended = await host.try("preflight", { transition });
            assert.equal(
                ended.stderr.trimEnd().split("\n").at(-1),
                "specivo-host preflight: the smoke test fails already on 0.1.9: signIn was answered with status 401; correct that, or smokeUser and smokePassword, then run pulumi up again.",
            );
            assert.doesNotMatch(
                ended.output + (await on(droplet, "cat /var/lib/specivo-upgrade/specivo-*/jobs/*/*")),
                /canary/,
            );
            await smokeAs((await on(droplet, "cat /root/specivo-admin-password")).trim());
        });

        it("the pin keeps every other byte, rollout and verify end on 0.1.10, with the same data", async () => {
            const data = await fingerprint(droplet);
            const input = await proceed(host, 3, "0.1.10", "pin");
            await host.run("pin", input);
            assert.equal(
                await on(droplet, "cat /opt/specivo/.env"),
                envBefore.replace("SPECIVO_VERSION=0.1.9", "SPECIVO_VERSION=0.1.10"),
            );
            assert.deepEqual(await containers(droplet), containersBefore);
            await host.run("rollout", input);
            const verified = await host.run<{ checks: { ok: boolean }[]; revision: string; smoke: object }>(
                "verify",
                input,
            );
            assert.equal(verified.revision, "0020");
            assert.equal(verified.checks.length, 9);
            assert.deepEqual(Object.keys(verified.smoke), ["signIn", "issues", "issue", "search"]);
            assert.deepEqual(await host.run("verify", input), verified);
            const now = await containers(droplet);
            assert.deepEqual(
                Object.keys(now)
                    .filter((service) => now[service] !== containersBefore[service])
                    .sort(),
                ["api", "celery-beat", "celery-worker"],
            );
            assert.equal(await differences(data, await fingerprint(droplet)), "");
            assert.equal((await host.run<Facts>("facts")).transitions.at(-1)?.state, "finished");
            // As a program from before there was a rehearsal has left it.
            await on(droplet, `sed -i '/"step":"rehearsal"/d' /var/lib/specivo-upgrade/specivo-*/ledger.jsonl`);
            assert.deepEqual(await host.run("rehearsal", input), { skipped: "the transition has finished" });
            // As an archive that is named later asks for it.
            assert.deepEqual(await host.run("load", { ...input, archive: "/root/none" }), { id: input.image });
        });

        it("the pin is refused with another image than the one that was pulled", async () => {
            const env = await on(droplet, "cat /opt/specivo/.env");
            const now = await containers(droplet);
            const input = await proceed(host, 4, "0.1.10", "pin");
            const sentence = await host.refusal("pin", { ...input, image: `sha256:${"0".repeat(64)}` });
            assert.ok(
                sentence.includes(
                    `specivo/specivo:0.1.10 is image ${input.image} here, not sha256:${"0".repeat(64)} as pulled for 0.1.10-to-0.1.10#4; `,
                ),
                sentence,
            );
            assert.equal((await host.run<Facts>("facts")).transitions.at(-1)?.state, "failed");
            assert.deepEqual(await containers(droplet), now);
            assert.equal(await on(droplet, "cat /opt/specivo/.env"), env);
        });

        it("back to 0.1.9 also while the worker is down and the smoke test fails", async () => {
            await on(droplet, "docker stop -t 1 specivo-celery-worker-1");
            await smokeAs("a wrong password");
            const input = await proceed(host, 5, "0.1.9");
            assert.ok(input);
            assert.equal((await host.run<Facts>("facts")).version, "0.1.9");
            assert.equal(await on(droplet, "cat /opt/specivo/.env"), envBefore);
        });

        it("the history tells how each transition went, refused ones with the reason", async () => {
            interface Told {
                readonly id: string;
                readonly state: string;
                readonly reason: string | null;
                readonly outageMs: number | null;
                readonly backup: string | null;
                readonly revisions: { readonly before: string; readonly after: string | null };
                readonly images: { readonly before: string; readonly after: string | null };
                readonly steps: readonly { readonly step: string; readonly seconds: number }[];
            }
            const { stderr, stdout } = await host.try("history");
            const { transitions } = JSON.parse(stdout) as { transitions: Told[] };
            const of = (id: string) => transitions.find((told) => told.id === id) ?? assert.fail(`no ${id}`);
            const done = of("0.1.9-to-0.1.10#3");
            assert.deepEqual([done.state, done.reason, done.outageMs], ["finished", null, 0]);
            assert.deepEqual(done.revisions, { before: "0020", after: "0020" });
            assert.notEqual(done.images.before, done.images.after);
            assert.deepEqual(
                done.steps.map(({ step }) => step),
                ["preflight", "backup", "pin", "rollout", "verify"],
            );
            assert.ok(done.steps.every(({ seconds }) => seconds >= 0));
            const refused = of("0.1.10-to-0.1.10#4");
            assert.equal(refused.state, "failed");
            assert.match(refused.reason ?? "", /^specivo\/specivo:0\.1\.10 is image /);
            const line = new RegExp(
                `^\\S+Z {2}0\\.1\\.9-to-0\\.1\\.10#3 {2}upgrade finished after \\d+ s \\(preflight .*, verify \\d+\\), nobody served for 0 ms, schema 0020, backup ${done.backup?.slice(0, 8)}$`,
                "m",
            );
            assert.match(stderr, line);
        });
    });
});
