"""Counting on the shared cache, exact under any number of threads. Knows no request and no page."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache


def count(key: str, seconds: int) -> int:
    """Add one to `key`, which is forgotten `seconds` after its first count; returns the new number.

    Counted first and judged afterwards: whoever reads before counting lets parallel guesses pass together.
    """
    while True:
        try:
            return int(cache.incr(key))
        except ValueError:
            cache.add(key, 0, seconds)  # the first of them, or it has just run out: whoever adds, all count on from there


def over(key: str, limit: int, seconds: int) -> tuple[int, int]:
    """Count one call in the window of now. Returns how many so far, and the seconds to wait: 0 when within `limit`."""
    window = int(time.time()) // seconds
    so_far = count(f"limit:{key}:{window}", seconds + 1)
    if so_far <= limit:
        return so_far, 0
    return so_far, max(1, (window + 1) * seconds - int(time.time()))


@contextmanager
def place(key: str, places: int, seconds: int) -> Iterator[bool]:
    """Take one of so many places while the block runs; False when all are taken.

    A place of a process that was killed is free again after `seconds`, so it must be longer than the block takes.
    """
    mine = secrets.token_hex(8)
    taken = next((name for n in range(places) if cache.add(name := f"place:{key}:{n}", mine, seconds)), "")
    try:
        yield bool(taken)
    finally:
        if taken and cache.get(taken) == mine:
            cache.delete(taken)
