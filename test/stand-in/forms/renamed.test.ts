import * as assert from "node:assert/strict";
import { Installed } from "../../support/instance";
import { newDroplet, on, removeDroplet } from "../../support/lab";

/** More in it than otherwise, so that what writes the large amounts is tested too. */
const DATA = "issues=2000,attachments=50M";

describe("an instance in the form renamed, with bulk data", function () {
    this.timeout(300_000);
    let instance: Installed;

    before(async () => {
        instance = new Installed(await newDroplet("form-renamed", "0.1.9", { form: "renamed", data: DATA }));
    });

    after(() => removeDroplet("form-renamed"));

    it("nothing of it has the name or place it has in the docs", async () => {
        const { droplet } = instance;
        assert.equal(
            await on(
                droplet,
                "ls -d /opt/specivo* 2>/dev/null || docker ps --format '{{.Names}}' | grep specivo || true",
            ),
            "",
        );
        assert.equal(await instance.status(`http://${droplet.address}:9933`), 0);
        assert.deepEqual([droplet.url, await instance.status()], [`http://${droplet.address}:8080`, 302]);
        assert.equal(
            await instance.on(`ls ${droplet.dataDir} | paste -sd ' '`),
            "attachments avatars errors logs models postgresql redis themes",
        );
    });

    it("its password stands in the URL in another form than in POSTGRES_PASSWORD", async () => {
        const url = new URL((await instance.running("DATABASE_URL")) ?? "");
        const password = await instance.running("POSTGRES_PASSWORD", "db");
        assert.notEqual(url.password, password);
        assert.equal(decodeURIComponent(url.password), password);
        assert.deepEqual([url.username, url.pathname], ["helpdesk_owner", "/tickets"]);
    });

    it("has its bulk: each with what belongs to it, and the index of vectors", async () => {
        const { tables, files } = await instance.fingerprint();
        const rows = ["issues", "journals", "wiki_contents", "search_chunks", "chunk_embeddings"].map(
            (t) => tables[t]?.rows,
        );
        assert.deepEqual(rows, [2300, 4360, 55, 2040, 2040]);
        assert.equal(
            Object.keys(files).filter((file) => file.startsWith("attachments/")).length,
            tables["attachments"]?.rows,
        );
        const found = "SELECT count(*) FROM issues WHERE search_vector IS NULL OR search_vector @@ 'router' IS NULL";
        assert.equal(await instance.sql(found), "0");
        const nearest = `EXPLAIN SELECT chunk_id FROM chunk_embeddings WHERE model_id = 1
            ORDER BY embedding::vector(384) <=> (SELECT embedding::vector(384) FROM chunk_embeddings LIMIT 1) LIMIT 5`;
        assert.match(await instance.sql(`SET enable_seqscan = off; ${nearest}`), /Index Scan using idx_hnsw_model_1/);
    });

    it("each attachment has its file, of the size and hash that its row tells", async () => {
        const rows = await instance.sql(
            "SELECT coalesce(content_hash, '-'), filesize, disk_filename FROM attachments ORDER BY disk_filename",
        );
        const files = await instance.on(`cd ${instance.droplet.dataDir}/attachments && for file in *; do
            echo "$(sha256sum "$file" | cut -c1-64)|$(stat -c %s "$file")|$file"
        done`);
        const known = new Map(files.split("\n").map((line) => [line.split("|")[2], line]));
        for (const row of rows.split("\n")) {
            const [hash, size, name] = row.split("|");
            const [fileHash, fileSize] = known.get(name)?.split("|") ?? [];
            assert.deepEqual([name, size, hash === "-" ? hash : fileHash], [name, fileSize, hash]);
            known.delete(name);
        }
        assert.deepEqual([...known.keys()], []);
        assert.equal(await instance.sql("SELECT sum(filesize) >= 50 * 1024 * 1024 FROM attachments"), "t");
        assert.match(await instance.sql("SELECT count(*) FROM attachments WHERE content_hash IS NULL"), /^[1-9]/);
    });
});
