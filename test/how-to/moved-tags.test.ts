import * as assert from "node:assert/strict";
import { Droplet, newDroplet, removeDroplet } from "../support/lab";
import { HowTo } from "./commands";

const IMAGES = { db: "pgvector/pgvector:pg18", redis: "redis:7-alpine", nginx: "nginx:1-alpine" } as const;
const SERVICES = Object.keys(IMAGES) as (keyof typeof IMAGES)[];

describe("what the how-to's commands do when other images' tags have moved", function () {
    this.timeout(300_000);
    let droplet: Droplet;
    let admin: HowTo;
    let published: string[];

    const each = (format: string) => Promise.all(SERVICES.map((service) => admin.inspect(service, format)));

    /** The instance runs what these tags were some time ago: here, images that differ by a label only. */
    before(async () => {
        droplet = await newDroplet("how-to-moved-tags", "0.1.9");
        admin = new HowTo(droplet);
        published = await each("{{.Image}}");
        for (const image of Object.values(IMAGES)) {
            await admin.on(`container=$(docker create ${image})
                docker commit --change 'LABEL built=earlier' "$container" ${image}
                docker rm --volumes "$container"`);
        }
        await admin.on("docker compose up -d 2>&1");
    });

    after(() => removeDroplet("how-to-moved-tags"));

    it("pull fetches them too, and up recreates database, Redis and nginx in the middle of the upgrade", async () => {
        const imagesBefore = await each("{{.Image}}");
        assert.ok(imagesBefore.every((image) => !published.includes(image)));
        const containersBefore = await each("{{.Id}}");
        const up = await admin.upgrade("0.1.10");
        assert.equal(up.status, 0, up.output);
        assert.match(up.output, /Container specivo-db-1 {2}Recreated/);
        assert.match(up.output, /Container specivo-redis-1 {2}Recreated/);
        assert.deepEqual(await each("{{.Image}}"), published);
        assert.ok((await each("{{.Id}}")).every((container) => !containersBefore.includes(container)));
    });
});
