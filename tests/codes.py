"""The time step of one-time codes, for tests: a code lives for thirty seconds and a busy machine takes some to send it."""

import time

PERIOD = 30
LEAST = 6.0


def fresh_step() -> int:
    """The step that is now, waited for where the present one has too little time left to be sent in."""
    left = PERIOD - time.time() % PERIOD
    if left < LEAST:
        time.sleep(left + 0.05)
    return int(time.time()) // PERIOD
