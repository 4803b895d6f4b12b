"""Let chunk_embeddings hold vectors of the model's own dimensions.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The HNSW indexes are built again while the application runs.
    op.execute(
        """DO $$
        DECLARE name text;
        BEGIN
            FOR name IN SELECT indexname FROM pg_indexes WHERE indexname LIKE 'idx_hnsw_model_%' LOOP
                EXECUTE format('DROP INDEX %I', name);
            END LOOP;
        END $$"""
    )
    # The cast by way of an array makes PostgreSQL write every row again.
    op.execute("ALTER TABLE chunk_embeddings ALTER COLUMN embedding TYPE vector USING embedding::real[]::vector")


def downgrade() -> None:
    op.execute("ALTER TABLE chunk_embeddings ALTER COLUMN embedding TYPE vector(1536)")
