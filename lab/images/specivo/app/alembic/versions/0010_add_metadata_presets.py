"""Add metadata_presets table.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE metadata_presets (
            id serial PRIMARY KEY,
            slug varchar(100) NOT NULL UNIQUE,
            name varchar(100) NOT NULL,
            description text,
            definition jsonb NOT NULL DEFAULT '{}',
            is_builtin boolean NOT NULL DEFAULT false,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now()
        )"""
    )


def downgrade() -> None:
    op.execute("DROP TABLE metadata_presets")
