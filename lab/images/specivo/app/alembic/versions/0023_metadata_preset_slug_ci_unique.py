"""Case-insensitive unique index on metadata_presets.slug.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE UNIQUE INDEX uq_metadata_presets_slug_lower ON metadata_presets (lower(slug))")


def downgrade() -> None:
    op.execute("DROP INDEX uq_metadata_presets_slug_lower")
