"""Turns an inner loop over numbers into machine code the first time it is called, and keeps the code for the next process.

Knows the compiler. Must not know names, units or scores.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., object])


def _engine() -> str:
    """A digest of the engine's source: code kept for another engine, whose constants are built into it, is never taken."""
    found = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


_ENGINE = _engine()


def compiled(loop: Loop) -> Loop:
    """The same function as machine code. It takes numbers, arrays and named tuples of them."""
    loop.__qualname__ += f"_{_ENGINE}"  # a part of the name under which the code is kept
    try:
        return cast("Loop", njit(cache=True, nogil=True)(loop))
    except RuntimeError:
        # Nowhere to keep it: neither the source's folder nor the user's can be written. Each process compiles for itself.
        return cast("Loop", njit(nogil=True)(loop))
