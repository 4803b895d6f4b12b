"""Cuts what was written into chunks for the search."""

import asyncio

from specivo.core.database import create_engine
from specivo.core.indexing import sources_of, write_chunks
from specivo.tasks import app


async def index(source_type: str, source_id: int) -> None:
    engine = create_engine()
    try:
        async with engine.begin() as db:
            for source in await sources_of(db, source_type, source_id):
                await write_chunks(db, source_type, source)
    finally:
        await engine.dispose()


@app.task
def index_source(source_type: str, source_id: int) -> None:
    asyncio.run(index(source_type, source_id))
