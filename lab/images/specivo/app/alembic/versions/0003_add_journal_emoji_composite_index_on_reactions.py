"""Add composite index (journal_id, emoji) on reactions.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_reactions_journal_emoji ON reactions (journal_id, emoji)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_reactions_journal_emoji")
