"""The two halves of the labelled names: one that people may look at and tune on, one that is only counted.

A query falls into a half by the hash of the entity it stands for, so that all spellings of one entity stay together.
"""

import hashlib
from typing import Any

LOOKED_AT, HELD_OUT = "looked at", "held out"


def half(query: dict[str, Any]) -> str:
    """Which half a query (`truth` or, where there is none, `qid`) belongs to."""
    key = str(query.get("truth") or f"q{query['qid']}")
    return LOOKED_AT if hashlib.sha256(key.encode()).digest()[0] % 2 == 0 else HELD_OUT
