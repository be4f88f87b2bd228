"""Turns a row of work into a message. After a failure the broker is left alone for a while: rows wait, pages do not.

A connection of its own, with time-outs, in web processes and in workers alike: a worker's other connection, by which it
takes work, must have none (portal/settings.py).
"""

import time

from django.conf import settings
from kombu import Connection, pools

from portal.celery import app

QUIET_SECONDS = 30.0
WAIT_SECONDS = 2.0
# kombu would otherwise go on trying to connect for ever before it publishes.
ONCE = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
_quiet_until = 0.0


def _connection() -> Connection:
    return app.connection_for_write(transport_options={**settings.BROKER_PATIENCE, **ONCE})


def send_job(kind: str, job_id: str) -> None:
    """Publish without retry. Raises whatever the transport raises; the caller keeps the row."""
    global _quiet_until  # noqa: PLW0603 - one circuit breaker per process
    if time.monotonic() < _quiet_until:
        raise ConnectionError("the broker did not answer a moment ago")
    try:
        with pools.producers[_connection()].acquire(block=True, timeout=WAIT_SECONDS) as producer:
            app.send_task(kind, args=[job_id], retry=False, producer=producer)
    except Exception:
        _quiet_until = time.monotonic() + QUIET_SECONDS
        # What a broken connection has promised is worth nothing; the next try begins anew.
        pools.reset()
        raise
