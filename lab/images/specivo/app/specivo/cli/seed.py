"""Writes the default rows, at every start: `python -m specivo.cli.seed`.

Statuses, trackers, priorities, roles, activities and built-in presets go back to what is shipped; the embedding
model, settings and workflow transitions are only added where they are missing.
"""

import asyncio
import json
import logging
import sys
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from specivo.cli import defaults
from specivo.core.database import create_engine, execute, fetch_all, fetch_one
from specivo.core.release import get_release

logger = logging.getLogger("specivo.cli.seed")

JSON_COLUMNS = {"permissions", "settings", "definition"}


def value_of(column: str) -> str:
    return f"CAST(:{column} AS jsonb)" if column in JSON_COLUMNS else f":{column}"


def bound(row: dict[str, Any]) -> dict[str, Any]:
    return {column: json.dumps(value) if column in JSON_COLUMNS else value for column, value in row.items()}


async def upsert(db: AsyncConnection, table: str, key: str, row: dict[str, Any]) -> None:
    """Two rows of the same name make this fail, as it does in the original: names are not unique in the schema."""
    present = await fetch_one(db, f"SELECT * FROM {table} WHERE {key} = :key", key=row[key])
    if present is None:
        columns = ", ".join(row)
        await execute(db, f"INSERT INTO {table} ({columns}) VALUES ({', '.join(map(value_of, row))})", **bound(row))
        logger.info("Created %s: %s", table, row[key])
        return
    changed = {column: value for column, value in row.items() if present[column] != value}
    if changed:
        assignments = ", ".join(f"{column} = {value_of(column)}" for column in changed)
        await execute(
            db,
            f"UPDATE {table} SET {assignments}, updated_at = now() WHERE id = :id",
            id=present["id"],
            **bound(changed),
        )
        logger.info("Updated %s: %s", table, row[key])


async def upsert_all(db: AsyncConnection, table: str, rows: list[dict[str, Any]], key: str = "name") -> list[str]:
    for row in rows:
        await upsert(db, table, key, row)
    return [row[key] for row in rows]


async def add_transitions(db: AsyncConnection) -> int:
    """The number of default transitions that were missing."""
    added = 0
    for old, new in defaults.TRANSITIONS:
        rows = await fetch_all(
            db,
            "INSERT INTO workflow_transitions (tracker_id, role_id, old_status_id, new_status_id)"
            " SELECT t.id, r.id, o.id, n.id FROM trackers t, roles r, issue_statuses o, issue_statuses n"
            " WHERE t.name = ANY(:trackers) AND r.name = ANY(:roles) AND o.name = :old AND n.name = :new"
            " ORDER BY t.id, r.id ON CONFLICT DO NOTHING RETURNING id",
            trackers=[row["name"] for row in defaults.TRACKERS],
            roles=defaults.TRANSITION_ROLES,
            old=old,
            new=new,
        )
        added += len(rows)
    return added


async def add_settings(db: AsyncConnection) -> None:
    for key, value in defaults.SETTINGS.items():
        if await fetch_one(db, "SELECT key FROM settings WHERE key = :key", key=key) is None:
            await execute(db, "INSERT INTO settings (key, value) VALUES (:key, :value)", key=key, value=value)
            print(f"  Seeded setting: {key}={value}")


async def add_embedding_model(db: AsyncConnection) -> None:
    model = defaults.EMBEDDING_MODEL
    if await fetch_one(db, "SELECT id FROM embedding_models WHERE name = :name", name=model["name"]) is None:
        await execute(
            db, "INSERT INTO embedding_models (name, dimensions, is_active) VALUES (:name, :dimensions, true)", **model
        )


async def add_non_member_role(db: AsyncConnection) -> None:
    role = defaults.NON_MEMBER
    if await fetch_one(db, "SELECT id FROM roles WHERE builtin = :builtin", builtin=role["builtin"]) is None:
        await execute(
            db,
            "INSERT INTO roles (name, position, builtin, assignable) VALUES (:name, :position, :builtin, :assignable)",
            **role,
        )
        logger.info("Created roles: %s", role["name"])


async def seed() -> None:
    engine = create_engine()
    async with engine.begin() as db:
        statuses = await upsert_all(db, "issue_statuses", defaults.STATUSES)
        print(f"Seeded {len(statuses)} statuses: {statuses}")
        for table, noun, rows in (
            ("trackers", "trackers", defaults.TRACKERS),
            ("issue_priorities", "priorities", defaults.PRIORITIES),
            ("roles", "roles", defaults.ROLES),
            ("time_entry_activities", "activities", defaults.ACTIVITIES),
        ):
            print(f"Seeded {len(await upsert_all(db, table, rows))} {noun}")
        print(f"Seeded {await add_transitions(db)} new workflow transitions")
        if get_release().has_migration("0010"):
            presets = await upsert_all(db, "metadata_presets", defaults.PRESETS, key="slug")
            print(f"Seeded {len(presets)} metadata presets")
        if get_release().has_migration("0032"):
            await add_non_member_role(db)
        await add_embedding_model(db)
        await add_settings(db)
    await engine.dispose()


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    asyncio.run(seed())
