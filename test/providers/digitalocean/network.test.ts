import assert from "node:assert/strict";
import { CloudStage } from "../support/cloud-stage";
import { conformance } from "../support/plugins";
import { Resources, type Made } from "../support/resources";

conformance("digitalocean", "Firewall and ReservedIp", (plugin) => {
    let stage: CloudStage;
    let droplet: Made;
    const firewalls = new Resources(() => stage, "firewall:Firewall");
    const addresses = new Resources(() => stage, "reservedIp:ReservedIp");
    const assignments = new Resources(() => stage, "reservedIpAssignment:ReservedIpAssignment");

    before(async () => {
        stage = await CloudStage.start(plugin);
        const size = { size: "s-1vcpu-1gb", image: "ubuntu-24-04-x64" };
        droplet = await new Resources(() => stage, "droplet:Droplet").create({ name: "d", region: "fra1", ...size });
    });

    after(() => stage?.stop());

    const attached = () => stage.machines.attached.get(Number(droplet.id));
    const inbound = (portRange: string, ...sourceAddresses: string[]) => ({
        protocol: "tcp",
        portRange,
        sourceAddresses,
    });
    const inputs = (...rules: object[]) => ({
        name: "fw",
        dropletIds: [Number(droplet.id)],
        inboundRules: rules,
        outboundRules: [{ protocol: "icmp", destinationAddresses: ["0.0.0.0/0", "::/0"] }],
    });

    it("is enforced for its droplets, changed in place, and gone with its deletion", async () => {
        const made = await firewalls.create(inputs(inbound("22", "192.0.2.0/24")));
        assert.deepEqual(attached()?.firewall, {
            inbound: [{ protocol: "tcp", ports: "22", peers: ["192.0.2.0/24"] }],
            outbound: [{ protocol: "icmp", ports: "0", peers: ["0.0.0.0/0", "::/0"] }],
        });
        const wider = { inboundRules: [inbound("22", "192.0.2.0/24"), inbound("80", "0.0.0.0/0")] };
        assert.deepEqual((await firewalls.diff(made, wider)).diffs, ["inboundRules"]);
        const changed = await firewalls.update(made, wider);
        assert.deepEqual(
            attached()?.firewall?.inbound.map(({ ports }) => ports),
            ["22", "80"],
        );
        await firewalls.delete(changed);
        assert.equal(attached()?.firewall, null);
    });

    it("is the same in another order of its rules, and refreshed", async () => {
        const [ssh, web] = [inbound("22", "192.0.2.0/24"), inbound("80", "0.0.0.0/0", "::/0")];
        const made = await firewalls.create(inputs(ssh, web));
        assert.equal((await firewalls.diff(made, { inboundRules: [web, ssh] })).changes, "DIFF_NONE");
        const same = await firewalls.read(made);
        assert.ok(same);
        assert.equal((await firewalls.diff(same, made.inputs)).changes, "DIFF_NONE");
        await firewalls.delete(made);
    });

    it("an address is reserved, given to a droplet by an assignment, and outlives that", async () => {
        const address = await addresses.create({ region: "fra1" });
        const given = { ipAddress: address.id, dropletId: Number(droplet.id) };
        const assignment = await assignments.create(given);
        assert.deepEqual(attached()?.addresses, [address.id]);
        const other = await assignments.diff(assignment, { dropletId: 7 });
        assert.deepEqual([other.replaces, other.deleteBeforeReplace], [["dropletId"], undefined]);
        await assignments.delete(assignment);
        assert.deepEqual(attached()?.addresses, []);
        assert.ok(await addresses.read(address));
        assert.equal(await assignments.read(assignment), undefined);
        await addresses.delete(address);
        assert.equal(await addresses.read(address), undefined);
    });

    it("an assignment waits for what is done to the droplet, and fails with its action", async () => {
        const address = await addresses.create({ region: "fra1" });
        await stage.fail({ method: "POST", path: "/reserved_ips/.*/actions$", action: true });
        const refusal = await assignments.refusal({ ipAddress: address.id, dropletId: Number(droplet.id) });
        assert.match(refusal, /Error Assigning reserved IP|to be Assigned: unexpected state 'errored'/);
        await addresses.delete(address);
    });
});
