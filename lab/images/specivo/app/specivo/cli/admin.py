"""Administrators: `python -m specivo.cli.admin create|reset-password`."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from specivo.core.config import get_settings
from specivo.core.database import create_engine, execute, fetch_one
from specivo.core.security import hash_password

BOOTSTRAP_FILE = Path("/app/data/.bootstrap.json")


def checked_password(password: str) -> str:
    shortest = get_settings().password_min_length
    if len(password) < shortest:
        sys.exit(f"Password must be at least {shortest} characters long.")
    return password


async def create(login: str, email: str, password: str) -> None:
    """Creates the user, or makes an existing one an administrator; either way with this password."""
    engine = create_engine()
    async with engine.begin() as db:
        present = await fetch_one(db, "SELECT id FROM users WHERE login = :login", login=login)
        hashed = hash_password(checked_password(password))
        if present is None:
            await execute(
                db,
                "INSERT INTO users (login, email, hashed_password, is_admin) VALUES (:login, :email, :hashed, true)",
                login=login,
                email=email,
                hashed=hashed,
            )
            print(f"Admin user {login} created.")
        else:
            await execute(
                db,
                "UPDATE users SET is_admin = true, hashed_password = :hashed, updated_at = now() WHERE id = :id",
                id=present["id"],
                hashed=hashed,
            )
            print(f"User {login} is an admin now.")
    await engine.dispose()


async def reset_password(login: str, password: str) -> None:
    engine = create_engine()
    async with engine.begin() as db:
        row = await fetch_one(
            db,
            "UPDATE users SET hashed_password = :hashed, updated_at = now() WHERE login = :login RETURNING id",
            login=login,
            hashed=hash_password(checked_password(password)),
        )
    await engine.dispose()
    if row is None:
        sys.exit(f"No user {login}.")
    print(f"Password of {login} changed.")


async def create_from_bootstrap_file() -> None:
    content = json.loads(BOOTSTRAP_FILE.read_text())
    await create(content["login"], content["email"], content["password"])
    BOOTSTRAP_FILE.unlink()
    print("Bootstrap file consumed and deleted.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m specivo.cli.admin")
    commands = parser.add_subparsers(dest="command", required=True)
    creating = commands.add_parser("create", help="without options, reads the bootstrap file")
    for option in ("--login", "--email", "--password"):
        creating.add_argument(option)
    resetting = commands.add_parser("reset-password")
    for option in ("--login", "--password"):
        resetting.add_argument(option, required=True)
    arguments = parser.parse_args()
    if arguments.command == "reset-password":
        asyncio.run(reset_password(arguments.login, arguments.password))
    elif arguments.login and arguments.email and arguments.password:
        asyncio.run(create(arguments.login, arguments.email, arguments.password))
    elif BOOTSTRAP_FILE.exists():
        asyncio.run(create_from_bootstrap_file())
    else:
        parser.error("create needs --login, --email and --password, or a bootstrap file")


if __name__ == "__main__":
    main()
