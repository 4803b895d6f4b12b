"""Application settings: environment variables, named like the fields in upper case; lists are JSON."""

from functools import cache
from typing import Literal

from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore")

    database_url: str
    redis_url: str
    secret_key: str

    access_token_expire_minutes: int = 15
    refresh_token_expire_days: int = 30
    bcrypt_rounds: int = 12
    password_min_length: int = 8
    registration_mode: Literal["open", "invite_only", "disabled"] = "open"
    debug: bool = False
    cors_origins: list[str] = []
    allowed_hosts: list[str] = ["*"]
    trusted_proxies: list[str] = []
    attachment_upload_dir: str = "data/attachments"
    attachment_max_size_mb: int = 50
    avatar_upload_dir: str = "data/avatars"
    custom_themes_dir: str = "data/themes"
    custom_errors_dir: str = "data/errors"
    default_language: str = "en"
    rate_limit_enabled: bool = True
    log_file: str = "/app/data/logs/specivo.log"

    @field_validator("secret_key")
    @classmethod
    def secret_key_is_long_enough(cls, value: str) -> str:
        if len(value.encode()) < 32:
            raise ValueError("SECRET_KEY must be at least 32 bytes long")
        return value


@cache
def get_settings() -> Settings:
    return Settings()  # type: ignore[call-arg]  # fields come from the environment
