import assert from "node:assert/strict";
import { CloudStage } from "../support/cloud-stage";
import { conformance } from "../support/plugins";
import { Resources } from "../support/resources";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIORk9Y0EWrov3n8x/uo5GX1GR5YQafffBOizrFsJcCBj ops";

conformance("digitalocean", "Droplet", function (plugin) {
    let stage: CloudStage;
    let key: string;
    const droplets = new Resources(() => stage, "droplet:Droplet");
    const volumes = new Resources(() => stage, "volume:Volume");

    before(async () => {
        stage = await CloudStage.start(plugin);
        key = (await new Resources(() => stage, "sshKey:SshKey").create({ name: "ops", publicKey: KEY })).id;
    });

    after(() => stage?.stop());

    const inputs = () => ({
        name: "specivo",
        region: "fra1",
        size: "s-1vcpu-2gb",
        image: "ubuntu-24-04-x64",
        monitoring: true,
        sshKeys: [key],
        userData: "#!/bin/bash\ntrue\n",
        tags: ["specivo"],
    });

    it("is made with its keys and its user data, of which the state holds a hash", async () => {
        const made = await droplets.create(inputs());
        const machine = stage.machines.made.get(Number(made.id));
        assert.deepEqual(machine, { memory: 2048, sshKeys: [KEY], userData: "#!/bin/bash\ntrue\n" });
        assert.equal(made.properties.userData, "fe59d856ed20e879e918d57d06342dd2853b3b94");
        assert.deepEqual([made.properties.status, made.properties.tags], ["active", ["specivo"]]);
        await droplets.delete(made);
        assert.ok(!stage.machines.made.has(Number(made.id)));
    });

    it("is replaced by a change of what matters when it is made, and not when that is ignored", async () => {
        const made = await droplets.create(inputs());
        for (const [name, value] of Object.entries({
            image: "debian-13-x64",
            monitoring: false,
            region: "ams3",
            sshKeys: ["7"],
            userData: "#!/bin/bash\nfalse\n",
        })) {
            assert.deepEqual((await droplets.diff(made, { [name]: value })).replaces, [name], name);
            const ignored = await droplets.diff(made, { [name]: value }, [name]);
            assert.equal(ignored.changes, "DIFF_NONE", name);
        }
        await droplets.delete(made);
    });

    it("is resized in place, turned off meanwhile", async () => {
        const made = await droplets.create(inputs());
        const size = { size: "s-2vcpu-4gb" };
        assert.deepEqual((await droplets.diff(made, size)).detailedDiff, { size: { kind: "UPDATE" } });
        stage.machines.work.length = 0;
        const { properties } = await droplets.update(made, size);
        assert.deepEqual(stage.machines.work, [
            `power off ${made.id}`,
            `resize ${made.id} 4096`,
            `power on ${made.id}`,
        ]);
        assert.deepEqual([properties.size, properties.memory, properties.status], ["s-2vcpu-4gb", 4096, "active"]);
        await droplets.delete(made);
    });

    it("is renamed, and has its tags changed, in place", async () => {
        const made = await droplets.create(inputs());
        const { properties } = await droplets.update(made, { name: "other", tags: ["specivo", "prod"] });
        assert.deepEqual([properties.name, properties.tags], ["other", ["specivo", "prod"]]);
        await droplets.delete(made);
    });

    it("has its volumes from the first boot, and lets go of them before it is destroyed", async () => {
        const volume = await volumes.create({ name: "data", region: "fra1", size: 1, initialFilesystemType: "ext4" });
        const made = await droplets.create({ ...inputs(), volumeIds: [volume.id] });
        const attached = () => stage.machines.attached.get(Number(made.id))?.volumes;
        assert.deepEqual(attached(), [{ name: "data", file: `${volume.id}.img` }]);
        assert.deepEqual(made.properties.volumeIds, [volume.id]);
        await droplets.delete(made);
        assert.deepEqual(attached(), []);
        const { actions } = await stage.lab("GET", `/v2/volumes/${volume.id}/actions`);
        assert.deepEqual(
            (actions as { type: string }[]).map(({ type }) => type),
            ["detach"],
        );
        await volumes.delete(volume);
    });

    it("refreshed has changed nothing, and shows what was changed elsewhere", async () => {
        const made = await droplets.create(inputs());
        const same = await droplets.read(made);
        assert.ok(same);
        const { inputs: asked } = await droplets.check(inputs()).then((checked) => checked as { inputs: object });
        assert.equal((await droplets.diff(same, { ...asked })).changes, "DIFF_NONE");
        stage.content.droplets.forEach((droplet) => droplet.features.splice(0));
        const drifted = await droplets.read(made);
        assert.ok(drifted);
        const found = await droplets.diff(drifted, { ...asked });
        assert.deepEqual(found.detailedDiff, { monitoring: { kind: "UPDATE_REPLACE" } });
        await droplets.delete(made);
    });

    it("deleted elsewhere is gone for a refresh, and for delete", async () => {
        const made = await droplets.create(inputs());
        await stage.lab("DELETE", `/v2/droplets/${made.id}`);
        assert.equal(await droplets.read(made), undefined);
        await droplets.delete(made);
    });

    it("is imported by its id, with the inputs that it would be made with", async () => {
        const made = await droplets.create(inputs());
        const imported = await droplets.import(made.id);
        const { name, region, size, image, monitoring, tags } = inputs();
        const found = imported?.inputs ?? {};
        assert.deepEqual(found, { ...found, name, region, size, image, monitoring, tags });
        assert.ok(imported);
        const change = await droplets.diff(imported, inputs(), ["sshKeys", "userData"]);
        assert.equal(change.changes, "DIFF_NONE");
        await droplets.delete(made);
    });

    it("that the API refuses is told of in its words", async () => {
        const refusal = await droplets.refusal({ ...inputs(), size: "s-none" });
        const begin = "rpc error: code = Unknown desc = 1 error occurred:\n\t* Error creating droplet: POST ";
        assert.ok(refusal.startsWith(`${begin}${stage.endpoint}/v2/droplets: 422 (request "`), refusal);
        assert.match(refusal, /"\) You specified an invalid size for Droplet creation\.\n\n$/);
    });

    it("is made once, though the API was at its limit, or failed before it did anything", async () => {
        await stage.fail({ method: "POST", path: "^/v2/droplets$", status: 429, count: 1 });
        const made = await droplets.create(inputs());
        await stage.fail({ method: "POST", path: "^/v2/droplets$", status: 503, count: 1 });
        const other = await droplets.create({ ...inputs(), name: "other" });
        assert.equal(stage.content.droplets.length, 2);
        await droplets.delete(made);
        await droplets.delete(other);
    });
});
