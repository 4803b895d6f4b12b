"""Give manage_recurring_tasks to roles that may manage a project.

Revision ID: 0022
Revises: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """UPDATE roles SET permissions = permissions || '["manage_recurring_tasks"]'
        WHERE permissions @> '["manage_project"]' AND NOT permissions @> '["manage_recurring_tasks"]'"""
    )


def downgrade() -> None:
    op.execute("UPDATE roles SET permissions = permissions - 'manage_recurring_tasks'")
