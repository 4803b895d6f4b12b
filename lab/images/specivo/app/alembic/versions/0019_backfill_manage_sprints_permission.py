"""Give manage_sprints to roles that may manage a project.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """UPDATE roles SET permissions = permissions || '["manage_sprints"]'
        WHERE permissions @> '["manage_project"]' AND NOT permissions @> '["manage_sprints"]'"""
    )


def downgrade() -> None:
    op.execute("UPDATE roles SET permissions = permissions - 'manage_sprints'")
