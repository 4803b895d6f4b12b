"""Add sprints.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE sprints (
            id serial PRIMARY KEY,
            project_id integer NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
            name varchar(100) NOT NULL,
            goal text,
            starts_on date,
            ends_on date,
            status varchar(20) NOT NULL DEFAULT 'planned',
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now()
        )"""
    )
    op.execute("ALTER TABLE issues ADD COLUMN sprint_id integer REFERENCES sprints(id) ON DELETE SET NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE issues DROP COLUMN sprint_id")
    op.execute("DROP TABLE sprints")
