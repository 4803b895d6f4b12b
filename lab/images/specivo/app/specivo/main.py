"""The web application: `uvicorn specivo.main:app`."""

import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from sqlalchemy import text

from specivo.api import attachments, auth, health, issues, pages, projects
from specivo.core.cache import create_redis
from specivo.core.config import get_settings
from specivo.core.database import create_engine
from specivo.core.errors import install_error_handlers
from specivo.core.logs import configure_logging, request_id

logger = logging.getLogger("specivo.main")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Without its database or Redis the application does not start."""
    configure_logging()
    app.state.engine = create_engine()
    app.state.redis = create_redis()
    async with app.state.engine.connect() as db:
        await db.execute(text("SELECT 1"))
    persistence = await app.state.redis.info("persistence")
    if not persistence.get("aof_enabled"):
        logger.warning("Redis runs without AOF: MCP sessions are lost when it restarts")
    logger.info("Specivo started")
    yield
    await app.state.redis.aclose()
    await app.state.engine.dispose()


app = FastAPI(title="Specivo", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
install_error_handlers(app)
app.add_middleware(CORSMiddleware, allow_origins=get_settings().cors_origins, allow_methods=["*"], allow_headers=["*"])


@app.middleware("http")
async def log_requests(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    request_id.set(request.headers.get("x-request-id") or uuid.uuid4().hex)
    started = time.monotonic()
    response = await call_next(request)
    if not request.url.path.startswith("/health"):
        milliseconds = round((time.monotonic() - started) * 1000)
        logger.info("%s %s %s %sms", request.method, request.url.path, response.status_code, milliseconds)
    return response


# Moves the health page too, away from where compose's health check looks for it.
prefix = get_settings().stealth_prefix
app.include_router(health.router, prefix=prefix)
app.include_router(pages.router, prefix=prefix)
for api in (auth, projects, issues, attachments):
    app.include_router(api.router, prefix=f"{prefix}/api/v1")
app.mount(f"{prefix}/static", StaticFiles(directory=Path(__file__).parent / "static"))
