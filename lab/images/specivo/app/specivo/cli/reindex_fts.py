"""Full-text index of one project or of all, anew: `python -m specivo.cli.reindex_fts [--project KEY]`.

Needed after the language of a project's search was changed: the triggers see only rows that are written.
"""

import argparse
import asyncio
import sys

from specivo.core.database import create_engine, fetch_one

REWRITES = {
    "issues": "UPDATE issues SET subject = subject WHERE project_id = ANY(:projects)",
    "wiki_contents": "UPDATE wiki_contents SET content = content"
    " WHERE page_id IN (SELECT id FROM wiki_pages WHERE project_id = ANY(:projects))",
    "search_chunks": "UPDATE search_chunks SET content = content"
    " WHERE source_id IN (SELECT id FROM search_sources WHERE project_id = ANY(:projects))",
}


async def reindex(key: str | None) -> None:
    engine = create_engine()
    async with engine.begin() as db:
        found = await fetch_one(
            db,
            "SELECT coalesce(array_agg(id), '{}') AS ids FROM projects WHERE CAST(:key AS text) IS NULL OR key = :key",
            key=key,
        )
        projects = found["ids"] if found else []
        if key is not None and not projects:
            sys.exit(f"No project {key}.")
        for table, rewrite in REWRITES.items():
            row = await fetch_one(
                db, f"WITH written AS ({rewrite} RETURNING 1) SELECT count(*) AS n FROM written", projects=projects
            )
            print(f"Reindexed {row['n'] if row else 0} rows of {table}")
    await engine.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m specivo.cli.reindex_fts")
    parser.add_argument("--project", metavar="KEY")
    asyncio.run(reindex(parser.parse_args().project))
