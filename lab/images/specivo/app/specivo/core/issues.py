"""New issues, whoever writes them: numbers within a project have no gaps and never come twice."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from specivo.core.database import fetch_one


async def insert_issue(db: AsyncConnection, *, project_id: int, **fields: Any) -> int:
    row = await fetch_one(
        db,
        "WITH counter AS (UPDATE projects SET issue_counter = issue_counter + 1 WHERE id = :project_id"
        " RETURNING issue_counter)"
        f" INSERT INTO issues (project_id, number, {', '.join(fields)})"
        f" SELECT CAST(:project_id AS integer), issue_counter, {', '.join(f':{name}' for name in fields)}"
        " FROM counter RETURNING id",
        project_id=project_id,
        **fields,
    )
    assert row is not None
    return row["id"]
