"""Application settings: environment variables, named like the fields in upper case; lists are JSON."""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from specivo.core.release import get_release

# Before, origins were separated by commas, and a value that was right then stops the settings from loading since.
Origins = list[str] if get_release().has("json-cors-origins") else Annotated[list[str], NoDecode]

SHORTEST_PASSWORD = 8


class Settings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore")

    database_url: str
    redis_url: str
    secret_key: str

    access_token_expire_minutes: int = 15
    refresh_token_expire_days: int = 30
    bcrypt_rounds: int = 12
    password_reset_token_expire_hours: int = 24
    password_min_length: int = Field(SHORTEST_PASSWORD, ge=6)
    registration_mode: Literal["open", "invite_only", "disabled"] = "open"
    debug: bool = False
    app_url: str = "http://localhost:8030"
    stealth_prefix: str = ""
    cors_origins: Origins = []
    allowed_hosts: list[str] = ["*"]
    trusted_proxies: list[str] = []
    installed_plugins: list[str] = []
    attachment_upload_dir: str = "data/attachments"
    attachment_max_size_mb: int = 50
    avatar_upload_dir: str = "data/avatars"
    avatar_max_size_mb: int = 5
    custom_themes_dir: str = "data/themes"
    custom_errors_dir: str = "data/errors"
    default_language: str = "en"
    search_fts_language: str = "english"
    rate_limit_enabled: bool = True
    mcp_session_ttl_seconds: int = 604800
    smtp_host: str = "localhost"
    smtp_port: int = 587
    smtp_tls: bool = True
    smtp_timeout: int = 30
    recurring_tasks_beat_interval_seconds: int = 3600
    recurring_tasks_default_lead_time_days: int = 30
    recurring_tasks_max_lead_time_days: int = 90
    recurring_tasks_batch_size: int = 100
    log_file: str = "/app/data/logs/specivo.log"

    @field_validator("secret_key")
    @classmethod
    def secret_key_is_long_enough(cls, value: str) -> str:
        if len(value.encode()) < 32:
            raise ValueError("SECRET_KEY must be at least 32 bytes long")
        return value

    @field_validator("cors_origins", mode="before")
    @classmethod
    def split_origins(cls, value: Any) -> Any:
        if not get_release().has("json-cors-origins") and isinstance(value, str):
            return [origin for origin in value.split(",") if origin]
        return value

    @field_validator("stealth_prefix")
    @classmethod
    def prefix_is_a_path(cls, value: str) -> str:
        """`/hidden`, whether it was given as `hidden`, `/hidden` or `/hidden/`."""
        return f"/{path}" if (path := value.strip("/")) else ""

    @field_validator("password_min_length")
    @classmethod
    def length_can_be_set(cls, value: int) -> int:
        return value if get_release().has("password-min-length") else SHORTEST_PASSWORD


@cache
def get_settings() -> Settings:
    return Settings()  # type: ignore[call-arg]  # fields come from the environment
