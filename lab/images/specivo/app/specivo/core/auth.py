"""Who is asking: `Authorization: Bearer` with an API key (spv_...) or an access token."""

from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from specivo.core.cache import token_is_blocked
from specivo.core.database import connection, execute, fetch_one
from specivo.core.errors import ApiError
from specivo.core.security import hash_token, read_access_token

Database = Annotated[AsyncConnection, Depends(connection)]

USER = "SELECT id, login, email, first_name, last_name, is_admin FROM users WHERE status = 'active' AND "


async def user_of_api_key(db: AsyncConnection, key: str) -> dict[str, Any] | None:
    row = await fetch_one(
        db,
        "UPDATE api_keys SET last_used_at = now() WHERE key_hash = :hash"
        " AND (expires_at IS NULL OR expires_at > now()) RETURNING user_id",
        hash=hash_token(key),
    )
    return await fetch_one(db, USER + "id = :id", id=row["user_id"]) if row else None


async def user_of_access_token(request: Request, db: AsyncConnection, token: str) -> dict[str, Any] | None:
    claims = read_access_token(token)
    if claims is None or await token_is_blocked(request.app.state.redis, claims["jti"]):
        return None
    return await fetch_one(db, USER + "id = :id", id=int(claims["sub"]))


async def current_user(request: Request, db: Database) -> dict[str, Any]:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ApiError(401, "unauthorized", "Authentication required.")
    if token.startswith("spv_"):
        user = await user_of_api_key(db, token)
    else:
        user = await user_of_access_token(request, db, token)
    if user is None:
        raise ApiError(401, "unauthorized", "Invalid or expired credentials.")
    return user


User = Annotated[dict[str, Any], Depends(current_user)]


async def audit(request: Request, db: AsyncConnection, event: str, user_id: int | None) -> None:
    await execute(
        db,
        "INSERT INTO security_audit_logs (event, user_id, ip_address) VALUES (:event, :user_id, CAST(:ip AS inet))",
        event=event,
        user_id=user_id,
        ip=request.client.host if request.client else None,
    )
