"""Runs the migrations with the application's own settings, all pending ones in one transaction."""

import asyncio
from logging.config import fileConfig

from sqlalchemy import Connection

from alembic import context
from specivo.core.config import get_settings
from specivo.core.database import create_engine

if context.config.config_file_name is not None:
    fileConfig(context.config.config_file_name)


def run_migrations_offline() -> None:
    url = get_settings().database_url.replace("+asyncpg", "+psycopg2")
    context.configure(url=url, literal_binds=True, dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()


def run_migrations(connection: Connection) -> None:
    context.configure(connection=connection, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def run_migrations_online() -> None:
    engine = create_engine()
    async with engine.connect() as connection:
        await connection.run_sync(run_migrations)
    await engine.dispose()


if context.is_offline_mode():
    run_migrations_offline()
else:
    asyncio.run(run_migrations_online())
