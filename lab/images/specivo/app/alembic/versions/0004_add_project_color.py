"""Add color to projects.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE projects ADD COLUMN color varchar(7)")


def downgrade() -> None:
    op.execute("ALTER TABLE projects DROP COLUMN color")
