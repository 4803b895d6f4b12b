"""Identifier mapping for imports from external trackers.

Revision ID: 0027
Revises: 0026
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE import_id_map (
            id serial PRIMARY KEY,
            source varchar(60) NOT NULL,
            entity_type varchar(30) NOT NULL,
            external_id varchar(100) NOT NULL,
            internal_id integer NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            UNIQUE (source, entity_type, external_id)
        )"""
    )


def downgrade() -> None:
    op.execute("DROP TABLE import_id_map")
