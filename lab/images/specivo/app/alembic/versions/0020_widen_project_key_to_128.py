"""Widen project keys to 128 characters.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE projects ALTER COLUMN key TYPE varchar(128)")
    op.execute("ALTER TABLE project_key_aliases ALTER COLUMN key TYPE varchar(128)")


def downgrade() -> None:
    op.execute("ALTER TABLE project_key_aliases ALTER COLUMN key TYPE varchar(10)")
    op.execute("ALTER TABLE projects ALTER COLUMN key TYPE varchar(10)")
