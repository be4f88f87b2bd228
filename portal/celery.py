"""The Celery application and the static schedule.

Only this file and certifications/tasks.py know Celery. Messages are hints: every task finds its work in
PostgreSQL rows, so a lost or repeated message changes nothing (architecture.md, rule 7).
"""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
if not os.environ.get("PORTAL_BEAT"):
    # The beat sends names on a clock; it needs none of the code behind them.
    app.autodiscover_tasks(["certifications"])


@worker_ready.connect
def _first_beat(**_: Any) -> None:
    """A sign of life through the worker's own queue at once, so that a start is ready in seconds, not at the next tick."""
    name, queue = ("signer", "sign") if os.environ.get("PORTAL_AS") == "signer" else ("worker", "default")
    app.send_task("heartbeat", args=[name], queue=queue)


@beat_init.connect
def _first_tick(**_: Any) -> None:
    app.send_task("tick")
