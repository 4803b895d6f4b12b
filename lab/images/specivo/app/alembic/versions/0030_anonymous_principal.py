"""Add the principal that visitors without a session act as.

Revision ID: 0030
Revises: 0029
"""

from sqlalchemy import text

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

LOGIN = "$anonymous"
EMAIL = "anonymous@specivo.invalid"


def refuse_if_taken() -> None:
    taken = op.get_bind().execute(
        text("SELECT id, login, email FROM users WHERE lower(login) = :login OR lower(email) = :email ORDER BY id"),
        {"login": LOGIN, "email": EMAIL},
    )
    users = ", ".join(f"{user.login} <{user.email}> (id {user.id})" for user in taken)
    if users:
        raise RuntimeError(
            f"The login {LOGIN} and the e-mail address {EMAIL} are reserved, but used by: {users}. "
            "Change the login and e-mail address of these users and run the upgrade again."
        )


def upgrade() -> None:
    refuse_if_taken()
    op.get_bind().execute(
        text("INSERT INTO users (login, email, first_name, status) VALUES (:login, :email, 'Anonymous', 'builtin')"),
        {"login": LOGIN, "email": EMAIL},
    )


def downgrade() -> None:
    op.get_bind().execute(text("DELETE FROM users WHERE login = :login"), {"login": LOGIN})
