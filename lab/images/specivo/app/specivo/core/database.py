"""The database: one async engine per process, plain SQL."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from specivo.core.config import get_settings


def create_engine() -> AsyncEngine:
    return create_async_engine(get_settings().database_url, pool_pre_ping=True)


async def connection(request: Request) -> AsyncIterator[AsyncConnection]:
    """One transaction a request: committed when the handler returns, rolled back when it raises."""
    async with request.app.state.engine.begin() as opened:
        yield opened


async def fetch_all(db: AsyncConnection, sql: str, **parameters: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in (await db.execute(text(sql), parameters)).mappings()]


async def fetch_one(db: AsyncConnection, sql: str, **parameters: Any) -> dict[str, Any] | None:
    """The only row, or None. More than one is an error, as the callers look things up by what should be unique."""
    row = (await db.execute(text(sql), parameters)).mappings().one_or_none()
    return dict(row) if row else None


async def execute(db: AsyncConnection, sql: str, **parameters: Any) -> None:
    await db.execute(text(sql), parameters)
