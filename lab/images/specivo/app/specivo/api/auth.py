"""Sign in, sign out, API keys."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from specivo.core.auth import Database, User, audit
from specivo.core.cache import block_token, limit_logins
from specivo.core.config import get_settings
from specivo.core.database import execute, fetch_one
from specivo.core.errors import ApiError
from specivo.core.security import (
    hash_token,
    new_access_token,
    new_api_key,
    new_refresh_token,
    password_matches,
    read_access_token,
)

router = APIRouter(tags=["auth"])


class Login(BaseModel):
    login: str
    password: str


class ApiKeyName(BaseModel):
    name: str


async def sign_in(request: Request, db: AsyncConnection, login: str, password: str) -> int | None:
    """The id of the user whose password this is; None when there is none. Both are audited."""
    user = await fetch_one(
        db, "SELECT id, hashed_password FROM users WHERE login = :login AND status = 'active'", login=login
    )
    if user is None or not password_matches(password, user["hashed_password"]):
        await audit(request, db, "login_failed", user["id"] if user else None)
        return None
    await execute(db, "UPDATE users SET last_login_at = now() WHERE id = :id", id=user["id"])
    await audit(request, db, "login", user["id"])
    return user["id"]


@router.post("/auth/login/", dependencies=[Depends(limit_logins)])
async def login(request: Request, db: Database, body: Login) -> dict[str, Any]:
    user_id = await sign_in(request, db, body.login, body.password)
    if user_id is None:
        # The failed attempt's audit row must outlive the error.
        await db.commit()
        raise ApiError(401, "invalid_credentials", "Invalid login or password.")
    refresh_token = new_refresh_token()
    await execute(
        db,
        "INSERT INTO refresh_tokens (user_id, token_hash, expires_at) VALUES (:user_id, :hash, :expires)",
        user_id=user_id,
        hash=hash_token(refresh_token),
        expires=datetime.now(UTC) + timedelta(days=get_settings().refresh_token_expire_days),
    )
    return {"access_token": new_access_token(user_id), "refresh_token": refresh_token, "token_type": "bearer"}


@router.post("/auth/logout/", status_code=204)
async def logout(request: Request, _user: User) -> None:
    claims = read_access_token(request.headers["authorization"].partition(" ")[2])
    if claims is not None:
        await block_token(request.app.state.redis, claims["jti"])


@router.get("/users/me/")
async def me(user: User) -> dict[str, Any]:
    return user


@router.post("/api-keys/", status_code=201)
async def create_api_key(db: Database, user: User, body: ApiKeyName) -> dict[str, Any]:
    """The key itself is in this answer only; the database keeps its hash."""
    key = new_api_key()
    row = await fetch_one(
        db,
        "INSERT INTO api_keys (user_id, name, key_hash, key_prefix)"
        " VALUES (:user_id, :name, :hash, :prefix) RETURNING id, name, created_at",
        user_id=user["id"],
        name=body.name,
        hash=hash_token(key),
        prefix=key[:12],
    )
    return {**(row or {}), "key": key}
