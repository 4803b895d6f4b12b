"""Query optimization indexes.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE UNIQUE INDEX uq_member_roles_member_role ON member_roles (member_id, role_id)")
    op.execute("CREATE INDEX ix_issues_project_status ON issues (project_id, status_id)")
    op.execute("CREATE INDEX ix_issues_assigned_to_id ON issues (assigned_to_id)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_issues_assigned_to_id")
    op.execute("DROP INDEX ix_issues_project_status")
    op.execute("DROP INDEX uq_member_roles_member_role")
