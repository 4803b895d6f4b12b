"""What makes a release faulty: a few lines added at the end of one of its files, while it is cut."""

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    file: str
    """Of the application; a pattern that fits one file."""
    source: str


APPLICATION = "specivo/main.py"
TASKS = "specivo/tasks/__init__.py"
FIRST_MIGRATION = "alembic/versions/0021_*.py"
SECOND_MIGRATION = "alembic/versions/0022_*.py"

FAULTS = {
    "crashes-at-start": Fault(
        APPLICATION,
        """
raise ImportError("cannot import name 'plugins' from 'specivo'")
""",
    ),
    # It listens, and answers every request with an error.
    "never-healthy": Fault(
        APPLICATION,
        """
@app.middleware("http")
async def fail_every_request(_request: Request, _call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    return Response("Internal Server Error", status_code=500)
""",
    ),
    # It has its database while it starts, and loses it for good right after: only the health body and the API tell.
    "dead-database": Fault(
        APPLICATION,
        """
from sqlalchemy.ext.asyncio import create_async_engine

start_with_database = app.router.lifespan_context


@asynccontextmanager
async def lose_database(app: FastAPI) -> AsyncIterator[None]:
    async with start_with_database(app):
        # Nothing listens on that port.
        app.state.engine = create_async_engine("postgresql+asyncpg://specivo@127.0.0.1:1/specivo")
        yield


app.router.lifespan_context = lose_database
""",
    ),
    # Longer than the 80 s that compose's health check gives it.
    "slow-start": Fault(
        APPLICATION,
        """
import asyncio

start_at_once = app.router.lifespan_context


@asynccontextmanager
async def start_late(app: FastAPI) -> AsyncIterator[None]:
    await asyncio.sleep(100)
    async with start_at_once(app):
        yield


app.router.lifespan_context = start_late
""",
    ),
    "worker-dies": Fault(
        TASKS,
        """
from celery.signals import worker_ready


@worker_ready.connect
def die(**_: object) -> None:
    print("the worker process ended unexpectedly", flush=True)
    os._exit(1)
""",
    ),
    "beat-dies": Fault(
        TASKS,
        """
from celery.signals import beat_init


@beat_init.connect
def die(**_: object) -> None:
    print("the beat process ended unexpectedly", flush=True)
    os._exit(1)
""",
    ),
    "migration-refuses": Fault(
        FIRST_MIGRATION,
        """

def upgrade() -> None:
    raise RuntimeError(
        "Issues without a project can't have recurring tasks. Give each of them a project and run the upgrade again."
    )
""",
    ),
    # The revision before it has run by then, in the same transaction.
    "migration-fails": Fault(
        SECOND_MIGRATION,
        """

def upgrade() -> None:
    op.execute("UPDATE roles SET granted_permissions = permissions")
""",
    ),
    "migration-hangs": Fault(
        SECOND_MIGRATION,
        """
finish = upgrade


def upgrade() -> None:
    op.execute("SELECT pg_sleep(1000000)")
    finish()
""",
    ),
    # Longer than the 80 s that compose's health check gives it.
    "migration-slow": Fault(
        SECOND_MIGRATION,
        """
finish = upgrade


def upgrade() -> None:
    op.execute("SELECT pg_sleep(100)")
    finish()
""",
    ),
}


def apply_fault(app: Path, name: str) -> None:
    if name not in FAULTS:
        sys.exit(f"unknown fault {name!r}: faults.py knows {', '.join(FAULTS)}")
    fault = FAULTS[name]
    (file,) = app.glob(fault.file)
    with file.open("a") as end:
        end.write(fault.source)
