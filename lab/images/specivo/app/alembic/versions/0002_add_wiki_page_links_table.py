"""Add wiki_page_links table.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE wiki_page_links (
            id serial PRIMARY KEY,
            from_page_id integer NOT NULL REFERENCES wiki_pages(id) ON DELETE CASCADE,
            to_page_id integer NOT NULL REFERENCES wiki_pages(id) ON DELETE CASCADE,
            UNIQUE (from_page_id, to_page_id)
        )"""
    )


def downgrade() -> None:
    op.execute("DROP TABLE wiki_page_links")
