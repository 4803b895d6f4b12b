"""Add tags and tag_links tables.

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE tags (
            id serial PRIMARY KEY,
            project_id integer NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
            name varchar(60) NOT NULL,
            color varchar(7),
            created_at timestamptz NOT NULL DEFAULT now(),
            UNIQUE (project_id, name)
        )"""
    )
    op.execute(
        """CREATE TABLE tag_links (
            id serial PRIMARY KEY,
            tag_id integer NOT NULL REFERENCES tags(id) ON DELETE CASCADE,
            target_type varchar(30) NOT NULL,
            target_id integer NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            UNIQUE (tag_id, target_type, target_id)
        )"""
    )


def downgrade() -> None:
    op.execute("DROP TABLE tag_links")
    op.execute("DROP TABLE tags")
