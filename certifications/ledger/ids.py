"""Identifiers that people and links see: ULIDs, and readable numbers that reveal no count.

Knows no other room.
"""

import secrets
from typing import Any

from django.db import models
from ulid import ULID

# Crockford's alphabet: no I, L, O, U, so a number read aloud or off paper cannot be mistaken.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_ulid() -> str:
    """26 characters, sortable by time of making."""
    return str(ULID())


def new_number(prefix: str, year: int, length: int = 6) -> str:
    """A readable number such as EUD-2026-7K3M9Q.

    Random and not counted up: a counter would tell one distributor how much the others file
    (security-and-reliability.md, section 3). The caller keeps it unique by a constraint and tries again.
    """
    return f"{prefix}-{year}-" + "".join(secrets.choice(ALPHABET) for _ in range(length))


class ULIDField(models.CharField):  # type: ignore[type-arg]
    """A ULID as primary key; the default is made in Python so that an object has its id before it is saved."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 26)
        kwargs.setdefault("default", new_ulid)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)
