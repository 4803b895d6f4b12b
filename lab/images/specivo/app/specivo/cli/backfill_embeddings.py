"""Chunks and vectors for everything there is: `python -m specivo.cli.backfill_embeddings`.

Issues, wiki pages, comments and descriptions of attachments, in one transaction: interrupted, it leaves nothing.
"""

import asyncio
import sys

from specivo.core.database import create_engine, fetch_one
from specivo.core.indexing import MODEL_FILE, SOURCES, build_vector_index, sources_of, write_chunks, write_vectors


async def backfill() -> None:
    engine = create_engine()
    async with engine.begin() as db:
        model = await fetch_one(db, "SELECT id, name, dimensions FROM embedding_models WHERE is_active")
        if model is None:
            sys.exit("No embedding model is active.")
        for source_type in SOURCES:
            chunks = 0
            sources = await sources_of(db, source_type)
            for source in sources:
                written = await write_chunks(db, source_type, source)
                await write_vectors(db, model, written)
                chunks += len(written)
            print(f"{source_type}: {len(sources)} sources, {chunks} chunks")
        await build_vector_index(db, model)
    await engine.dispose()
    print("Backfill complete.")


if __name__ == "__main__":
    if not MODEL_FILE.is_file():
        sys.exit(f"Embedding model not found: {MODEL_FILE}")
    asyncio.run(backfill())
