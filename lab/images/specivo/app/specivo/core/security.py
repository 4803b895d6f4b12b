"""Passwords, tokens and API keys. Whatever is stored is a hash."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

import bcrypt
import jwt

from specivo.core.config import get_settings


def hash_password(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(get_settings().bcrypt_rounds)).decode()


def password_matches(password: str, hashed: str | None) -> bool:
    return hashed is not None and bcrypt.checkpw(password.encode(), hashed.encode())


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_api_key() -> str:
    return f"spv_{secrets.token_urlsafe(32)}"


def new_refresh_token() -> str:
    return secrets.token_urlsafe(48)


def new_access_token(user_id: int) -> str:
    expires = datetime.now(UTC) + timedelta(minutes=get_settings().access_token_expire_minutes)
    claims = {"sub": str(user_id), "exp": expires, "jti": secrets.token_hex(16)}
    return jwt.encode(claims, get_settings().secret_key, algorithm="HS256")


def read_access_token(token: str) -> dict[str, str] | None:
    """The claims of a valid token, None for any other."""
    try:
        return jwt.decode(token, get_settings().secret_key, algorithms=["HS256"])
    except jwt.PyJWTError:
        return None
