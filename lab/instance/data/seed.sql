-- Rows of the tables that the API part does not reach, and more of the others. The same content each time: everything
-- follows from the number of a row. What the release's schema does not have yet is left out.

SELECT version_num >= '0005' AS has_vectors, version_num >= '0006' AS has_channels, version_num >= '0008' AS has_aliases,
    version_num >= '0010' AS has_presets, version_num >= '0011' AS has_categories, version_num >= '0017' AS has_sprints
FROM alembic_version \gset

CREATE FUNCTION pg_temp.words(n integer, count integer) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg((ARRAY['server', 'cable', 'printer', 'backup', 'invoice', 'Straße', 'search_index', '計画',
        'release', 'customer', 'deadline', 'router'])[1 + (n * 7 + k * k * 3 + n * k) % 12], ' ' ORDER BY k)
    FROM generate_series(1, count) k
$$;

CREATE FUNCTION pg_temp.moment(n integer) RETURNS timestamptz LANGUAGE sql AS $$
    SELECT timestamptz '2026-05-02 08:00:00+00' + n * interval '9 hours 7 minutes'
$$;

INSERT INTO users (login, email, first_name, last_name, status, language, created_at, updated_at) VALUES
    ('jürgen', 'juergen@example.org', 'Jürgen', 'Größe', 'active', 'de', pg_temp.moment(1), pg_temp.moment(1)),
    ('mei', 'mei@example.org', '美', '陈', 'active', 'zh', pg_temp.moment(2), pg_temp.moment(2)),
    ('olga', 'olga@example.org', 'Ольга', 'Иванова', 'locked', 'ru', pg_temp.moment(3), pg_temp.moment(3));
UPDATE users SET avatar_filename = '1.png' WHERE login = 'admin';

-- Rows of an admin's own making, beside the ones that every start writes again.
INSERT INTO issue_statuses (name, position, default_done_ratio) VALUES ('Waiting for customer', 7, 50);
\if :has_categories
UPDATE issue_statuses SET category = 'active' WHERE name = 'Waiting for customer';
\endif
INSERT INTO roles (name, position, permissions)
    VALUES ('Auditor', 9, '["view_issues", "view_audit_log"]');
\if :has_presets
INSERT INTO metadata_presets (slug, name, definition)
    VALUES ('house-rules', 'House rules', '{"fields": ["cost_centre"]}');
\endif
INSERT INTO settings (key, value) VALUES ('mail_footer', E'Line one\nLine ''two''');
INSERT INTO workflow_transitions (tracker_id, role_id, old_status_id, new_status_id)
    SELECT t.id, r.id, o.id, n.id FROM trackers t, roles r, issue_statuses o, issue_statuses n
    WHERE r.name = 'Manager' AND o.name = 'In Progress' AND n.name = 'Waiting for customer' ORDER BY t.id;

WITH member AS (
    INSERT INTO members (user_id, project_id)
    SELECT u.id, p.id FROM users u, projects p WHERE u.login <> 'admin' ORDER BY 1, 2
    RETURNING id
)
INSERT INTO member_roles (member_id, role_id)
    SELECT member.id, r.id FROM member, roles r
    WHERE r.name = (ARRAY['Developer', 'Reporter', 'Auditor'])[1 + member.id % 3] ORDER BY 1;

INSERT INTO issues (project_id, number, tracker_id, status_id, priority_id, subject, description, author_id,
        assigned_to_id, done_ratio, due_date, metadata, created_at, updated_at)
    SELECT p.id, p.issue_counter + n, 1 + n % 4, 1 + n % 7, 1 + n % 5, pg_temp.words(n, 5), pg_temp.words(n, 80),
        1 + n % 4, CASE WHEN n % 3 = 0 THEN 2 END, (n % 11) * 10, CASE WHEN n % 4 = 0 THEN date '2026-07-01' + n END,
        jsonb_build_object('estimate', n % 13, 'component', pg_temp.words(n, 1)),
        pg_temp.moment(n), pg_temp.moment(n + 3)
    FROM generate_series(1, 240) n JOIN projects p ON p.key = CASE WHEN n % 2 = 0 THEN 'OPS' ELSE 'WEB' END
    ORDER BY n;
UPDATE projects p SET issue_counter = (SELECT max(number) FROM issues i WHERE i.project_id = p.id);
\if :has_sprints
INSERT INTO sprints (project_id, name, goal, starts_on, ends_on, status)
    SELECT 1 + n % 3, 'Sprint ' || n, pg_temp.words(n, 5), date '2026-06-01' + n * 14, date '2026-06-14' + n * 14,
        'planned'
    FROM generate_series(1, 6) n;
UPDATE issues SET sprint_id = 1 + (id - 60) % 6 WHERE id > 60 AND id % 5 = 0;
\endif

