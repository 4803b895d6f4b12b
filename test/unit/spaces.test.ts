import assert from "node:assert/strict";
import type { Server } from "node:http";

import { emptyAccount, type Content } from "../../lab/cloud/account";
import { Cloud } from "../../lab/cloud/cloud";
import { cloudServer } from "../../lab/cloud/server";
import { spacesServer } from "../../lab/cloud/spaces";
import { IdleMachines } from "../providers/support/idle-machines";
import { listen } from "../providers/support/listen";
import { S3Imitation } from "../providers/support/s3-imitation";

describe("the lab's Spaces", () => {
    let content: Content;
    let objects: S3Imitation;
    let servers: Server[];
    let api: string;
    let spaces: string;

    beforeEach(async () => {
        [content, objects] = [emptyAccount(), await S3Imitation.start()];
        const cloud = new Cloud(content, new IdleMachines(), objects, () => undefined);
        const [forApi, forSpaces] = [cloudServer(cloud, "right"), spacesServer(cloud)];
        servers = [forApi, forSpaces];
        api = `http://127.0.0.1:${await listen(forApi)}/v2/spaces/keys`;
        spaces = `http://127.0.0.1:${await listen(forSpaces)}`;
    });

    afterEach(() => {
        objects.stop();
        for (const server of servers) {
            server.closeAllConnections();
            server.close();
        }
    });

    const headers = { authorization: "Bearer right" };
    const send = (method: string, path: string, body: object) =>
        fetch(api + path, { method, headers, body: JSON.stringify(body) });

    async function issue(bucket: string, permission: string): Promise<string> {
        const answer = await send("POST", "", { name: "ops", grants: [{ bucket, permission }] });
        assert.equal(answer.status, 201);
        return ((await answer.json()) as { key: { access_key: string } }).key.access_key;
    }

    const ask = async (method: string, path: string, body: string | null = null) => {
        const answer = await fetch(spaces + path, { method, body });
        return { status: answer.status, text: await answer.text() };
    };

    it("lets a key into the buckets that it is granted, made before it or after it, until it is gone", async () => {
        await ask("PUT", "/before");
        const [first, second] = [await issue("before", "readwrite"), await issue("after", "read")];
        await ask("PUT", "/after");
        assert.deepEqual([...objects.users.keys()], [first, second]);
        assert.deepEqual(Object.fromEntries(objects.shared), { before: [first], after: [second] });
        const elsewhere = { name: "ops", grants: [{ bucket: "after", permission: "read" }] };
        assert.equal((await send("PUT", `/${first}`, elsewhere)).status, 200);
        assert.deepEqual(Object.fromEntries(objects.shared), { before: [], after: [first, second] });
        assert.equal((await fetch(`${api}/${second}`, { method: "DELETE", headers })).status, 204);
        assert.deepEqual([...objects.users.keys()], [first]);
        assert.deepEqual(objects.shared.get("after"), [first]);
    });

    it("keeps lifecycle rules of the buckets that there are, and passes on everything else", async () => {
        assert.equal((await ask("PUT", "/none?lifecycle", "<Rule/>")).status, 404);
        await ask("PUT", "/kept");
        assert.equal((await ask("GET", "/kept?lifecycle")).status, 404);
        assert.equal((await ask("PUT", "/kept?lifecycle", "<Rule/>")).status, 200);
        assert.deepEqual(await ask("GET", "/kept?lifecycle"), { status: 200, text: "<Rule/>" });
        await ask("PUT", "/kept?versioning", "<Status>Enabled</Status>");
        assert.equal(objects.buckets.get("kept")?.get("versioning"), "<Status>Enabled</Status>");
        await ask("DELETE", "/kept");
        assert.deepEqual(content.lifecycles, {});
        assert.equal((await ask("GET", "/kept?versioning")).status, 404);
    });
});
