"""Application log: one JSON object a line on stdout, and the same, masked, in the log file."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from specivo.core.config import get_settings
from specivo.core.release import get_release

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

SECRETS = re.compile(r"spv_[0-9A-Za-z_-]+|eyJ[0-9A-Za-z_-]+\.[0-9A-Za-z_.-]+|(?<=://)[^/@\s]+(?=@)")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class MaskingFormatter(JsonFormatter):
    def format(self, record: logging.LogRecord) -> str:
        return SECRETS.sub("***", super().format(record))


def configure_logging() -> None:
    settings = get_settings()
    console = logging.StreamHandler(sys.stdout)
    console.setFormatter(JsonFormatter())
    handlers: list[logging.Handler] = [console]
    if get_release().has("log-file"):
        Path(settings.log_file).parent.mkdir(parents=True, exist_ok=True)
        copy = RotatingFileHandler(settings.log_file, maxBytes=1024**3, backupCount=5, encoding="utf-8")
        copy.setFormatter(MaskingFormatter())
        handlers.append(copy)
    logger = logging.getLogger("specivo")
    logger.setLevel(logging.DEBUG if settings.debug else logging.INFO)
    logger.handlers = handlers
    logger.propagate = False
