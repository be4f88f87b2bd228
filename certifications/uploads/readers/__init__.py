"""Reads files of rows that other people's programs wrote. Pure Python; must not know Django, the database, or what a row means."""

from .headings import key_of, keys_of
from .sniffing import MEDIA_TYPES, sniff
from .types import UNREADABLE, Origin, Reading, SheetInfo, Unreadable

__all__ = ["MEDIA_TYPES", "UNREADABLE", "Origin", "Reading", "SheetInfo", "Unreadable", "key_of", "keys_of", "sniff"]
