"""Named places where the fault tests kill, stop or raise; nothing at all in production.

A test sets PORTAL_FAULT="name:kind" in a worker's environment, in demonstration mode only. `kill` ends the process as
kill -9 would, once: the file PORTAL_FAULT_MARK remembers that it happened.
"""

import os
import signal
from pathlib import Path

from django.conf import settings


def fault(name: str) -> None:
    """Do what the environment asks at the place `name`; normally nothing."""
    wanted = os.environ.get("PORTAL_FAULT", "")
    if not wanted or not settings.PORTAL_DEMO:
        return
    place, _, kind = wanted.partition(":")
    if place != name:
        return
    mark = Path(os.environ["PORTAL_FAULT_MARK"])
    try:
        mark.open("x").close()
    except FileExistsError:
        return
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    raise RuntimeError(f"fault at {name}")
