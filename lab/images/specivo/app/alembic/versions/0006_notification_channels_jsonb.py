"""Replace the notification booleans by a JSONB list of channels.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notification_preferences ADD COLUMN channels jsonb NOT NULL DEFAULT '[]'")
    op.execute(
        """UPDATE notification_preferences SET channels =
            CASE WHEN email_enabled THEN '["email"]'::jsonb ELSE '[]'::jsonb END
            || CASE WHEN in_app_enabled THEN '["in_app"]'::jsonb ELSE '[]'::jsonb END"""
    )
    op.execute("ALTER TABLE notification_preferences DROP COLUMN email_enabled, DROP COLUMN in_app_enabled")


def downgrade() -> None:
    op.execute(
        """ALTER TABLE notification_preferences
            ADD COLUMN email_enabled boolean NOT NULL DEFAULT true,
            ADD COLUMN in_app_enabled boolean NOT NULL DEFAULT true"""
    )
    op.execute(
        """UPDATE notification_preferences
            SET email_enabled = channels @> '["email"]', in_app_enabled = channels @> '["in_app"]'"""
    )
    op.execute("ALTER TABLE notification_preferences DROP COLUMN channels")
