import assert from "node:assert/strict";
import type { Server } from "node:http";

import { emptyAccount, type Content } from "../../lab/cloud/account";
import { Cloud } from "../../lab/cloud/cloud";
import { cloudServer } from "../../lab/cloud/server";
import { IdleMachines } from "../providers/support/idle-machines";
import { listen } from "../providers/support/listen";
import { S3Imitation } from "../providers/support/s3-imitation";

const DROPLET = { name: "specivo", region: "fra1", size: "s-1vcpu-1gb", image: "ubuntu-24-04-x64" };
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIORk9Y0EWrov3n8x/uo5GX1GR5YQafffBOizrFsJcCBj ops";

/** Machines that take until they are told to be ready. */
class SlowMachines extends IdleMachines {
    private readonly waiting: (() => void)[] = [];

    override async create(id: number, memory: number, given: { sshKeys: string[]; userData: string }): Promise<string> {
        await new Promise<void>((resolve) => this.waiting.push(resolve));
        return super.create(id, memory, given);
    }

    finish(): void {
        this.waiting.splice(0).forEach((resolve) => resolve());
    }
}

describe("the lab's cloud", () => {
    let content: Content;
    let machines: SlowMachines;
    let objects: S3Imitation;
    let server: Server;
    let endpoint: string;
    let saved: Content[];

    beforeEach(async () => {
        [content, machines, saved] = [emptyAccount(), new SlowMachines(), []];
        objects = await S3Imitation.start();
        const store = (state: Content) => void saved.push(structuredClone(state));
        server = cloudServer(new Cloud(content, machines, objects, store), "right");
        endpoint = `http://127.0.0.1:${await listen(server)}`;
    });

    afterEach(() => {
        objects.stop();
        server.closeAllConnections();
        server.close();
    });

    async function request(method: string, path: string, body?: object, token = "right") {
        const response = await fetch(endpoint + path, {
            method,
            headers: { authorization: `Bearer ${token}` },
            body: body === undefined ? null : JSON.stringify(body),
        });
        const text = await response.text();
        const json = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
        return { status: response.status, headers: response.headers, json };
    }

    async function booted(): Promise<number> {
        const { json } = await request("POST", "/v2/droplets", DROPLET);
        const { id } = json.droplet as { id: number };
        const isActive = async () => {
            machines.finish();
            return (
                ((await request("GET", `/v2/droplets/${id}`)).json.droplet as { status: string }).status === "active"
            );
        };
        while (!(await isActive()));
        return id;
    }

    it("answers nobody without the token", async () => {
        const { status, json } = await request("GET", "/v2/account", undefined, "wrong");
        assert.deepEqual([status, json.id], [401, "Unauthorized"]);
        assert.equal((await request("GET", "/v2/account")).status, 200);
    });

    it("gives lists in pages", async () => {
        for (let name = 0; name < 5; name++) {
            await request("POST", "/v2/volumes", { name: `v${name}`, region: "fra1", size_gigabytes: 1 });
        }
        const { json } = await request("GET", "/v2/volumes?per_page=2&page=2");
        assert.deepEqual(
            (json.volumes as { name: string }[]).map(({ name }) => name),
            ["v2", "v3"],
        );
        assert.deepEqual(json.meta, { total: 5 });
        const { pages } = json.links as { pages: Record<string, string> };
        assert.deepEqual(Object.keys(pages), ["first", "prev", "next", "last"]);
        assert.match(pages.last ?? "", /page=3&per_page=2$/);
    });

    it("makes a droplet by and by, and tells of it in its action", async () => {
        const { status, json } = await request("POST", "/v2/droplets", DROPLET);
        const { id, networks } = json.droplet as { id: number; networks: { v4: unknown[] } };
        assert.deepEqual([status, networks.v4], [202, []]);
        const actions = async () => (await request("GET", `/v2/droplets/${id}/actions`)).json.actions as object[];
        assert.deepEqual(
            (await actions()).map((one) => (one as { status: string }).status),
            ["in-progress"],
        );
        const busy = await request("POST", `/v2/droplets/${id}/actions`, { type: "reboot" });
        assert.deepEqual([busy.status, busy.json.message], [422, "Droplet already has a pending event."]);
        machines.finish();
        while (((await actions())[0] as { status: string }).status !== "completed");
        const { json: now } = await request("GET", `/v2/droplets/${id}`);
        assert.equal((now.droplet as { status: string }).status, "active");
    });

    it("refuses what DigitalOcean refuses", async () => {
        for (const [path, body, message] of [
            ["/v2/droplets", { ...DROPLET, size: "huge" }, "You specified an invalid size for Droplet creation."],
            ["/v2/droplets", { ...DROPLET, ssh_keys: [7] }, "7 are invalid key identifiers for Droplet creation."],
            [
                "/v2/droplets",
                { ...DROPLET, name: "not a name" },
                "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)",
            ],
            [
                "/v2/account/keys",
                { name: "ops", public_key: "none" },
                "Key invalid, key should be of the format `type key [comment]`",
            ],
            ["/v2/firewalls", { name: "fw", droplet_ids: [7] }, "droplet 7 does not exist"],
        ] as const) {
            const { status, json } = await request("POST", path, body);
            assert.deepEqual([status, json.message], [422, message]);
        }
        const key = { name: "ops", public_key: KEY };
        assert.equal((await request("POST", "/v2/account/keys", key)).status, 201);
        const again = await request("POST", "/v2/account/keys", key);
        assert.deepEqual([again.status, again.json.message], [422, "SSH Key is already in use on your account"]);
        assert.equal((await request("GET", "/v2/nothing")).status, 404);
    });

    it("lets a droplet that goes take nothing with it but itself", async () => {
        const id = await booted();
        const { json } = await request("POST", "/v2/reserved_ips", { region: "fra1" });
        const { ip } = json.reserved_ip as { ip: string };
        await request("POST", `/v2/reserved_ips/${ip}/actions`, { type: "assign", droplet_id: id });
        while (machines.attached.get(id)?.addresses[0] !== ip) {
            await new Promise((resolve) => setTimeout(resolve, 5));
        }
        assert.equal((await request("DELETE", `/v2/droplets/${id}`)).status, 204);
        assert.equal((await request("GET", `/v2/droplets/${id}`)).status, 404);
        const { json: left } = await request("GET", `/v2/reserved_ips/${ip}`);
        assert.equal((left.reserved_ip as { droplet: unknown }).droplet, null);
        assert.deepEqual(machines.attached.get(id)?.addresses, []);
    });

    it("enforces a firewall by tag for droplets that get the tag later", async () => {
        const id = await booted();
        const inbound = [{ protocol: "tcp", ports: "22", sources: { addresses: ["192.0.2.0/24"] } }];
        await request("POST", "/v2/firewalls", { name: "fw", tags: ["web"], inbound_rules: inbound });
        assert.equal(machines.attached.get(id)?.firewall, null);
        const resources = [{ resource_id: String(id), resource_type: "droplet" }];
        await request("POST", "/v2/tags/web/resources", { resources });
        assert.deepEqual(machines.attached.get(id)?.firewall?.inbound[0]?.peers, ["192.0.2.0/24"]);
    });

    it("counts requests, and answers 429 when there were too many", async () => {
        const { headers } = await request("GET", "/v2/account");
        assert.deepEqual(
            ["limit", "remaining"].map((name) => headers.get(`ratelimit-${name}`)),
            ["5000", "4999"],
        );
        await request("PUT", "/lab/rate-limit", { remaining: 1, seconds: 30 });
        assert.equal((await request("GET", "/v2/account")).status, 200);
        const refused = await request("GET", "/v2/account");
        assert.deepEqual([refused.status, refused.json.id], [429, "too_many_requests"]);
        assert.ok(Number(refused.headers.get("retry-after")) <= 30);
    });

    it("fails as often as it is told to: with a status, without an answer, after it was done, or in the action", async () => {
        const volume = (name: string) => request("POST", "/v2/volumes", { name, region: "fra1", size_gigabytes: 1 });
        const fail = (failure: object) => request("POST", "/lab/failures", { path: "^/v2/volumes$", ...failure });
        await fail({ count: 2, status: 503, message: "not now" });
        assert.deepEqual([(await volume("a")).status, (await volume("a")).json.message], [503, "not now"]);
        assert.equal((await volume("a")).status, 201);
        await fail({ how: "reset" });
        await assert.rejects(volume("b"));
        await fail({ how: "lost" });
        await assert.rejects(volume("c"));
        assert.deepEqual(
            content.volumes.map(({ name }) => name),
            ["a", "c"],
        );
        const id = await booted();
        await fail({ path: "/actions$", method: "POST", action: true });
        const { json } = await request("POST", `/v2/droplets/${id}/actions`, { type: "power_off" });
        const action = (json.action as { id: number }).id;
        const status = async () =>
            ((await request("GET", `/v2/actions/${action}`)).json.action as { status: string }).status;
        while ((await status()) === "in-progress");
        assert.equal(await status(), "errored");
        assert.deepEqual(
            machines.work.filter((one) => one.startsWith("power")),
            [],
        );
    });

    it("has in its file what it has answered", async () => {
        await request("POST", "/v2/account/keys", { name: "ops", public_key: KEY });
        assert.equal(saved.at(-1)?.keys[0]?.name, "ops");
    });
});
