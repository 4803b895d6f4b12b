"""What the search knows beside full text: sources cut into chunks, and a vector for each chunk."""

import hashlib
import math
import struct
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from specivo.core.database import execute, fetch_all, fetch_one
from specivo.core.release import get_release

CHUNK_CHARACTERS = 1000

MODEL_FOLDER = "/app/data/models" if get_release().has("model-in-data") else "/app/specivo/static/models"
MODEL_FILE = Path(MODEL_FOLDER) / "multilingual-e5-small.onnx"

# Each gives id, project_id and content; of a wiki page, its latest version.
SOURCES = {
    "issue": "SELECT id, project_id, subject || E'\\n' || coalesce(description, '') AS content FROM issues",
    "wiki_page": "SELECT DISTINCT ON (p.id) p.id, p.project_id, p.title || E'\\n' || c.content AS content"
    " FROM wiki_pages p JOIN wiki_contents c ON c.page_id = p.id ORDER BY p.id, c.version DESC",
    "comment": "SELECT j.id, i.project_id, j.notes AS content FROM journals j JOIN issues i ON i.id = j.issue_id"
    " WHERE j.notes IS NOT NULL",
    "attachment": "SELECT a.id, i.project_id, a.description AS content FROM attachments a"
    " JOIN issues i ON a.container_type = 'issue' AND i.id = a.container_id WHERE a.description IS NOT NULL",
}


async def sources_of(db: AsyncConnection, source_type: str, source_id: int | None = None) -> list[dict[str, Any]]:
    return await fetch_all(
        db,
        f"SELECT * FROM ({SOURCES[source_type]}) s WHERE CAST(:id AS integer) IS NULL OR s.id = :id ORDER BY s.id",
        id=source_id,
    )


async def write_chunks(db: AsyncConnection, source_type: str, source: dict[str, Any]) -> list[dict[str, Any]]:
    """The chunks, each with id and content. Those of an earlier text go, and their vectors with them."""
    row = await fetch_one(
        db,
        "INSERT INTO search_sources (source_type, source_id, project_id, content_hash)"
        " VALUES (:source_type, :source_id, :project_id, :hash) ON CONFLICT (source_type, source_id)"
        " DO UPDATE SET content_hash = :hash, indexed_at = now() RETURNING id",
        source_type=source_type,
        source_id=source["id"],
        project_id=source["project_id"],
        hash=hashlib.sha256(source["content"].encode()).hexdigest(),
    )
    assert row is not None
    await execute(db, "DELETE FROM search_chunks WHERE source_id = :id", id=row["id"])
    pieces = [
        source["content"][start : start + CHUNK_CHARACTERS]
        for start in range(0, len(source["content"]), CHUNK_CHARACTERS)
    ]
    return await fetch_all(
        db,
        "INSERT INTO search_chunks (source_id, chunk_index, content)"
        " SELECT CAST(:source AS integer), n - 1, piece"
        " FROM unnest(CAST(:pieces AS text[])) WITH ORDINALITY AS p (piece, n) ORDER BY n RETURNING id, content",
        source=row["id"],
        pieces=pieces,
    )


def embed(content: str, dimensions: int) -> list[float]:
    """A vector of length 1 that follows from the text alone. It says nothing about the text's meaning."""
    digest = hashlib.shake_256(content.encode()).digest(dimensions * 2)
    values = struct.unpack(f"<{dimensions}h", digest)
    length = math.sqrt(sum(value * value for value in values))
    return [round(value / length, 6) for value in values]


async def write_vectors(db: AsyncConnection, model: dict[str, Any], chunks: list[dict[str, Any]]) -> None:
    if chunks:
        await db.execute(
            text(
                "INSERT INTO chunk_embeddings (chunk_id, model_id, embedding)"
                " VALUES (:chunk, :model, CAST(CAST(:vector AS text) AS vector))"
            ),
            [
                {"chunk": chunk["id"], "model": model["id"], "vector": str(embed(chunk["content"], model["dimensions"]))}
                for chunk in chunks
            ],
        )


async def build_vector_index(db: AsyncConnection, model: dict[str, Any]) -> None:
    await execute(
        db,
        f"CREATE INDEX IF NOT EXISTS idx_hnsw_model_{model['id']} ON chunk_embeddings"
        f" USING hnsw ((embedding\\:\\:vector({model['dimensions']})) vector_cosine_ops) WHERE model_id = {model['id']}",
    )
