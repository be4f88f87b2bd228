"""Reads Chinese procurement notices: bytes in, a proposal with character spans out. A person confirms it.

Pure Python with lxml; must not know Django, the database, or what the portal does with a proposal.
"""

from .reader import read_notice
from .sniffing import MAX_BYTES, sniff
from .types import REASONS, Bidder, Item, Mention, Note, Proposal, Sniffed, Span, Supplier, Unreadable

__all__ = [
    "MAX_BYTES", "REASONS", "Bidder", "Item", "Mention", "Note", "Proposal", "Sniffed", "Span", "Supplier", "Unreadable", "read_notice", "sniff",
]  # fmt: skip
