"""Health of what the application leans on. Always answers 200: the body tells."""

import asyncio

from fastapi import APIRouter, Request
from sqlalchemy import text

router = APIRouter()

PATIENCE_SECONDS = 3


async def database_answers(request: Request) -> None:
    async with request.app.state.engine.connect() as db:
        await db.execute(text("SELECT 1"))


async def redis_answers(request: Request) -> None:
    await request.app.state.redis.ping()


@router.get("/health/")
async def health(request: Request) -> dict[str, str]:
    results = await asyncio.gather(
        *(asyncio.wait_for(check(request), PATIENCE_SECONDS) for check in (database_answers, redis_answers)),
        return_exceptions=True,
    )
    database, redis = ("error" if isinstance(result, BaseException) else "ok" for result in results)
    return {
        "status": "ok" if database == redis == "ok" else "degraded",
        "database": database,
        "redis": redis,
        # Left blank on purpose, as the original does: visitors learn no version.
        "version": "",
        "tier": "",
    }
