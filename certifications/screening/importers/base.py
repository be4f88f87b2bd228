"""What a reader of a list returns."""

from dataclasses import dataclass, field


class ListUnreadable(ValueError):
    """The file is no such list, or not all of it. The message says what, where, and how to mend."""


@dataclass(frozen=True)
class RawEntry:
    """One listed person or body as the source writes it."""

    entry_id: str
    schema: str
    name: str
    names: tuple[str, ...] = ()
    programme: str = ""
    citation: str = ""
    requirement: str = ""
    policy: str = ""
    identifiers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListData:
    """All entries of one file."""

    entries: tuple[RawEntry, ...] = field(default=())
