"""Seed the Non member role and keep builtin roles system-managed.

Revision ID: 0032
Revises: 0031
"""

from sqlalchemy import Row, text

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

NAME = "Non member"
NON_MEMBER = 1

DUPLICATES = "SELECT builtin, count(*) AS roles FROM roles WHERE builtin > 0 GROUP BY builtin HAVING count(*) > 1"
HELD = """SELECT r.id, r.name, count(*) AS memberships FROM member_roles m JOIN roles r ON r.id = m.role_id
    WHERE r.builtin > 0 GROUP BY r.id, r.name ORDER BY r.id"""


def find(query: str) -> list[Row]:
    return list(op.get_bind().execute(text(query)))


def non_member_exists() -> bool:
    return bool(find(f"SELECT id FROM roles WHERE builtin = {NON_MEMBER}"))


def refuse_what_would_be_ambiguous() -> None:
    for row in find(DUPLICATES):
        raise RuntimeError(
            f"{row.roles} roles are marked as builtin kind {row.builtin}, where there may be only one. "
            "Keep one of them, set builtin to 0 on the others and run the upgrade again."
        )
    for row in find(HELD):
        raise RuntimeError(
            f"The builtin role {row.name} (id {row.id}) is held by {row.memberships} membership(s), which is not "
            "allowed. Give these memberships another role and run the upgrade again."
        )
    if not non_member_exists() and find(f"SELECT id FROM roles WHERE name = '{NAME}' AND builtin = 0"):
        raise RuntimeError(
            f"A custom role is named {NAME}, which is the name of a builtin role now. "
            "Rename the custom role and run the upgrade again."
        )


def upgrade() -> None:
    refuse_what_would_be_ambiguous()
    if not non_member_exists():
        op.execute(
            f"""INSERT INTO roles (name, position, builtin, assignable, permissions)
            VALUES ('{NAME}', 0, {NON_MEMBER}, false, '[]')"""
        )
    op.execute("CREATE UNIQUE INDEX uq_roles_builtin ON roles (builtin) WHERE builtin > 0")


def downgrade() -> None:
    op.execute("DROP INDEX uq_roles_builtin")
    op.execute(f"DELETE FROM roles WHERE builtin = {NON_MEMBER}")
