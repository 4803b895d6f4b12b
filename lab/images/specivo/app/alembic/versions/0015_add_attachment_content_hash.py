"""Add content_hash (sha256) to attachments.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Files that were stored before keep NULL.
    op.execute("ALTER TABLE attachments ADD COLUMN content_hash varchar(64)")


def downgrade() -> None:
    op.execute("ALTER TABLE attachments DROP COLUMN content_hash")
