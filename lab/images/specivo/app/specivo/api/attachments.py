"""Attachments: flat files named `<uuid4><ext>`, one row each."""

import hashlib
import uuid
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import FileResponse

from specivo.core.auth import Database, User
from specivo.core.config import get_settings
from specivo.core.database import execute, fetch_one
from specivo.core.errors import ApiError
from specivo.core.release import get_release

router = APIRouter(tags=["attachments"])

FIELDS = "id, container_type, container_id, filename, filesize, content_type, description, created_at"
if get_release().has_migration("0015"):
    FIELDS += ", content_hash"


def upload_dir() -> Path:
    return Path(get_settings().attachment_upload_dir)


@router.post("/attachments/", status_code=201)
async def upload(
    db: Database,
    user: User,
    file: Annotated[UploadFile, File()],
    container_type: Annotated[str, Form()],
    container_id: Annotated[int, Form()],
    description: Annotated[str | None, Form()] = None,
) -> dict[str, Any]:
    """The file is written first, then its row: a crash between them leaves a file without a row, never the reverse."""
    limit = get_settings().attachment_max_size_mb * 1024 * 1024
    filename = file.filename or "unnamed"
    disk_filename = f"{uuid.uuid4()}{Path(filename).suffix}"
    upload_dir().mkdir(parents=True, exist_ok=True)
    path = upload_dir() / disk_filename
    digest = hashlib.sha256()
    size = 0
    with path.open("wb") as out:
        while chunk := await file.read(1024 * 1024):
            size += len(chunk)
            digest.update(chunk)
            out.write(chunk)
    if size > limit:
        path.unlink()
        raise ApiError(413, "too_large", f"The file is larger than {limit} bytes.", "file")
    attachment = {
        "container_type": container_type,
        "container_id": container_id,
        "filename": filename,
        "disk_filename": disk_filename,
        "filesize": size,
        "content_type": file.content_type,
        "description": description,
        "author_id": user["id"],
    }
    if get_release().has_migration("0015"):
        attachment["content_hash"] = digest.hexdigest()
    row = await fetch_one(
        db,
        f"INSERT INTO attachments ({', '.join(attachment)}) VALUES ({', '.join(f':{name}' for name in attachment)})"
        f" RETURNING {FIELDS}",
        **attachment,
    )
    return row or {}


async def attachment_by_id(db: Database, attachment_id: int) -> dict[str, Any]:
    row = await fetch_one(db, f"SELECT {FIELDS}, disk_filename FROM attachments WHERE id = :id", id=attachment_id)
    if row is None:
        raise ApiError(404, "not_found", f"No attachment {attachment_id}.")
    return row


@router.get("/attachments/{attachment_id}/")
async def read(db: Database, _user: User, attachment_id: int) -> dict[str, Any]:
    row = await attachment_by_id(db, attachment_id)
    del row["disk_filename"]
    return row


@router.get("/attachments/{attachment_id}/download/")
async def download(db: Database, _user: User, attachment_id: int) -> FileResponse:
    row = await attachment_by_id(db, attachment_id)
    path = upload_dir() / row["disk_filename"]
    if not path.is_file():
        raise ApiError(404, "file_missing", f"The file of attachment {attachment_id} is missing.")
    return FileResponse(path, filename=row["filename"], media_type=row["content_type"])


@router.delete("/attachments/{attachment_id}/", status_code=204)
async def delete(db: Database, _user: User, attachment_id: int) -> None:
    """The row is deleted and the file unlinked before the transaction commits."""
    row = await attachment_by_id(db, attachment_id)
    await execute(db, "DELETE FROM attachments WHERE id = :id", id=attachment_id)
    (upload_dir() / row["disk_filename"]).unlink(missing_ok=True)
