"""The time step of one-time codes, for tests: a code lives for thirty seconds, is used once, and a busy machine takes some to send it.

In the test's own process the clock by which codes are made and checked is set forward instead of being waited for.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

PERIOD = 30
LEAST = 6.0
# Where codes are checked.
ASKED_BY = ("certifications.people.factors.time", "allauth.mfa.totp.internal.auth.time")


class Clock:
    """Stands for the module `time` where codes are checked."""

    def __init__(self) -> None:
        self.ahead: float | None = None  # seconds; None where processes that run beside the test check codes: they go by the real one

    def time(self) -> float:
        """Seconds since 1970, as far ahead as codes were used."""
        return time.time() + (self.ahead or 0.0)

    def wait(self, seconds: float) -> None:
        """Until so many seconds later."""
        if self.ahead is None:
            time.sleep(seconds)
        else:
            self.ahead += seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


clock = Clock()


@contextmanager
def own_clock() -> Iterator[None]:
    """For one test whose codes are checked in its own process."""
    clock.ahead = 0.0
    with pytest.MonkeyPatch.context() as patch:
        for place in ASKED_BY:
            patch.setattr(place, clock)
        yield
    clock.ahead = None


def fresh_step() -> int:
    """The step that is now, waited for where the present one has too little time left to be sent in."""
    left = PERIOD - clock.time() % PERIOD
    if left < LEAST:
        clock.wait(left + 0.05)
    return int(clock.time()) // PERIOD


def next_step() -> int:
    """The step after the one that is now."""
    clock.wait(PERIOD - clock.time() % PERIOD + 0.05)
    return fresh_step()
