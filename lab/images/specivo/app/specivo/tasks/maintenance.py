"""What beat asks for."""

import asyncio
import logging
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from specivo.core.database import create_engine
from specivo.core.release import get_release
from specivo.tasks import app

logger = logging.getLogger(__name__)

MONTHS_AHEAD = 3


def month_start(offset: int) -> datetime:
    now = datetime.now(UTC)
    months = now.year * 12 + now.month - 1 + offset
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


async def run_in_one_transaction(*statements: str) -> None:
    engine = create_engine()
    try:
        async with engine.begin() as db:
            for statement in statements:
                await db.execute(text(statement))
    finally:
        await engine.dispose()


@app.task
def cleanup_expired_tokens() -> None:
    tables = ["refresh_tokens"]
    if get_release().has_migration("0007"):
        tables.append("password_reset_tokens")
    asyncio.run(run_in_one_transaction(*(f"DELETE FROM {table} WHERE expires_at < now()" for table in tables)))


@app.task
def ensure_audit_partitions() -> None:
    """All months in one transaction: when the default partition already holds rows of one of them, none is made."""
    statements = [
        f"CREATE TABLE IF NOT EXISTS security_audit_logs_{month_start(offset):%Y_%m} PARTITION OF security_audit_logs"
        f" FOR VALUES FROM ('{month_start(offset):%Y-%m-%d}') TO ('{month_start(offset + 1):%Y-%m-%d}')"
        for offset in range(MONTHS_AHEAD + 1)
    ]
    try:
        asyncio.run(run_in_one_transaction(*statements))
    except DBAPIError as error:
        logger.error("Audit partition creation failed: %s", error.orig)
