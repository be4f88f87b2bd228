"""Turns a row of work into a message. After a failure the broker is left alone for a while: rows wait, pages do not."""

import time

from portal.celery import app

QUIET_SECONDS = 30.0
_quiet_until = 0.0


def send_job(kind: str, job_id: str) -> None:
    """Publish without retry. Raises whatever the transport raises; the caller keeps the row."""
    global _quiet_until  # noqa: PLW0603 - one circuit breaker per process
    if time.monotonic() < _quiet_until:
        raise ConnectionError("the broker did not answer a moment ago")
    try:
        app.send_task(kind, args=[job_id], retry=False)
    except Exception:
        _quiet_until = time.monotonic() + QUIET_SECONDS
        raise
