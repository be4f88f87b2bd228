"""Canonical JSON (RFC 8785) and its digest: the one form in which anything is frozen, signed or compared.

Pure; knows no Django model. Decimals become strings, so that a quantity is never a float.
"""

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any

import rfc8785


def plain(value: Any) -> Any:
    """`value` with Decimals, dates and times as strings (times in UTC, ending in Z). Floats are refused."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value == value.to_integral() else format(value, "f")
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be frozen")
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        raise ValueError("a float cannot be frozen; use Decimal")
    return value


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of `value`. Raises ValueError for what has no canonical form."""
    try:
        return rfc8785.dumps(plain(value))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"cannot be frozen: {error}") from error


def sha256_hex(content: bytes) -> str:
    """64 lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
