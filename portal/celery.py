"""The Celery application and the static schedule.

Only this file and certifications/tasks.py know Celery. Messages are hints: every task finds its work in
PostgreSQL rows, so a lost or repeated message changes nothing (architecture.md, rule 7).
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["certifications"])
