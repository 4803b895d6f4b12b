"""Index words joined by underscores as separate words.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SPLIT = "replace({}, '_', ' ')"
AS_IS = "{}"


def replace_triggers(form: str) -> None:
    subject = form.format("coalesce(NEW.subject, '')")
    description = form.format("coalesce(NEW.description, '')")
    title = form.format("(SELECT title FROM wiki_pages WHERE id = NEW.page_id)")
    content = form.format("NEW.content")
    for table, first, second in (("issues", subject, description), ("wiki_contents", title, content)):
        op.execute(
            f"""CREATE OR REPLACE FUNCTION {table}_search_vector_update() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                NEW.search_vector := setweight(to_tsvector('english', {first}), 'A')
                    || setweight(to_tsvector('english', {second}), 'B');
                RETURN NEW;
            END $$"""
        )
    # The triggers fire on any update: every row is written again, whatever its size.
    op.execute("UPDATE issues SET subject = subject")
    op.execute("UPDATE wiki_contents SET content = content")


def upgrade() -> None:
    replace_triggers(SPLIT)


def downgrade() -> None:
    replace_triggers(AS_IS)
