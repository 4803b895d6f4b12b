"""Extend project keys to 12 characters.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE projects ALTER COLUMN key TYPE varchar(12)")
    op.execute("ALTER TABLE project_key_aliases ALTER COLUMN key TYPE varchar(12)")


def downgrade() -> None:
    op.execute("ALTER TABLE project_key_aliases ALTER COLUMN key TYPE varchar(10)")
    op.execute("ALTER TABLE projects ALTER COLUMN key TYPE varchar(10)")
