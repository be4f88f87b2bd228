"""Reads procurement notices and packages of them: bytes in, a proposal with character spans out. A person confirms it.

Pure Python with lxml; must not know Django, the database, or what the portal does with a proposal.
"""

from .packages import FAULTS, PACKAGE_NOTES, SKIPPED, Package
from .reader import read_notice
from .sniffing import MAX_BYTES, sniff
from .types import REASONS, Bidder, Item, Mention, Note, Proposal, Sniffed, Span, Supplier, Unreadable

__all__ = [
    "FAULTS", "MAX_BYTES", "PACKAGE_NOTES", "REASONS", "SKIPPED", "Bidder", "Item", "Mention", "Note", "Package", "Proposal", "Sniffed", "Span", "Supplier", "Unreadable", "read_notice", "sniff",
]  # fmt: skip
