import assert from "node:assert/strict";
import type { Json } from "../support/calls";
import { properties } from "../support/command-stage";
import { DockerStage, IMAGE, IMAGES, REPOSITORY } from "../support/docker-stage";
import { conformance } from "../support/plugins";
import { UNKNOWN } from "../support/values";

const OLD = `${REPOSITORY}:0.1.9`;
const NEW = `${REPOSITORY}:0.1.10`;
const MISSING = `${REPOSITORY}:0.9.99`;

conformance("docker", "RemoteImage", (plugin) => {
    let stage: DockerStage;

    before(async () => {
        stage = await DockerStage.start(plugin);
    });

    after(() => stage?.stop());

    beforeEach(() => stage.engine.clear());

    const create = (inputs: Json, preview = false) =>
        stage.process.call("Create", { ...IMAGE, properties: inputs, preview });
    const remove = (inputs: Json) =>
        stage.process.call("Delete", { ...IMAGE, id: "x", properties: inputs, oldInputs: inputs });
    const diff = async (oldInputs: Json, news: Json) => {
        const olds = { ...oldInputs, id: "x", imageId: "sha256:0", repoDigest: "" };
        const { response } = await stage.process.call("Diff", { ...IMAGE, id: "x", oldInputs, olds, news });
        return response as Json;
    };

    it("is pulled when it is not there, and its id and digest are told", async () => {
        const state = properties(await create({ name: OLD, keepLocally: true }));
        assert.match(
            stage.engine.work.join(),
            /^POST \S+\/images\/create\?fromImage=\S*specivo%2Fspecivo&tag=0\.1\.9$/,
        );
        assert.equal(state.imageId, IMAGES[OLD]?.Id);
        assert.equal(state.repoDigest, IMAGES[OLD]?.RepoDigests[0]);
    });

    it("is not pulled when it is there, even when the registry has another of that name by now", async () => {
        const moved = `${REPOSITORY}:moved`;
        stage.engine.images.set(moved, { Id: "sha256:0000000000001", RepoDigests: [`${REPOSITORY}@sha256:1`] });
        stage.engine.registry.set(moved, { Id: "sha256:0000000000002", RepoDigests: [`${REPOSITORY}@sha256:2`] });
        const state = properties(await create({ name: moved, keepLocally: true }));
        assert.deepEqual(stage.engine.work, []);
        assert.deepEqual([state.imageId, state.repoDigest], ["sha256:0000000000001", `${REPOSITORY}@sha256:1`]);
    });

    it("is pulled without credentials where none were given for its registry", async () => {
        await create({ name: OLD, keepLocally: true });
        assert.deepEqual(stage.engine.credentials, [{}]);
    });

    it("is told by name when the registry does not have it", async () => {
        const { error } = await create({ name: MISSING, keepLocally: true });
        const pulling = `unable to pull image ${MISSING}: error pulling image ${MISSING}: Error response from daemon`;
        const reason = `manifest for ${MISSING} not found: manifest unknown: manifest unknown`;
        assert.equal(
            error,
            `rpc error: code = Unknown desc = 1 error occurred:\n\t* Unable to read Docker image into resource: ${pulling}: ${reason}\n\n`,
        );
    });

    it("is not looked for in a preview, so that a missing one shows only in the registry's own answer", async () => {
        const preview = properties(await create({ name: MISSING, keepLocally: true, triggers: { backup: "1" } }, true));
        assert.deepEqual(stage.engine.requests, []);
        assert.deepEqual(
            [preview.name, preview.triggers, preview.imageId, preview.repoDigest],
            [MISSING, { backup: "1" }, UNKNOWN, UNKNOWN],
        );
    });

    it("is replaced when its name changes, and the preview shows both", async () => {
        const changed = await diff({ name: OLD, keepLocally: true }, { name: NEW, keepLocally: true });
        assert.deepEqual(changed.replaces, ["name"]);
        assert.deepEqual(changed.detailedDiff, { name: { kind: "UPDATE_REPLACE" } });
    });

    it("is replaced when a trigger changes, known or not, with its name as it was", async () => {
        const before = { name: OLD, triggers: { backup: "1" } };
        assert.deepEqual((await diff(before, { name: OLD, triggers: { backup: "2" } })).detailedDiff, {
            "triggers.backup": { kind: "UPDATE_REPLACE" },
        });
        const unknown = { name: NEW, triggers: { backup: UNKNOWN } };
        assert.deepEqual((await diff(before, unknown)).detailedDiff, {
            name: { kind: "UPDATE_REPLACE" },
            triggers: { kind: "UPDATE_REPLACE" },
        });
        assert.equal(properties(await create(unknown, true)).name, NEW);
    });

    it("has no version in a preview when its name waits for something, as triggers need not", async () => {
        assert.equal(properties(await create({ name: UNKNOWN }, true)).name, UNKNOWN);
    });

    it("is updated in place when only keepLocally changes", async () => {
        const changed = await diff({ name: OLD, keepLocally: false }, { name: OLD, keepLocally: true });
        assert.deepEqual([changed.replaces, changed.diffs], [undefined, ["keepLocally"]]);
    });

    it("is removed by delete unless keepLocally is set", async () => {
        await create({ name: OLD });
        assert.deepEqual((await remove({ name: OLD, keepLocally: true })).response, {});
        assert.ok(stage.engine.images.has(OLD));
        assert.deepEqual((await remove({ name: OLD })).response, {});
        assert.ok(!stage.engine.images.has(OLD));
        assert.deepEqual((await remove({ name: OLD })).response, {});
    });

    it("a replacement without keepLocally removes the image that a rollback would need", async () => {
        stage.engine.images.set(OLD, IMAGES[OLD] ?? assert.fail());
        await create({ name: NEW });
        await remove({ name: OLD });
        assert.deepEqual([...stage.engine.images.keys()], [NEW]);
    });

    it("is read by refresh from the engine, and is gone when the engine has it no more", async () => {
        const inputs = { name: OLD, keepLocally: true };
        const { response: made } = await create(inputs);
        const state = { id: made?.id, properties: made?.properties, inputs };
        const there = await stage.process.call("Read", { ...IMAGE, ...state });
        assert.deepEqual(there.response, state);
        stage.engine.images.clear();
        const gone = await stage.process.call("Read", { ...IMAGE, ...state });
        assert.deepEqual(gone.response, {});
    });
});
