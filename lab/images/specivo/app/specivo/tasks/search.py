"""Cuts what was written into chunks for the search."""

import asyncio
import hashlib

from specivo.core.database import create_engine, execute, fetch_one
from specivo.tasks import app

CHUNK_CHARACTERS = 1000

SOURCES = {
    "issue": "SELECT project_id, subject || E'\\n' || coalesce(description, '') AS content FROM issues WHERE id = :id",
    "wiki_page": "SELECT p.project_id, p.title || E'\\n' || c.content AS content FROM wiki_pages p"
    " JOIN wiki_contents c ON c.page_id = p.id WHERE p.id = :id ORDER BY c.version DESC LIMIT 1",
}


async def write_chunks(source_type: str, source_id: int) -> None:
    engine = create_engine()
    try:
        async with engine.begin() as db:
            found = await fetch_one(db, SOURCES[source_type], id=source_id)
            if found is None:
                return
            source = await fetch_one(
                db,
                "INSERT INTO search_sources (source_type, source_id, project_id, content_hash)"
                " VALUES (:source_type, :source_id, :project_id, :hash) ON CONFLICT (source_type, source_id)"
                " DO UPDATE SET content_hash = :hash, indexed_at = now() RETURNING id",
                source_type=source_type,
                source_id=source_id,
                project_id=found["project_id"],
                hash=hashlib.sha256(found["content"].encode()).hexdigest(),
            )
            assert source is not None
            await execute(db, "DELETE FROM search_chunks WHERE source_id = :id", id=source["id"])
            for index, start in enumerate(range(0, len(found["content"]), CHUNK_CHARACTERS)):
                await execute(
                    db,
                    "INSERT INTO search_chunks (source_id, chunk_index, content) VALUES (:source, :index, :content)",
                    source=source["id"],
                    index=index,
                    content=found["content"][start : start + CHUNK_CHARACTERS],
                )
    finally:
        await engine.dispose()


@app.task
def index_source(source_type: str, source_id: int) -> None:
    asyncio.run(write_chunks(source_type, source_id))
