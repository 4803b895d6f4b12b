"""User groups that can hold project memberships.

Revision ID: 0028
Revises: 0027
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE groups (
            id serial PRIMARY KEY,
            name varchar(100) NOT NULL UNIQUE,
            description text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now()
        )"""
    )
    op.execute(
        """CREATE TABLE group_users (
            id serial PRIMARY KEY,
            group_id integer NOT NULL REFERENCES groups(id) ON DELETE CASCADE,
            user_id integer NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            UNIQUE (group_id, user_id)
        )"""
    )
    op.execute(
        """ALTER TABLE members
            ALTER COLUMN user_id DROP NOT NULL,
            ADD COLUMN group_id integer REFERENCES groups(id) ON DELETE CASCADE,
            ADD CONSTRAINT ck_members_user_or_group CHECK ((user_id IS NULL) <> (group_id IS NULL)),
            ADD CONSTRAINT uq_members_group_project UNIQUE (group_id, project_id)"""
    )


def downgrade() -> None:
    op.execute("DELETE FROM members WHERE user_id IS NULL")
    op.execute("ALTER TABLE members DROP COLUMN group_id, ALTER COLUMN user_id SET NOT NULL")
    op.execute("DROP TABLE group_users")
    op.execute("DROP TABLE groups")
