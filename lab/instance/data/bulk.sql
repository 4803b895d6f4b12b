-- Bulk: as many issues as the variable `issues` says, each with comments, a place in the search index and a vector, and
-- wiki pages and times spent for some. The same content each time: everything follows from the number of a row.
-- Comes after seed.sql, in one transaction.

SELECT version_num >= '0005' AS has_vectors FROM alembic_version \gset
SELECT coalesce(max(id), 0) AS issues_before FROM issues \gset
SELECT coalesce(max(id), 0) AS journals_before FROM journals \gset
SELECT coalesce(max(id), 0) AS pages_before FROM wiki_pages \gset

SET LOCAL maintenance_work_mem = '640MB';
-- Workers would share their memory in /dev/shm, where a container has 64 MB.
SET LOCAL max_parallel_maintenance_workers = 0;

-- These are much faster built at the end than row by row.
CREATE TEMP TABLE indexes ON COMMIT DROP AS
    SELECT indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND (indexname LIKE 'idx_hnsw_model_%' OR indexdef LIKE '%USING gin (search_vector)');
SELECT format('DROP INDEX public.%I', indexname) FROM indexes \gexec

CREATE TEMP TABLE paragraphs ON COMMIT DROP AS
    SELECT p AS number, (
        SELECT string_agg(words[1 + ('x' || left(md5(p || '/' || k), 7))::bit(28)::integer % array_length(words, 1)],
            ' ' ORDER BY k)
        FROM generate_series(1, 45) k
    ) AS text
    FROM generate_series(0, 1008) p, (SELECT string_to_array(
        'the a of for with after before until server cable printer backup invoice Straße search_index 計画 release'
        ' customer deadline router password_reset license upgrade kernel firmware latency threshold rollback queue'
        ' worker browser session cookie certificate renewal tenant audit export import template workflow sprint'
        ' milestone estimate regression naïve поиск größer übergabe review merge branch hotfix outage alert', ' '
    ) AS words) w;
CREATE INDEX ON paragraphs (number);
ANALYZE paragraphs;

CREATE FUNCTION pg_temp.moment(n integer) RETURNS timestamptz LANGUAGE sql AS $$
    SELECT timestamptz '2024-05-01 06:00:00+00' + n * interval '5 minutes'
$$;

INSERT INTO issues (project_id, number, tracker_id, status_id, priority_id, subject, description, author_id,
        done_ratio, metadata, created_at, updated_at)
    SELECT p.id, p.issue_counter + 1 + n / 3, 1 + n % 4, 1 + n % 6, 1 + n % 5,
        n || ' ' || left(a.text, 80), a.text || E'\n\n' || b.text || ' #' || n, 1 + n % 2,
        (n % 11) * 10, jsonb_build_object('estimate', n % 13), pg_temp.moment(n), pg_temp.moment(n + n % 5000)
    FROM generate_series(0, :issues - 1) n
    JOIN (SELECT id, issue_counter, row_number() OVER (ORDER BY id) - 1 AS place FROM projects) p ON p.place = n % 3
    JOIN paragraphs a ON a.number = n % 1009
    JOIN paragraphs b ON b.number = n * 7 % 1009
    ORDER BY n;
UPDATE projects p SET issue_counter = (SELECT max(number) FROM issues i WHERE i.project_id = p.id);

-- Two entries of the journal for each issue: a comment and a change.
INSERT INTO journals (issue_id, user_id, notes, created_at, updated_at)
    SELECT i.id, 1 + (i.id + k) % 2, CASE WHEN k = 0 THEN a.text END, i.created_at + k * interval '1 hour',
        i.created_at + k * interval '1 hour'
    FROM issues i CROSS JOIN generate_series(0, 1) k JOIN paragraphs a ON a.number = i.id * 3 % 1009
    WHERE i.id > :issues_before ORDER BY i.id, k;
INSERT INTO journal_details (journal_id, property, old_value, new_value)
    SELECT id, 'status_id', (1 + id % 6)::text, (2 + id % 6)::text
    FROM journals WHERE id > :journals_before AND notes IS NULL ORDER BY id;
INSERT INTO time_entries (issue_id, user_id, activity_id, hours, spent_on, created_at, updated_at)
    SELECT id, 1 + id % 2, 1 + id % 5, (id % 16) * 0.25, created_at::date, created_at, created_at
    FROM issues WHERE id > :issues_before AND id % 4 = 0 ORDER BY id;

-- A wiki page for each hundred issues, in two versions.
INSERT INTO wiki_pages (project_id, slug, title, created_at, updated_at)
    SELECT p.id, 'bulk-' || n, 'Bulk ' || n, pg_temp.moment(n), pg_temp.moment(n)
    FROM generate_series(1, :issues / 100) n
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM projects) p ON p.place = n % 3 ORDER BY n;
INSERT INTO wiki_contents (page_id, version, content, author_id, created_at)
    SELECT w.id, v, (SELECT string_agg(text, E'\n\n' ORDER BY number) FROM paragraphs
        WHERE number BETWEEN (w.id * 17 + v) % 1000 AND (w.id * 17 + v) % 1000 + 8), 1, w.created_at
    FROM wiki_pages w CROSS JOIN generate_series(1, 2) v WHERE w.id > :pages_before ORDER BY w.id, v;

INSERT INTO search_sources (source_type, source_id, project_id, content_hash, indexed_at)
    SELECT 'issue', id, project_id, encode(sha256(convert_to(subject || E'\n' || description, 'UTF8')), 'hex'),
        created_at
    FROM issues WHERE id > :issues_before ORDER BY id;
INSERT INTO search_chunks (source_id, chunk_index, content)
    SELECT s.id, 0, left(i.subject || E'\n' || i.description, 1000)
    FROM search_sources s JOIN issues i ON i.id = s.source_id
    WHERE s.source_type = 'issue' AND i.id > :issues_before ORDER BY s.id;

-- Vectors are sums of two from small pools: computed one by one they would take longer than all the rest.
\if :has_vectors
CREATE TEMP TABLE pool ON COMMIT DROP AS
    SELECT b AS number,
        (SELECT array_agg(round((sin(b * 12.9898 + k * 78.233 * (1 + b % 17)) / 4)::numeric, 3)::real ORDER BY k)
            FROM generate_series(1, m.dimensions) k)::vector AS vector
    FROM generate_series(0, 1023) b CROSS JOIN embedding_models m WHERE m.id = 1;
CREATE INDEX ON pool (number);
ANALYZE pool;
INSERT INTO chunk_embeddings (chunk_id, model_id, embedding)
    SELECT c.id, 1, a.vector + b.vector
    FROM search_chunks c JOIN search_sources s ON s.id = c.source_id
    JOIN pool a ON a.number = s.source_id % 512
    JOIN pool b ON b.number = 512 + s.source_id / 512 % 512
    WHERE s.source_type = 'issue' AND s.source_id > :issues_before ORDER BY c.id;
\endif

SELECT indexdef FROM indexes \gexec
