import * as assert from "node:assert/strict";
import { cleanUp } from "../support/clean-up";
import { fault, mend } from "../support/faults";
import { containers, differences, Droplet, fingerprint, newDroplet, on, removeDroplet } from "../support/lab";
import { EngineEvent, Stack } from "../support/stack";

/** The steps of a transition in the order they must run, by resource type. */
const steps = ["Preflight", "Backup", "Image", "Rehearsal", "VersionPin", "Rollout", "Verify", "RestorePoint"];

/** The operations that run a step; the old resource of a replaced one is deleted at the very end, which runs nothing. */
const running = ["create", "create-replacement", "update"];

/** When a step's own resources began and ended, by the engine's sequence numbers. */
function span(events: readonly EngineEvent[], step: string): { began: number; ended: number } {
    const ofStep = (event: { metadata: { op: string; urn: string } } | undefined) =>
        event !== undefined &&
        running.includes(event.metadata.op) &&
        event.metadata.urn.includes(`specivo:index:${step}$`);
    const began = events.filter((event) => ofStep(event.resourcePreEvent));
    const ended = events.filter((event) => ofStep(event.resOutputsEvent));
    assert.ok(began.length > 0 && ended.length > 0, `${step} did not run`);
    return {
        began: Math.min(...began.map((event) => event.sequence)),
        ended: Math.max(...ended.map((event) => event.sequence)),
    };
}

