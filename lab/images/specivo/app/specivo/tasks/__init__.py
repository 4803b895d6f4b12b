"""Background work: `celery -A specivo.tasks worker|beat`. Broker and results are in Redis."""

import os

from celery import Celery
from celery.schedules import crontab

from specivo.core.config import get_settings
from specivo.core.release import get_release

# Up to 0.1.9 nothing imported the task modules into the worker: it rejected every message it was sent.
MODULES = ["specivo.tasks.maintenance", "specivo.tasks.search"] if get_release().has("registered-tasks") else []

SCHEDULE = {
    "cleanup-expired-tokens": {
        "task": "specivo.tasks.maintenance.cleanup_expired_tokens",
        "schedule": crontab(minute=0),
    },
    "ensure-audit-partitions": {
        "task": "specivo.tasks.maintenance.ensure_audit_partitions",
        "schedule": crontab(minute=0, hour=0),
    },
}

if get_release().has("recurring-tasks"):
    MODULES.append("specivo.tasks.recurring")
    SCHEDULE["generate-recurring-issues"] = {
        "task": "specivo.tasks.recurring.generate_recurring_issues",
        "schedule": get_settings().recurring_tasks_beat_interval_seconds,
    }

app = Celery("specivo", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"], include=MODULES)
app.conf.update(
    timezone="UTC",
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    beat_schedule=SCHEDULE,
)
