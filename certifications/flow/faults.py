"""Named places where the fault tests kill or raise; nothing at all in production.

In demonstration mode a test may name a file in PORTAL_FAULTS. It holds "place:kill" or "place:raise"; whoever comes to
that place takes the file away and does as it says, once.
"""

import os
import signal
from pathlib import Path

from django.conf import settings


def fault(name: str) -> None:
    """Do what the file asks at the place `name`; normally nothing."""
    if not settings.PORTAL_FAULTS or not settings.PORTAL_DEMO:
        return
    file = Path(settings.PORTAL_FAULTS)
    try:
        place, _, kind = file.read_text().strip().partition(":")
        if place != name:
            return
        # Whoever wins the rename is the one; another process at the same place goes on.
        file.rename(file.with_suffix(".done"))
    except OSError:
        return
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    raise RuntimeError(f"fault at {name}")
