"""Issues, comments and search."""

from typing import Any

from fastapi import APIRouter, BackgroundTasks, Query
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from specivo.api.projects import PRESENT, project_by_key
from specivo.core.auth import Database, User
from specivo.core.database import execute, fetch_all, fetch_one
from specivo.core.errors import ApiError
from specivo.core.issues import insert_issue
from specivo.core.release import get_release
from specivo.tasks.search import index_source

router = APIRouter(tags=["issues"])

SELECT = """
    SELECT i.id, p.key || '-' || i.number AS ref, p.key AS project, t.name AS tracker, s.name AS status,
        r.name AS priority, i.subject, i.description, u.login AS author, i.done_ratio, i.created_at, i.updated_at
    FROM issues i
    JOIN projects p ON p.id = i.project_id
    JOIN trackers t ON t.id = i.tracker_id
    JOIN issue_statuses s ON s.id = i.status_id
    JOIN issue_priorities r ON r.id = i.priority_id
    JOIN users u ON u.id = i.author_id
"""


IS_CLOSED = "s.category = 'done'" if get_release().has_migration("0011") else "s.is_closed"

# Rows of one project are read in its own language since 0.3.0, all in English before.
CONFIG = "fts_config_of_project(p.id)" if get_release().has_migration("0025") else "'english'"


class NewIssue(BaseModel):
    project: str
    subject: str = Field(min_length=1, max_length=255)
    description: str | None = None
    tracker: str = "Task"
    status: str = "New"
    priority: str = "Normal"


class NewComment(BaseModel):
    notes: str = Field(min_length=1)


async def id_by_name(db: AsyncConnection, table: str, field: str, name: str) -> int:
    row = await fetch_one(db, f"SELECT id FROM {table} WHERE name = :name", name=name)
    if row is None:
        raise ApiError(422, "validation_error", f"Unknown {field} {name}.", field)
    return row["id"]


async def issue_by_id(db: AsyncConnection, issue_id: int) -> dict[str, Any]:
    issue = await fetch_one(db, SELECT + " WHERE i.id = :id", id=issue_id)
    if issue is None:
        raise ApiError(404, "not_found", f"No issue {issue_id}.")
    return issue


async def status_condition(db: AsyncConnection, status: str | None) -> str:
    """An unknown filter finds everything up to 0.4.0, and is an error since."""
    conditions = {None: "true", "open": f"NOT {IS_CLOSED}", "closed": IS_CLOSED}
    if status in conditions:
        return conditions[status]
    known = await fetch_all(db, "SELECT id FROM issue_statuses WHERE name = :name", name=status)
    if known:
        return f"s.id IN ({', '.join(str(row['id']) for row in known)})"
    if get_release().has("strict-status-filter"):
        raise ApiError(422, "validation_error", f"Unknown status {status}.", "status")
    return "true"


@router.get("/issues/")
async def list_issues(
    db: Database,
    _user: User,
    project: str | None = None,
    status: str | None = None,
    page: int = Query(1, ge=1),
    per_page: int = Query(25, ge=1, le=100),
) -> dict[str, Any]:
    where = f" WHERE (CAST(:project AS text) IS NULL OR p.key = :project) AND {await status_condition(db, status)}"
    total = await fetch_one(
        db,
        "SELECT count(*) AS n FROM issues i JOIN projects p ON p.id = i.project_id"
        " JOIN issue_statuses s ON s.id = i.status_id" + where,
        project=project,
    )
    items = await fetch_all(
        db,
        SELECT + where + " ORDER BY i.id DESC LIMIT :limit OFFSET :offset",
        project=project,
        limit=per_page,
        offset=(page - 1) * per_page,
    )
    return {"items": items, "total": total["n"] if total else 0, "page": page, "per_page": per_page}


@router.get("/issues/{issue_id}/")
async def read_issue(db: Database, _user: User, issue_id: int) -> dict[str, Any]:
    return await issue_by_id(db, issue_id)


@router.post("/issues/", status_code=201)
async def create_issue(db: Database, user: User, background: BackgroundTasks, body: NewIssue) -> dict[str, Any]:
    project = await project_by_key(db, body.project)
    issue_id = await insert_issue(
        db,
        project_id=project["id"],
        tracker_id=await id_by_name(db, "trackers", "tracker", body.tracker),
        status_id=await id_by_name(db, "issue_statuses", "status", body.status),
        priority_id=await id_by_name(db, "issue_priorities", "priority", body.priority),
        subject=body.subject,
        description=body.description,
        author_id=user["id"],
    )
    background.add_task(index_source.delay, "issue", issue_id)
    return await issue_by_id(db, issue_id)


@router.get("/issues/{issue_id}/comments/")
async def list_comments(db: Database, _user: User, issue_id: int) -> dict[str, Any]:
    await issue_by_id(db, issue_id)
    rows = await fetch_all(
        db,
        "SELECT j.id, u.login AS author, j.notes, j.created_at FROM journals j JOIN users u ON u.id = j.user_id"
        " WHERE j.issue_id = :id AND j.notes IS NOT NULL ORDER BY j.id",
        id=issue_id,
    )
    return {"items": rows}


@router.post("/issues/{issue_id}/comments/", status_code=201)
async def create_comment(db: Database, user: User, issue_id: int, body: NewComment) -> dict[str, Any]:
    await issue_by_id(db, issue_id)
    row = await fetch_one(
        db,
        "INSERT INTO journals (issue_id, user_id, notes) VALUES (:issue_id, :user_id, :notes)"
        " RETURNING id, notes, created_at",
        issue_id=issue_id,
        user_id=user["id"],
        notes=body.notes,
    )
    await execute(db, "UPDATE issues SET updated_at = now() WHERE id = :id", id=issue_id)
    return row or {}


@router.get("/search/")
async def search(db: Database, _user: User, q: str = Query(min_length=1)) -> dict[str, Any]:
    rows = await fetch_all(
        db,
        f"""
        WITH query AS (SELECT p.id AS project_id, plainto_tsquery({CONFIG}, :q) AS q FROM projects p)
        SELECT 'issue' AS type, i.id, i.subject AS title, ts_rank(i.search_vector, query.q) AS rank
            FROM issues i JOIN query USING (project_id) WHERE i.search_vector @@ query.q
        UNION ALL
        SELECT 'wiki_page', p.id, p.title, ts_rank(c.search_vector, query.q)
            FROM wiki_contents c JOIN wiki_pages p ON p.id = c.page_id JOIN query USING (project_id)
            WHERE c.search_vector @@ query.q AND {PRESENT}
        ORDER BY rank DESC, type, id LIMIT 50
        """,
        q=q,
    )
    return {"items": rows, "total": len(rows)}
