"""Projects and their wiki."""

from typing import Any

from fastapi import APIRouter, BackgroundTasks
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from specivo.core.auth import Database, User
from specivo.core.database import execute, fetch_all, fetch_one
from specivo.core.errors import ApiError
from specivo.core.release import get_release
from specivo.tasks.search import index_source

router = APIRouter(tags=["projects"])


KEY_LENGTHS = {"0001": 10, "0012": 12, "0020": 128}
LONGEST_KEY = max(length for revision, length in KEY_LENGTHS.items() if get_release().has_migration(revision))

# Pages that were deleted stay in the database since there is a column to tell.
PRESENT = "p.deleted_at IS NULL" if get_release().has_migration("0016") else "true"


class NewProject(BaseModel):
    key: str = Field(min_length=1, max_length=LONGEST_KEY)
    name: str = Field(min_length=1, max_length=255)
    description: str | None = None


class WikiText(BaseModel):
    title: str = Field(min_length=1, max_length=255)
    content: str


async def project_by_key(db: AsyncConnection, key: str) -> dict[str, Any]:
    project = await fetch_one(
        db, "SELECT id, key, name, description, is_public FROM projects WHERE key = :key", key=key
    )
    if project is None:
        raise ApiError(404, "not_found", f"No project {key}.")
    return project


@router.get("/projects/")
async def list_projects(db: Database, _user: User) -> dict[str, Any]:
    return {"items": await fetch_all(db, "SELECT id, key, name, description, is_public FROM projects ORDER BY key")}


@router.post("/projects/", status_code=201)
async def create_project(db: Database, user: User, body: NewProject) -> dict[str, Any]:
    if await fetch_one(db, "SELECT id FROM projects WHERE key = :key", key=body.key):
        raise ApiError(409, "conflict", f"Project key {body.key} is taken.", "key")
    project = await fetch_one(
        db,
        "INSERT INTO projects (key, name, description, path)"
        " VALUES (:key, :name, :description, CAST('p' || currval('projects_id_seq') AS ltree))"
        " RETURNING id, key, name, description, is_public",
        **body.model_dump(),
    )
    assert project is not None
    member = await fetch_one(
        db,
        "INSERT INTO members (user_id, project_id) VALUES (:user_id, :project_id) RETURNING id",
        user_id=user["id"],
        project_id=project["id"],
    )
    assert member is not None
    await execute(
        db,
        "INSERT INTO member_roles (member_id, role_id) SELECT :member_id, id FROM roles WHERE name = 'Manager'",
        member_id=member["id"],
    )
    return project


@router.get("/projects/{key}/wiki/{slug}/")
async def read_wiki_page(db: Database, _user: User, key: str, slug: str) -> dict[str, Any]:
    project = await project_by_key(db, key)
    page = await fetch_one(
        db,
        "SELECT p.id, p.slug, p.title, c.version, c.content FROM wiki_pages p JOIN wiki_contents c ON c.page_id = p.id"
        f" WHERE p.project_id = :project_id AND p.slug = :slug AND {PRESENT} ORDER BY c.version DESC LIMIT 1",
        project_id=project["id"],
        slug=slug,
    )
    if page is None:
        raise ApiError(404, "not_found", f"No wiki page {slug}.")
    return page


@router.put("/projects/{key}/wiki/{slug}/")
async def write_wiki_page(
    db: Database, user: User, background: BackgroundTasks, key: str, slug: str, body: WikiText
) -> dict[str, Any]:
    """Every write is a new version; earlier ones stay."""
    project = await project_by_key(db, key)
    page = await fetch_one(
        db,
        "INSERT INTO wiki_pages (project_id, slug, title) VALUES (:project_id, :slug, :title)"
        " ON CONFLICT (project_id, slug) DO UPDATE SET title = :title, updated_at = now() RETURNING id, slug, title",
        project_id=project["id"],
        slug=slug,
        title=body.title,
    )
    assert page is not None
    content = await fetch_one(
        db,
        "INSERT INTO wiki_contents (page_id, version, content, author_id) SELECT CAST(:page_id AS integer),"
        " coalesce(max(version), 0) + 1, :content, :author_id FROM wiki_contents WHERE page_id = :page_id"
        " RETURNING version",
        page_id=page["id"],
        content=body.content,
        author_id=user["id"],
    )
    background.add_task(index_source.delay, "wiki_page", page["id"])
    return {**page, **(content or {})}
