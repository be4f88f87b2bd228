"""The database login of a process: whether PostgreSQL's guards hold for it. Triggers and row policies do not bind an owner."""

import os

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from .env import Misconfigured

log = structlog.get_logger(__name__)

_ASK = """
SELECT r.rolsuper, r.rolbypassrls,
       EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
               AND pg_has_role(current_user, c.relowner, 'MEMBER'))
FROM pg_roles r WHERE r.rolname = current_user
"""
WHAT = {
    "superuser": "The application is connected as a superuser of PostgreSQL",
    "bypassrls": "The application's login goes past row policies (BYPASSRLS)",
    "owner": "The application's login owns the tables, or may become their owner",
}
MEND = "Connect as portal_app, which `manage.py grant_roles` gives its rights; only migrations run as the owner."


def too_strong() -> str:
    """superuser, bypassrls or owner; empty when the login is bound by every guard. Raises DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute(_ASK)
        row = cursor.fetchone()
    return next((name for name, is_so in zip(("superuser", "bypassrls", "owner"), row, strict=True) if is_so), "")


def check_at_start() -> None:
    """Refuse to serve with a login that could switch the guards off; a demonstration says so and goes on.

    Raises Misconfigured. A database that is away is no reason not to start: pages answer 503 until it is back.
    """
    if settings.PORTAL_AS == "owner" or os.environ.get("PORTAL_BEAT"):
        return
    try:
        found = too_strong()
    except DatabaseError as error:
        log.warning("login not checked", error=type(error).__name__)
        return
    finally:
        connection.close()  # before gunicorn and Celery fork
    if not found:
        return
    if not settings.PORTAL_DEMO:
        raise Misconfigured(f"{WHAT[found]}. {MEND}")
    log.warning("login too strong", rule=found)
