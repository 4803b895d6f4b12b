import * as assert from "node:assert/strict";
import { Ended } from "../support/run";
import { Api, Pod } from "../support/stand-in";

/** Every release, with the head of its migrations. */
const HEADS: readonly (readonly [string, string])[] = [
    ["0.1.5", "0002"],
    ["0.1.6", "0008"],
    ["0.1.7", "0009"],
    ["0.1.8", "0019"],
    ["0.1.9", "0020"],
    ["0.1.10", "0020"],
    ["0.2.0", "0023"],
    ["0.2.1", "0023"],
    ["0.3.0", "0025"],
    ["0.4.0", "0026"],
    ["0.4.1", "0026"],
    ["0.4.2", "0026"],
    ["0.5.0", "0026"],
    ["0.6.0", "0026"],
    ["0.7.0", "0027"],
    ["0.8.0", "0032"],
];

const TITLES = `
Running upgrade 0020 -> 0021, Add recurring tasks: recurring_patterns, recurrence_exceptions, issue columns.
Running upgrade 0022 -> 0023, Case-insensitive unique index on metadata_presets.slug.
Running upgrade 0023 -> 0024, Add tags and tag_links tables.
Running upgrade 0024 -> 0025, Per-project full-text-search analyzer language.
Running upgrade 0025 -> 0026, Issue reference aliases for cross-project move.
Running upgrade 0026 -> 0027, Identifier mapping for imports from external trackers.
Running upgrade 0027 -> 0028, User groups that can hold project memberships.
Running upgrade 0031 -> 0032, Seed the Non member role and keep builtin roles system-managed.
`;

/** How many transactions last wrote the rows of a table: 1 after each row was written again at once. */
const writers = (pod: Pod, table: string, database: string) =>
    pod.sql(`SELECT count(DISTINCT xmin::text) FROM ${table}`, database);

