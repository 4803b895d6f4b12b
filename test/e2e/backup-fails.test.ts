import * as assert from "node:assert/strict";
import { cleanUp } from "../support/clean-up";
import { containers, Droplet, newDroplet, on, removeDroplet } from "../support/lab";
import { Stack } from "../support/stack";

describe("when the backup can't be made", function () {
    this.timeout(300_000);
    const name = "e2e-backup";
    let droplet: Droplet;
    let stack: Stack;
    let containersBefore: Record<string, string>;
    let envBefore: string;

    before(async () => {
        droplet = await newDroplet(name, "0.1.9");
        stack = await Stack.create(name, droplet);
        await stack.configure(droplet, "0.1.10", "a password for backups");
        containersBefore = await containers(droplet);
        envBefore = await on(droplet, "cat /opt/specivo/.env");
    });

    after(() =>
        cleanUp(
            () => Stack.remove(name),
            () => removeDroplet(name),
        ),
    );

    /** `pulumi up` fails in the backup: no pull, `.env` and containers as they were, and the message says what to do. */
    async function failsBeforeThePull(sentence: RegExp): Promise<void> {
        const { ended, events } = await stack.upWithEvents();
        assert.notEqual(ended.status, 0, ended.output);
        assert.match(ended.output, sentence);
        const pulled = events.some((event) =>
            event.resourcePreEvent?.metadata.type.includes("docker:index/remoteImage"),
        );
        assert.equal(pulled, false, "the pull started");
        assert.deepEqual(await containers(droplet), containersBefore);
        assert.equal(await on(droplet, "cat /opt/specivo/.env"), envBefore);
    }

    it("a target that is down: the pull never starts", async () => {
        const address = /@([^:]+):/.exec(droplet.offsite.sftp.repository)?.[1] ?? "";
        await on(droplet, `iptables -I OUTPUT -d ${address} -p tcp --dport 22 -j REJECT`);
        try {
            await failsBeforeThePull(/can't be reached.*run pulumi up again/s);
        } finally {
            await on(droplet, `iptables -D OUTPUT -d ${address} -p tcp --dport 22 -j REJECT`);
        }
        assert.equal(await on(droplet, "docker images -q specivo/specivo:0.1.10"), "");
    });

    it("when the cause is gone the same up succeeds, with a fresh backup", async () => {
        const ended = await stack.up();
        assert.equal(ended.status, 0, ended.output);
        const env = await on(droplet, "cat /opt/specivo/.env");
        assert.equal(env, envBefore.replace("SPECIVO_VERSION=0.1.9", "SPECIVO_VERSION=0.1.10"));
        const { lines } = JSON.parse(await on(droplet, "specivo-host ledger")) as {
            lines: { kind: string; state?: string; id?: string; step?: string; transition?: string }[];
        };
        const failed = lines.find((line) => line.state === "failed")?.id;
        const finished = lines.find((line) => line.state === "finished")?.id;
        const backup = lines.find((line) => line.kind === "step" && line.step === "backup")?.transition;
        assert.equal(failed, "0.1.9-to-0.1.10#1");
        assert.equal(finished, "0.1.9-to-0.1.10#2");
        assert.equal(backup, finished);
    });

    it("a later step alone is refused by the host, and changes nothing", async () => {
        const envNow = await on(droplet, "cat /opt/specivo/.env");
        const containersNow = await containers(droplet);
        await stack.set({ specivoVersion: "0.1.9" });
        const { stdout } = await stack.preview("--json");
        const urns = (JSON.parse(stdout) as { steps: { urn: string }[] }).steps.map(({ urn }) => urn);
        for (const step of ["Backup", "Rehearsal", "VersionPin", "Rollout", "Verify"]) {
            const command = urns.find((urn) => urn.includes(`specivo:index:${step}$command:`));
            assert.ok(command !== undefined, `no command of ${step} in the preview`);
            const ended = await stack.up("--target", command);
            assert.notEqual(ended.status, 0, ended.output);
            assert.match(
                ended.output,
                /0\.1\.10-to-0\.1\.9#3 is not open on this server; run pulumi up without --target/,
            );
        }
        assert.deepEqual(await containers(droplet), containersNow);
        assert.equal(await on(droplet, "cat /opt/specivo/.env"), envNow);
    });

    it("a wrong password: the message names the key, and the instance stays as it is", async () => {
        containersBefore = await containers(droplet);
        envBefore = await on(droplet, "cat /opt/specivo/.env");
        await stack.setSecret("backupPassword", "another password");
        await stack.set({ specivoVersion: "0.1.9" });
        await failsBeforeThePull(/password does not open.*backupPassword/s);
        await stack.setSecret("backupPassword", "a password for backups");
        const again = await stack.up();
        assert.equal(again.status, 0, again.output);
    });
});
