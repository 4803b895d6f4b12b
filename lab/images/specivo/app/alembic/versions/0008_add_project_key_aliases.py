"""Add project_key_aliases table.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE project_key_aliases (
            id serial PRIMARY KEY,
            project_id integer NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
            key varchar(10) NOT NULL UNIQUE,
            created_at timestamptz NOT NULL DEFAULT now()
        )"""
    )


def downgrade() -> None:
    op.execute("DROP TABLE project_key_aliases")
