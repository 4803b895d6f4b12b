"""Per-project full-text-search analyzer language.

Revision ID: 0025
Revises: 0024
"""

from sqlalchemy import text

from alembic import op
from specivo.core.config import get_settings

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Table names in the functions are unqualified, as in the original: where the search path is empty, as it is while a
# data-only dump is loaded, the triggers fail.
CONFIG_OF_PROJECT = """CREATE FUNCTION fts_config_of_project(project integer) RETURNS regconfig LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT fts_language FROM projects WHERE id = project),
        (SELECT value FROM settings WHERE key = 'search_fts_language'),
        'english'
    )::regconfig
$$"""

PER_PROJECT = {
    "issues": """
        config := fts_config_of_project(NEW.project_id);
        NEW.search_vector :=
            setweight(to_tsvector(config, replace(coalesce(NEW.subject, ''), '_', ' ')), 'A')
            || setweight(to_tsvector(config, replace(coalesce(NEW.description, ''), '_', ' ')), 'B');""",
    "wiki_contents": """
        SELECT fts_config_of_project(project_id), replace(wiki_pages.title, '_', ' ') INTO config, title
            FROM wiki_pages WHERE id = NEW.page_id;
        NEW.search_vector := setweight(to_tsvector(config, title), 'A')
            || setweight(to_tsvector(config, replace(NEW.content, '_', ' ')), 'B');""",
    "search_chunks": """
        SELECT fts_config_of_project(project_id) INTO config FROM search_sources WHERE id = NEW.source_id;
        NEW.search_vector := to_tsvector(config, NEW.content);""",
}

ENGLISH = {
    "issues": """
        NEW.search_vector :=
            setweight(to_tsvector('english', replace(coalesce(NEW.subject, ''), '_', ' ')), 'A')
            || setweight(to_tsvector('english', replace(coalesce(NEW.description, ''), '_', ' ')), 'B');""",
    "wiki_contents": """
        SELECT replace(wiki_pages.title, '_', ' ') INTO title FROM wiki_pages WHERE id = NEW.page_id;
        NEW.search_vector := setweight(to_tsvector('english', title), 'A')
            || setweight(to_tsvector('english', replace(NEW.content, '_', ' ')), 'B');""",
    "search_chunks": """
        NEW.search_vector := to_tsvector('english', NEW.content);""",
}

TEXT_COLUMNS = {"issues": "subject", "wiki_contents": "content", "search_chunks": "content"}


def replace_triggers(bodies: dict[str, str]) -> None:
    for table, body in bodies.items():
        op.execute(
            f"""CREATE OR REPLACE FUNCTION {table}_search_vector_update() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE config regconfig; title text;
            BEGIN{body}
                RETURN NEW;
            END $$"""
        )


def reindex() -> None:
    """Writes every row again, all versions of wiki pages included, without its index, which is built anew at the end."""
    for table, column in TEXT_COLUMNS.items():
        op.execute(f"DROP INDEX ix_{table}_search_vector")
        op.execute(f"UPDATE {table} SET {column} = {column}")
        op.execute(f"CREATE INDEX ix_{table}_search_vector ON {table} USING gin (search_vector)")


def upgrade() -> None:
    op.execute("ALTER TABLE projects ADD COLUMN fts_language varchar(30)")
    op.get_bind().execute(
        text("INSERT INTO settings (key, value) VALUES ('search_fts_language', :language) ON CONFLICT DO NOTHING"),
        {"language": get_settings().search_fts_language},
    )
    op.execute(CONFIG_OF_PROJECT)
    replace_triggers(PER_PROJECT)
    reindex()


def downgrade() -> None:
    replace_triggers(ENGLISH)
    op.execute("DROP FUNCTION fts_config_of_project(integer)")
    op.execute("DELETE FROM settings WHERE key = 'search_fts_language'")
    op.execute("ALTER TABLE projects DROP COLUMN fts_language")
    reindex()
