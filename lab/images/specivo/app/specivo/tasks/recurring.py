"""Issues that come again: beat asks for those that are due within their lead time."""

import asyncio
import calendar
from datetime import date, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from specivo.core.config import get_settings
from specivo.core.database import create_engine, execute, fetch_all, fetch_one
from specivo.core.issues import insert_issue
from specivo.tasks import app

# Locked, so that two workers never make the same issue.
DUE = """
    SELECT * FROM recurring_patterns
    WHERE is_active AND next_occurrence <= current_date + least(coalesce(lead_time_days, :default), :longest)
        AND (ends_on IS NULL OR next_occurrence <= ends_on)
    ORDER BY next_occurrence, id LIMIT :batch FOR UPDATE SKIP LOCKED
"""

TEMPLATE = ("project_id", "tracker_id", "priority_id", "author_id", "subject", "description")


def occurrence_after(pattern: dict[str, Any]) -> date:
    last: date = pattern["next_occurrence"]
    if pattern["frequency"] == "daily":
        return last + timedelta(days=pattern["every"])
    if pattern["frequency"] == "weekly":
        return last + timedelta(weeks=pattern["every"])
    months = last.year * 12 + last.month - 1 + pattern["every"]
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(last.day, calendar.monthrange(year, month)[1]))


async def is_excepted(db: AsyncConnection, pattern: dict[str, Any]) -> bool:
    found = await fetch_one(
        db,
        "SELECT id FROM recurrence_exceptions WHERE pattern_id = :id AND occurrence_date = :occurrence",
        id=pattern["id"],
        occurrence=pattern["next_occurrence"],
    )
    return found is not None


async def generate(db: AsyncConnection) -> None:
    settings = get_settings()
    status = await fetch_all(db, "SELECT id FROM issue_statuses ORDER BY position, id LIMIT 1")
    patterns = await fetch_all(
        db,
        DUE,
        default=settings.recurring_tasks_default_lead_time_days,
        longest=settings.recurring_tasks_max_lead_time_days,
        batch=settings.recurring_tasks_batch_size,
    )
    for pattern in patterns:
        if not await is_excepted(db, pattern):
            await insert_issue(
                db,
                **{name: pattern[name] for name in TEMPLATE},
                status_id=status[0]["id"],
                due_date=pattern["next_occurrence"],
                recurring_pattern_id=pattern["id"],
                occurrence_date=pattern["next_occurrence"],
            )
        await execute(
            db,
            "UPDATE recurring_patterns SET next_occurrence = :next, updated_at = now() WHERE id = :id",
            id=pattern["id"],
            next=occurrence_after(pattern),
        )


async def run() -> None:
    engine = create_engine()
    try:
        async with engine.begin() as db:
            await generate(db)
    finally:
        await engine.dispose()


@app.task
def generate_recurring_issues() -> None:
    asyncio.run(run())
