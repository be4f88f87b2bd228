"""Readers of published lists: bytes in, entries out, or one sentence that says why not. Pure; knows no database."""

from .base import ListData, ListUnreadable, RawEntry
from .csl import read_csl
from .own import read_entity_list

__all__ = ["ListData", "ListUnreadable", "RawEntry", "read_csl", "read_entity_list"]
