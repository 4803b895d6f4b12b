"""Replace issue_statuses.is_closed with a category.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE issue_statuses ADD COLUMN category varchar(20) NOT NULL DEFAULT 'backlog'")
    op.execute(
        """UPDATE issue_statuses SET category = CASE
            WHEN is_closed THEN 'done'
            WHEN name IN ('In Progress', 'Resolved', 'Feedback') THEN 'active'
            ELSE 'backlog'
        END"""
    )
    op.execute("ALTER TABLE issue_statuses DROP COLUMN is_closed")


def downgrade() -> None:
    op.execute("ALTER TABLE issue_statuses ADD COLUMN is_closed boolean NOT NULL DEFAULT false")
    op.execute("UPDATE issue_statuses SET is_closed = (category = 'done')")
    op.execute("ALTER TABLE issue_statuses DROP COLUMN category")
