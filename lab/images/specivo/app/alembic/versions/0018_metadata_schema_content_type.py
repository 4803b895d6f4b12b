"""Add content_type to metadata_schemas.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE metadata_schemas ADD COLUMN content_type varchar(30) NOT NULL DEFAULT 'issue'")


def downgrade() -> None:
    op.execute("ALTER TABLE metadata_schemas DROP COLUMN content_type")
