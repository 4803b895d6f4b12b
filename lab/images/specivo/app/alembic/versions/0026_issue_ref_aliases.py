"""Issue reference aliases for cross-project move.

Revision ID: 0026
Revises: 0025
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE issue_ref_aliases (
            id serial PRIMARY KEY,
            issue_id integer NOT NULL REFERENCES issues(id) ON DELETE CASCADE,
            project_id integer NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
            number integer NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            UNIQUE (project_id, number)
        )"""
    )


def downgrade() -> None:
    op.execute("DROP TABLE issue_ref_aliases")
