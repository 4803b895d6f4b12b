"""Permissions of the anonymous principal, project by project.

Revision ID: 0031
Revises: 0030
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE project_anonymous_permissions (
            id serial PRIMARY KEY,
            project_id integer NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
            permission varchar(60) NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            UNIQUE (project_id, permission)
        )"""
    )


def downgrade() -> None:
    op.execute("DROP TABLE project_anonymous_permissions")