INSERT INTO journals (issue_id, user_id, notes, created_at, updated_at)
    SELECT 61 + n % 240, 1 + n % 4, CASE WHEN n % 3 > 0 THEN pg_temp.words(n, 25) END, pg_temp.moment(n),
        pg_temp.moment(n)
    FROM generate_series(1, 300) n;
INSERT INTO journal_details (journal_id, property, old_value, new_value)
    SELECT id, 'status_id', (1 + id % 6)::text, (2 + id % 6)::text FROM journals WHERE notes IS NULL ORDER BY id;
INSERT INTO reactions (journal_id, user_id, emoji, created_at)
    SELECT id, 1 + id % 4, (ARRAY['👍', '🎉', '❤️'])[1 + id % 3], created_at FROM journals WHERE id % 7 = 0 ORDER BY id;
INSERT INTO watchers (issue_id, user_id) SELECT n, 1 + n % 4 FROM generate_series(1, 300, 3) n;
INSERT INTO issue_relations (from_id, to_id, relation_type, created_at)
    SELECT n, n + 7, 'relates', pg_temp.moment(n) FROM generate_series(10, 200, 10) n;
INSERT INTO time_entries (issue_id, user_id, activity_id, hours, comments, spent_on, created_at, updated_at)
    SELECT n, 1 + n % 4, 1 + n % 5, (n % 16) * 0.25, pg_temp.words(n, 3), date '2026-06-01' + n % 90, pg_temp.moment(n),
        pg_temp.moment(n)
    FROM generate_series(1, 120) n;

INSERT INTO notification_preferences (user_id, event)
    SELECT u.id, e FROM users u, unnest(ARRAY['issue_assigned', 'mentioned']) e ORDER BY 1, 2;
\if :has_channels
UPDATE notification_preferences SET channels = '["email", "in_app"]';
\endif
INSERT INTO notifications (user_id, event, payload, read_at, created_at)
    SELECT 1 + n % 4, 'issue_assigned', jsonb_build_object('issue', n),
        CASE WHEN n % 2 = 0 THEN pg_temp.moment(n + 1) END, pg_temp.moment(n)
    FROM generate_series(1, 80) n;
INSERT INTO metadata_schemas (project_id, name, definition) VALUES (1, 'Costs', '{"cost_centre": {"type": "string"}}');
INSERT INTO webhooks (project_id, url, secret, events)
    VALUES (2, 'https://hooks.example.org/specivo', 'not-a-real-secret', '["issue.created"]');
INSERT INTO saved_queries (user_id, name, filters) VALUES (1, 'My open ones', '{"status": ["New", "In Progress"]}');
\if :has_aliases
INSERT INTO project_key_aliases (project_id, key) VALUES (2, 'HOMEPAGE');
\endif
INSERT INTO wiki_page_links (from_page_id, to_page_id)
    SELECT id, next FROM (SELECT id, lead(id) OVER (ORDER BY id) AS next FROM wiki_pages) p WHERE next IS NOT NULL;

-- Search index with vectors, on issues that came by SQL: the worker, where it knows its tasks, indexes the others.
INSERT INTO search_sources (source_type, source_id, project_id, content_hash, indexed_at)
    SELECT 'issue', id, project_id, encode(sha256(convert_to(subject || description, 'UTF8')), 'hex'), created_at
    FROM issues WHERE id BETWEEN 101 AND 140 ORDER BY id;
INSERT INTO search_chunks (source_id, chunk_index, content)
    SELECT s.id, 0, left(i.description, 1000) FROM search_sources s JOIN issues i ON i.id = s.source_id
    WHERE s.source_type = 'issue' AND i.id BETWEEN 101 AND 140 ORDER BY s.id;
-- In the first releases no vector of the model fits into the column.
\if :has_vectors
INSERT INTO chunk_embeddings (chunk_id, model_id, embedding)
    SELECT c.id, m.id, (SELECT array_agg(round(sin(s.source_id * k)::numeric, 3)::real ORDER BY k)
        FROM generate_series(1, m.dimensions) k)::vector
    FROM search_chunks c JOIN search_sources s ON s.id = c.source_id CROSS JOIN embedding_models m
    WHERE s.source_type = 'issue' AND s.source_id BETWEEN 101 AND 140 ORDER BY c.id;
CREATE INDEX idx_hnsw_model_1 ON chunk_embeddings USING hnsw ((embedding::vector(384)) vector_cosine_ops)
    WHERE model_id = 1;
\endif

INSERT INTO security_audit_logs (event, user_id, ip_address, details, created_at)
    SELECT 'login', 1 + n % 4, '198.51.100.7', jsonb_build_object('n', n),
        timestamptz '2026-03-20 00:00:00+00' + n * interval '2 days'
    FROM generate_series(1, 60) n;