describe("the stand-in's migrations", function () {
    this.timeout(180_000);
    let pod: Pod;
    /** How the whole chain ended on an empty database. */
    let whole: Ended;

    before(async () => {
        pod = await Pod.start("chain");
        whole = await pod.migrate("0.8.0", await pod.newDatabase("whole_chain"));
    });

    after(() => pod.stop());

    describe("on an empty database", () => {
        it("the newest release runs all of them in order, with alembic's texts, and nothing the second time", async () => {
            const database = "whole_chain";
            const { status, stdout, stderr } = whole;
            assert.equal(status, 0, stderr);
            assert.equal(stdout, "");
            assert.match(stderr, /^INFO {2}\[alembic\.runtime\.migration\] Context impl PostgresqlImpl\.$/m);
            assert.match(stderr, /^INFO {2}\[alembic\.runtime\.migration\] Will assume transactional DDL\.$/m);
            const steps = [...stderr.matchAll(/Running upgrade (\d{0,4}) -> (\d{4}), /g)].map((step) => step[2]);
            assert.deepEqual(
                steps,
                Array.from({ length: 32 }, (_, n) => String(n + 1).padStart(4, "0")),
            );
            for (const title of TITLES.trim().split("\n")) {
                assert.ok(stderr.includes(`INFO  [alembic.runtime.migration] ${title}\n`), title);
            }
            assert.doesNotMatch((await pod.migrate("0.8.0", database)).stderr, /Running upgrade/);
            const current = await pod.run("0.8.0", ["alembic", "current"], { database });
            assert.equal(current.stdout, "0032 (head)\n");
        });

        it("downgrades lead back to nothing, and the way up is free again", async () => {
            const database = await pod.newDatabase("down", "whole_chain");
            const down = await pod.run("0.8.0", ["alembic", "downgrade", "base"], { database });
            assert.equal(down.status, 0, down.output);
            assert.deepEqual(await pod.counts(database), {});
            assert.equal(
                await pod.sql("SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace", database),
                "0",
            );
            const up = await pod.migrate("0.8.0", database);
            assert.equal(up.status, 0, up.output);
        });

        it("heads are told without a database, and an unstamped one has no revision", async () => {
            const heads = await pod.run("0.2.0", ["alembic", "heads"], { database: "nowhere" });
            assert.equal(heads.stdout, "0023 (head)\n");
            const database = await pod.newDatabase("unstamped");
            const current = await pod.run("0.2.0", ["alembic", "current"], { database });
            assert.deepEqual([current.status, current.stdout], [0, ""]);
        });
    });

    describe("release by release", () => {
        const database = "hops";
        let api: Api;
        let key: string;
        const kept: { id: number }[] = [];
        const files: { id: number }[] = [];

        const checks: Record<string, { before?: () => Promise<unknown>; after: () => Promise<void> }> = {
            "0.1.5": {
                after: async () => {
                    await api.createAdmin();
                    key = await api.createKey();
                    await api.call("POST", "/projects/", key, { key: "OPS", name: "Operations" });
                    const tables = Number(
                        await pod.sql(
                            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
                            database,
                        ),
                    );
                    assert.ok(tables >= 56, `${tables} tables`);
                    const long = await api.request("POST", "/projects/", key, { key: "ELEVENCHARS", name: "x" });
                    assert.equal(long.status, 422);
                },
            },
            "0.1.6": {
                before: () =>
                    pod.sql(
                        `INSERT INTO notification_preferences (user_id, event, email_enabled, in_app_enabled)
                            VALUES (1, 'both', true, true), (1, 'mail', true, false), (1, 'none', false, false);
                        INSERT INTO chunk_embeddings (chunk_id, model_id, embedding)
                            SELECT c.id, 1, array_fill(0.5, ARRAY[1536])::vector FROM search_chunks c;
                        CREATE INDEX idx_hnsw_model_1 ON chunk_embeddings USING hnsw (embedding vector_cosine_ops);
                        CREATE TABLE before AS SELECT xmin::text AS writer FROM chunk_embeddings`,
                        database,
                    ),
                after: async () => {
                    assert.equal(
                        await pod.sql("SELECT event, channels FROM notification_preferences ORDER BY event", database),
                        'both|["email", "in_app"]\nmail|["email"]\nnone|[]',
                    );
                    assert.equal(
                        await pod.sql("SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'idx_hnsw_%'", database),
                        "0",
                    );
                    assert.equal(
                        await pod.sql(
                            `SELECT count(*), count(*) FILTER (WHERE xmin::text IN (SELECT writer FROM before))
                                FROM chunk_embeddings; DROP TABLE before; DELETE FROM search_sources`,
                            database,
                        ),
                        "1|0",
                    );
                },
            },
            "0.1.8": {
                before: () =>
                    pod.sql(
                        `UPDATE issues SET description = 'has password_reset in it';
                        UPDATE issues SET done_ratio = 10 WHERE id = (SELECT min(id) FROM issues);
                        INSERT INTO issue_statuses (name, position, is_closed) VALUES ('Waiting', 9, false), ('Gone', 10, true)`,
                        database,
                    ),
                after: async () => {
                    assert.equal(
                        await pod.sql("SELECT name, category FROM issue_statuses ORDER BY id", database),
                        "New|backlog\nIn Progress|active\nResolved|active\nFeedback|active\nClosed|done\nRejected|done\n" +
                            "Waiting|backlog\nGone|done",
                    );
                    assert.equal(await pod.sql("SELECT DISTINCT is_public FROM projects", database), "f");
                    assert.equal(
                        await pod.sql("SELECT count(*) FROM attachments WHERE content_hash IS NULL", database),
                        "3",
                    );
                },
            },
            "0.1.9": {
                after: async () => {
                    const project = { key: "K".repeat(128), name: "Long" };
                    await api.call("POST", "/projects/", key, project);
                    const notNull = "SELECT count(*) FROM attachments WHERE length(content_hash) = 64";
                    assert.equal(await pod.sql(notNull, database), "1");
                },
            },
            "0.3.0": {
                before: () => pod.sql("UPDATE issues SET subject = 'Neue Häuser' WHERE id = 1", database),
                after: async () => {
                    assert.equal(
                        await pod.sql("SELECT value FROM settings WHERE key = 'search_fts_language'", database),
                        "german",
                    );
                    assert.deepEqual(await api.found(key, "Haus"), ["Neue Häuser"]);
                },
            },
            "0.8.0": {
                after: async () => {
                    assert.equal(
                        await pod.sql("SELECT login, email, hashed_password FROM users WHERE id > 1", database),
                        "$anonymous|anonymous@specivo.invalid|",
                    );
                    assert.equal(await pod.sql("SELECT name FROM roles WHERE builtin = 1", database), "Non member");
                    await assert.rejects(
                        pod.sql("INSERT INTO members (project_id) SELECT id FROM projects", database),
                        /ck_members_user_or_group/,
                    );
                },
            },
        };

        /** Which of the releases so far write all rows of which tables again. */
        const rewrites: Record<string, readonly string[]> = {
            "0.1.8": ["issues", "wiki_contents"],
            "0.3.0": ["issues", "wiki_contents", "search_chunks"],
        };

        before(async () => {
            await pod.newDatabase(database);
        });

        for (const [version, head] of HEADS) {
            it(`${version} takes over what is there, at revision ${head}, and works`, async () => {
                await checks[version]?.before?.();
                const issuesBefore = kept.length;
                api = await pod.api(version, { database, env: { SEARCH_FTS_LANGUAGE: "german" } });
                await api.answers();
                try {
                    assert.equal(await pod.revision(database), head);
                    for (const table of rewrites[version] ?? []) {
                        assert.ok(Number(await pod.sql(`SELECT count(*) FROM ${table}`, database)) > 1);
                        assert.equal(await writers(pod, table, database), "1", table);
                    }
                    await checks[version]?.after();

                    await api.signIn();
                    const word = `word${version.replaceAll(".", "x")}`;
                    const issue = await api.createIssue(key, "OPS", `Subject ${word}`, "with words_joined");
                    assert.equal(issue.ref, `OPS-${issuesBefore + 1}`);
                    kept.push(issue);
                    assert.deepEqual(await api.found(key, word), [`Subject ${word}`]);
                    files.push(await api.upload(key, issue.id, "a.txt", `content of ${version}`));
                    for (const [index, file] of files.entries()) {
                        assert.equal(await api.download(key, file.id), `content of ${HEADS[index]?.[0]}`);
                    }
                    const page = { title: "Notes", content: `written by ${version}` };
                    const { version: number } = await api.call<{ version: number }>(
                        "PUT",
                        "/projects/OPS/wiki/notes/",
                        key,
                        page,
                    );
                    assert.equal(number, issuesBefore + 1);
                    await pod.sql(
                        `INSERT INTO search_sources (source_type, source_id, project_id, content_hash)
                            VALUES ('issue', ${issue.id}, 1, '');
                        INSERT INTO search_chunks (source_id, chunk_index, content)
                            SELECT max(id), 0, 'x' FROM search_sources`,
                        database,
                    );
                    const list = await api.call<{ total: number }>("GET", "/issues/?project=OPS&status=open", key);
                    assert.equal(list.total, issuesBefore + 1);
                    assert.deepEqual(await api.healthBody(), {
                        status: "ok",
                        database: "ok",
                        redis: "ok",
                        version: "",
                        tier: "",
                    });
                } finally {
                    await api.remove();
                }
            });
        }
    });

    describe("from 0.1.10 to 0.8.0 at once", () => {
        it("adds one user, one role and one setting, and changes no other number of rows", async () => {
            const database = await pod.newDatabase("counted");
            const old = await (await pod.api("0.1.10", { database })).answers();
            await old.createAdmin();
            const key = await old.createKey();
            await old.call("POST", "/projects/", key, { key: "OPS", name: "Operations" });
            await old.createIssue(key, "OPS", "One");
            await old.remove();
            const before = await pod.counts(database);
            const updated = "SELECT name, updated_at FROM roles WHERE name <> 'Developer' AND builtin = 0 ORDER BY id";
            const untouched = await pod.sql(updated, database);

            const later = await (await pod.api("0.8.0", { database })).answers();
            await later.remove();
            const after = await pod.counts(database);
            const expected = {
                ...before,
                users: Number(before["users"]) + 1,
                roles: Number(before["roles"]) + 1,
                settings: Number(before["settings"]) + 1,
            };
            const common = Object.fromEntries(Object.entries(after).filter(([table]) => table in before));
            assert.deepEqual(common, expected);
            const added = Object.keys(after).filter((table) => !(table in before));
            assert.ok(added.length >= 9);
            assert.ok(added.every((table) => after[table] === 0));
            assert.equal(await pod.sql(updated, database), untouched);
        });
    });

    describe("what stops them", () => {
        /** Databases at the revisions that the cases begin at, with the default rows in them. */
        before(async () => {
            for (const [version, database] of [
                ["0.1.6", "at_0008"],
                ["0.1.10", "at_0020"],
            ] as const) {
                await pod.newDatabase(database);
                await pod.migrate(version, database);
                const seeded = await pod.run(version, ["python", "-m", "specivo.cli.seed"], { database });
                assert.equal(seeded.status, 0, seeded.output);
                await pod.sql(
                    `INSERT INTO users (login, email) VALUES ('u', 'u@example.org');
                    INSERT INTO projects (key, name, path) VALUES ('P', 'P', 'p');
                    INSERT INTO members (user_id, project_id) VALUES (1, 1)`,
                    database,
                );
            }
        });

        const rerun = /RuntimeError: .*run the upgrade again\.$/m;
        const cases = [
            {
                what: "a role held twice by a membership, 0009",
                from: ["at_0008", "0008"],
                to: ["0.1.7", "0009"],
                spoil: "INSERT INTO member_roles (member_id, role_id) VALUES (1, 1), (1, 1)",
                mend: "DELETE FROM member_roles WHERE id = 2",
                says: /could not create unique index "uq_member_roles_member_role"/,
            },
            {
                what: "preset slugs that differ in case only, 0023",
                from: ["at_0020", "0020"],
                to: ["0.2.0", "0023"],
                spoil: "INSERT INTO metadata_presets (slug, name) VALUES ('house', 'x'), ('House', 'y')",
                mend: "UPDATE metadata_presets SET slug = 'home' WHERE slug = 'House'",
                says: /could not create unique index "uq_metadata_presets_slug_lower"/,
            },
            {
                what: "a user with the anonymous login in another case, 0030",
                from: ["at_0020", "0020"],
                to: ["0.8.0", "0032"],
                spoil: "UPDATE users SET login = '$Anonymous'",
                mend: "UPDATE users SET login = 'ann'",
                says: rerun,
            },
            {
                what: "a user with the anonymous e-mail address in another case, 0030",
                from: ["at_0020", "0020"],
                to: ["0.8.0", "0032"],
                spoil: "UPDATE users SET email = 'Anonymous@SPECIVO.invalid'",
                mend: "UPDATE users SET email = 'ann@example.org'",
                says: rerun,
            },
            {
                what: "two roles of one builtin kind, 0032",
                from: ["at_0020", "0020"],
                to: ["0.8.0", "0032"],
                spoil: "INSERT INTO roles (name, builtin) VALUES ('a', 2), ('b', 2)",
                mend: "UPDATE roles SET builtin = 0 WHERE name = 'b'",
                says: rerun,
            },
            {
                what: "a builtin role held by a membership, 0032",
                from: ["at_0020", "0020"],
                to: ["0.8.0", "0032"],
                spoil: `INSERT INTO roles (name, builtin) VALUES ('a', 1);
                    INSERT INTO member_roles (member_id, role_id) SELECT 1, id FROM roles WHERE builtin = 1`,
                mend: "DELETE FROM member_roles",
                says: rerun,
            },
            {
                what: "a custom role named Non member, 0032",
                from: ["at_0020", "0020"],
                to: ["0.8.0", "0032"],
                spoil: "INSERT INTO roles (name) VALUES ('Non member')",
                mend: "UPDATE roles SET name = 'Guest' WHERE name = 'Non member'",
                says: rerun,
            },
        ] as const;

        for (const [index, { what, from, to, spoil, mend, says }] of cases.entries()) {
            it(`${what}: the schema stays where it was, and once mended the way is free`, async () => {
                const [template, revision] = from;
                const [version, head] = to;
                const database = await pod.newDatabase(`refused_${index}`, template);
                await pod.sql(spoil, database);
                const tables = Object.keys(await pod.counts(database));
                const refused = await pod.migrate(version, database);
                assert.equal(refused.status, 1);
                assert.match(refused.stderr, says);
                assert.equal(await pod.revision(database), revision);
                assert.deepEqual(Object.keys(await pod.counts(database)), tables);
                await pod.sql(mend, database);
                const free = await pod.migrate(version, database);
                assert.equal(free.status, 0, free.output);
                assert.equal(await pod.revision(database), head);
            });
        }

        it("a custom role named Non member does not matter where the builtin one exists", async () => {
            const database = await pod.newDatabase("builtin_there", "at_0020");
            await pod.sql("INSERT INTO roles (name, builtin) VALUES ('Visitors', 1), ('Non member', 0)", database);
            const ended = await pod.migrate("0.8.0", database);
            assert.equal(ended.status, 0, ended.output);
            assert.equal(await pod.sql("SELECT name FROM roles WHERE builtin = 1", database), "Visitors");
        });

        it("a project key longer than 10 characters stops the downgrade of 0020", async () => {
            const database = await pod.newDatabase("long_key", "at_0020");
            await pod.sql("UPDATE projects SET key = 'ELEVENCHARS'", database);
            const ended = await pod.run("0.1.10", ["alembic", "downgrade", "0019"], { database });
            assert.equal(ended.status, 1);
            assert.match(ended.stderr, /value too long for type character varying\(10\)/);
            assert.equal(await pod.revision(database), "0020");
        });

        it("the downgrade of 0014 makes every project public", async () => {
            const database = await pod.newDatabase("exposed", "at_0020");
            const ended = await pod.run("0.1.10", ["alembic", "downgrade", "0013"], { database });
            assert.equal(ended.status, 0, ended.output);
            assert.equal(await pod.sql("SELECT DISTINCT is_public FROM projects", database), "t");
        });
    });

    describe("an older release on a newer schema", () => {
        it("refuses in alembic with 255, and its api loops without touching a row", async () => {
            const ended = await pod.run("0.1.10", ["alembic", "current"], { database: "whole_chain" });
            assert.equal(ended.status, 255);
            assert.match(
                ended.stderr,
                /^ERROR \[alembic\.util\.messaging\] Can't locate revision identified by '0032'$/m,
            );
            assert.match(ended.stdout, /^FAILED: Can't locate revision identified by '0032'/m);
            const before = await pod.counts("whole_chain");
            const api = await pod.api("0.1.10", { database: "whole_chain" });
            await api.says(/(FAILED: Can't locate revision[^]*){3}/);
            assert.ok((await api.restarts()) >= 2);
            assert.doesNotMatch(await api.log(), /Seeding default data/);
            await api.remove();
            assert.deepEqual(await pod.counts("whole_chain"), before);
        });

        it("runs its worker there, which passes the entry point by", async () => {
            const worker = await pod.worker("0.1.10", { database: "whole_chain" });
            await worker.says(/celery@\S+ ready\./);
            assert.equal(await worker.state(), "running");
            await worker.remove();
        });
    });
});
