"""Default projects to private.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE projects ALTER COLUMN is_public SET DEFAULT false")
    op.execute("UPDATE projects SET is_public = false")


def downgrade() -> None:
    op.execute("UPDATE projects SET is_public = true")
    op.execute("ALTER TABLE projects ALTER COLUMN is_public SET DEFAULT true")
