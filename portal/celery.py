"""The Celery application and the static schedule.

Only this file and certifications/tasks*.py know Celery. Messages are hints: every task finds its work in
PostgreSQL rows, so a lost or repeated message changes nothing (architecture.md, rule 7).
"""

import os
import sys
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import beat_init, setup_logging, worker_init, worker_ready

from portal import env
from portal.logs import configure

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
# Django's checks belong to `manage.py check`; here they would load every page into processes that show none.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
# The beat sends names on a clock; it needs none of the code behind them, and no Django but its settings.
IS_BEAT = bool(os.environ.get("PORTAL_BEAT"))
if env.flag("PORTAL_DEMO"):
    # Root is who tries it out in a container; it is said of a real installation alone.
    warnings.simplefilter("ignore", SecurityWarning)
IS_SIGNER = os.environ.get("PORTAL_AS") == "signer"
app = Celery("portal", fixups=[] if IS_BEAT else None)
app.config_from_object("django.conf:settings", namespace="CELERY")
if not IS_BEAT:
    app.autodiscover_tasks(["certifications"], related_name="tasks_signer" if IS_SIGNER else "tasks")


@setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """Celery sets up none where somebody listens; ours came with the settings."""
    configure()


@worker_init.connect
def _check_login(**_: Any) -> None:
    """A worker whose login could switch PostgreSQL's guards off does not start. Celery swallows what a signal raises."""
    from portal.env import Misconfigured  # noqa: PLC0415 - the beat has no settings' worth of code loaded
    from portal.roles import check_at_start  # noqa: PLC0415

    try:
        check_at_start()
    except Misconfigured as problem:
        sys.exit(str(problem))


@worker_ready.connect
def _first_beat(**_: Any) -> None:
    """A sign of life through the worker's own queue at once, so that a start is ready in seconds, not at the next tick."""
    name, queue = ("signer", "sign") if IS_SIGNER else ("worker", "default")
    app.send_task("heartbeat", args=[name], queue=queue)


@beat_init.connect
def _first_tick(**_: Any) -> None:
    app.send_task("tick")