describe("an upgrade, from the first preview to the way back", function () {
    this.timeout(300_000);
    const name = "e2e-upgrade";
    let droplet: Droplet;
    let stack: Stack;
    let data: string;
    let containersBefore: Record<string, string>;
    let envBefore: string;

    before(async () => {
        droplet = await newDroplet(name, "0.1.9");
        stack = await Stack.create(name, droplet);
        await stack.configure(droplet, "0.1.10", "a password for backups");
        data = await fingerprint(droplet);
        containersBefore = await containers(droplet);
        envBefore = await on(droplet, "cat /opt/specivo/.env");
    });

    after(() =>
        cleanUp(
            () => Stack.remove(name),
            () => removeDroplet(name),
        ),
    );

    it("preview names from, to, the image and every step, and changes nothing", async () => {
        const ended = await stack.preview("--diff");
        assert.equal(ended.status, 0, ended.output);
        assert.match(ended.output, /upgrade: Specivo 0\.1\.9 -> 0\.1\.10/);
        assert.match(ended.output, /specivo\/specivo:0\.1\.10/);
        for (const step of steps) {
            assert.ok(ended.output.includes(`specivo:index:${step}`), `${step} is missing:\n${ended.output}`);
        }
        assert.deepEqual(await containers(droplet), containersBefore);
        assert.equal(
            await on(droplet, "ls /var/lib/specivo-upgrade /usr/local/sbin/specivo-host 2>/dev/null || true"),
            "",
        );
    });

    it("up with the version that runs takes the instance over: backed up, recorded, nothing restarted", async () => {
        await stack.set({ specivoVersion: "0.1.9" });
        const up = await stack.up();
        assert.equal(up.status, 0, up.output);
        assert.match(up.output, /adopt: Specivo 0\.1\.9 -> 0\.1\.9/);
        assert.deepEqual(await containers(droplet), containersBefore);
        assert.equal(await on(droplet, "cat /opt/specivo/.env"), envBefore);
        await stack.set({ specivoVersion: "0.1.10" });
    });

    it("up brings 0.1.10, each step after the one before; the pull begins when the backup is off the host", async () => {
        const { ended, events } = await stack.upWithEvents();
        assert.equal(ended.status, 0, ended.output);
        const spans = steps.map((step) => span(events, step));
        spans.slice(1).forEach((next, index) => {
            const previous = spans[index];
            assert.ok(previous !== undefined && previous.ended < next.began, `${steps[index + 1]} began too early`);
        });
        const ledger = JSON.parse(await on(droplet, "specivo-host ledger")) as {
            lines: { step?: string; result?: { offsite?: boolean; proven?: boolean } }[];
        };
        const backup = ledger.lines.filter((line) => line.step === "backup").at(-1);
        assert.equal(backup?.result?.offsite, true);
        assert.equal(backup?.result?.proven, true);
    });

    it("api, worker and beat run 0.1.10; database, Redis and nginx are the same containers as before", async () => {
        const now = await containers(droplet);
        for (const service of ["db", "redis", "nginx"]) {
            assert.equal(now[service], containersBefore[service], service);
        }
        for (const service of ["api", "celery-worker", "celery-beat"]) {
            assert.notEqual(now[service], containersBefore[service], service);
            const image = await on(
                droplet,
                `docker inspect --format '{{.Config.Image}} {{.State.Status}}' ${now[service]}`,
            );
            assert.equal(image.trim(), "specivo/specivo:0.1.10 running");
        }
    });

    it("no row and no file is lost, and .env differs in the version alone", async () => {
        assert.equal(await differences(data, await fingerprint(droplet)), "");
        const env = await on(droplet, "cat /opt/specivo/.env");
        assert.equal(env, envBefore.replace("SPECIVO_VERSION=0.1.9", "SPECIVO_VERSION=0.1.10"));
    });

    it("a second up changes nothing, nor does a refresh or a preview", async () => {
        for (const args of [
            ["up", "--yes", "--expect-no-changes"],
            ["refresh", "--yes", "--expect-no-changes"],
        ]) {
            const ended = await stack.pulumi(args);
            assert.equal(ended.status, 0, ended.output);
        }
        const preview = await stack.preview("--expect-no-changes");
        assert.equal(preview.status, 0, preview.output);
    });

    it("out of reach, a preview is an estimate that says so and shows no false change, and up stops", async () => {
        await fault(droplet, "network-cut");
        try {
            const same = await stack.preview("--expect-no-changes");
            assert.equal(same.status, 0, same.output);
            assert.match(
                same.output,
                /AN ESTIMATE, from what this stack knows by itself: .* port 22 can't be reached over SSH/,
            );
            await stack.set({ specivoVersion: "0.1.9" });
            const other = await stack.preview();
            assert.equal(other.status, 0, other.output);
            assert.match(other.output, /rollback, by estimate: Specivo 0\.1\.10 -> 0\.1\.9/);
            const up = await stack.up("--skip-preview");
            assert.notEqual(up.status, 0, up.output);
            assert.match(up.output, /error: .* port 22 can't be reached over SSH/);
        } finally {
            await mend(droplet, "network-cut");
        }
    });

    it("0.1.9 in the config brings 0.1.9 back, and keeps what was written since", async () => {
        const key = "$(cat /root/specivo-api-key)";
        const projects = await on(
            droplet,
            `curl -fsS -H "Authorization: Bearer ${key}" ${droplet.url}/api/v1/projects/`,
        );
        assert.ok(projects.length > 0);
        await on(
            droplet,
            `docker exec -i $(docker ps -q -f label=com.docker.compose.service=db) psql -U specivo specivo -qc "UPDATE users SET login = login || '-renamed' WHERE id = (SELECT max(id) FROM users)"`,
        );
        const written = await fingerprint(droplet);
        await stack.set({ specivoVersion: "0.1.9" });
        const preview = await stack.preview();
        assert.match(preview.output, /rollback: Specivo 0\.1\.10 -> 0\.1\.9/);
        const up = await stack.up();
        assert.equal(up.status, 0, up.output);
        assert.equal(await on(droplet, "cat /opt/specivo/.env"), envBefore);
        const now = await containers(droplet);
        const image = await on(droplet, `docker inspect --format '{{.Config.Image}}' ${now.api}`);
        assert.equal(image.trim(), "specivo/specivo:0.1.9");
        assert.equal(await differences(written, await fingerprint(droplet)), "");
        assert.notEqual(await differences(data, await fingerprint(droplet)), "");
    });
});
