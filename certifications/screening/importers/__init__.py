"""Readers of published lists: bytes in, entries out, or one sentence that says why not. Pure; knows no database."""

from .base import ListData, ListUnreadable, Notes, RawEntry, ShapeChanged, codes_of
from .csl import read_csl
from .formats import FORMATS, Content, Format, entries_of, recognise
from .own import read_entity_list

__all__ = [
    "FORMATS",
    "Content",
    "Format",
    "ListData",
    "ListUnreadable",
    "Notes",
    "RawEntry",
    "ShapeChanged",
    "codes_of",
    "entries_of",
    "read_csl",
    "read_entity_list",
    "recognise",
]
