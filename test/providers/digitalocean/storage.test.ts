import assert from "node:assert/strict";
import { CloudStage } from "../support/cloud-stage";
import { conformance } from "../support/plugins";
import { Resources } from "../support/resources";

conformance("digitalocean", "Volume and Spaces", (plugin) => {
    let stage: CloudStage;
    const volumes = new Resources(() => stage, "volume:Volume");
    const attachments = new Resources(() => stage, "volumeAttachment:VolumeAttachment");
    const keys = new Resources(() => stage, "spacesKey:SpacesKey");
    const buckets = new Resources(() => stage, "spacesBucket:SpacesBucket");

    before(async () => {
        stage = await CloudStage.start(plugin);
    });

    after(() => stage?.stop());

    it("a volume grows in place, and is replaced in another region", async () => {
        const made = await volumes.create({ name: "data", region: "fra1", size: 1, initialFilesystemType: "ext4" });
        assert.ok(stage.machines.work.includes(`create volume ${made.id} 1 ext4`));
        assert.deepEqual((await volumes.diff(made, { region: "ams3" })).replaces, ["region"]);
        const larger = await volumes.update(made, { size: 2 });
        assert.equal(larger.properties.size, 2);
        assert.ok(stage.machines.work.includes(`resize volume ${made.id} 2`));
        const same = await volumes.read(larger);
        assert.ok(same);
        assert.equal((await volumes.diff(same, larger.inputs)).changes, "DIFF_NONE");
        await volumes.delete(larger);
        assert.equal(await volumes.read(larger), undefined);
    });

    it("a volume is attached to a droplet that runs, and detached", async () => {
        const size = { size: "s-1vcpu-1gb", image: "ubuntu-24-04-x64" };
        const droplet = await new Resources(() => stage, "droplet:Droplet").create({
            name: "d",
            region: "fra1",
            ...size,
        });
        const volume = await volumes.create({ name: "more", region: "fra1", size: 1 });
        const attachment = await attachments.create({ dropletId: Number(droplet.id), volumeId: volume.id });
        const attached = () => stage.machines.attached.get(Number(droplet.id))?.volumes.map(({ name }) => name);
        assert.deepEqual(attached(), ["more"]);
        assert.ok(await attachments.read(attachment));
        await attachments.delete(attachment);
        assert.deepEqual(attached(), []);
        assert.equal(await attachments.read(attachment), undefined);
    });

    it("a Spaces key's secret is told once, is a secret, and stays when its grants change", async () => {
        const grants = [{ bucket: "backups", permission: "readwrite" }];
        const made = await keys.create({ name: "backup", grants });
        const secret = made.properties.secretKey as { value: string };
        assert.ok(secret.value.length > 20);
        const wider = await keys.update(made, { grants: [{ bucket: "", permission: "fullaccess" }] });
        assert.deepEqual(wider.properties.secretKey, secret);
        const same = await keys.read(wider);
        assert.deepEqual(same?.properties.secretKey, secret);
        await keys.delete(wider);
    });

    it("a bucket's versions and lifecycle rules are as they were given, and its region is for good", async () => {
        const rule = {
            enabled: true,
            abortIncompleteMultipartUploadDays: 7,
            noncurrentVersionExpiration: { days: 30 },
        };
        const made = await buckets.create({
            name: "kept",
            region: "fra1",
            acl: "private",
            versioning: { enabled: true },
            lifecycleRules: [rule],
            forceDestroy: false,
        });
        const same = await buckets.read(made);
        assert.ok(same);
        assert.equal((await buckets.diff(same, made.inputs)).changes, "DIFF_NONE");
        assert.match(stage.content.lifecycles.kept ?? "", /<NoncurrentDays>30<\/NoncurrentDays>/);
        assert.match(stage.content.lifecycles.kept ?? "", /<DaysAfterInitiation>7<\/DaysAfterInitiation>/);
        assert.deepEqual((await buckets.diff(made, { region: "ams3" })).replaces, ["region"]);
        const without = await buckets.update(made, { lifecycleRules: [] });
        assert.equal(stage.content.lifecycles.kept, undefined);
        await buckets.delete(without);
        assert.equal(await buckets.read(without), undefined);
    });
});
