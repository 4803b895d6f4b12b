"""Redis: token blocklist and rate limits."""

import redis.asyncio as redis
from fastapi import Request

from specivo.core.config import get_settings
from specivo.core.errors import ApiError

LOGINS_PER_MINUTE = 10


def create_redis() -> redis.Redis:
    return redis.from_url(get_settings().redis_url, socket_connect_timeout=5, socket_timeout=5)


async def block_token(client: redis.Redis, jti: str) -> None:
    await client.set(f"jwt:blocked:{jti}", 1, ex=get_settings().access_token_expire_minutes * 60)


async def token_is_blocked(client: redis.Redis, jti: str) -> bool:
    """Fails closed: without Redis nobody can say that a token was not revoked."""
    try:
        return bool(await client.exists(f"jwt:blocked:{jti}"))
    except redis.RedisError as error:
        raise ApiError(503, "service_unavailable", "Authentication is temporarily unavailable.") from error


async def limit_logins(request: Request) -> None:
    if not get_settings().rate_limit_enabled:
        return
    address = request.headers.get("x-real-ip") or (request.client.host if request.client else "unknown")
    key = f"rate:login:{address}"
    count = await request.app.state.redis.incr(key)
    if count == 1:
        await request.app.state.redis.expire(key, 60)
    if count > LOGINS_PER_MINUTE:
        raise ApiError(429, "rate_limited", "Too many attempts. Try again in a minute.")
