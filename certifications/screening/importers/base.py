"""What a reader of a list takes and returns, and the limits that hold for every list.

A reader is a generator: a seekable stream of bytes in, entries out one by one, or a refusal that says what, where and how
to mend. It knows no database, so a file of a gigabyte costs no more memory than its longest entry.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from django.utils.translation import gettext as _

from certifications.matching.identifiers import compact

# No published entry comes near these; one hostile alias (or a million) must not fill the memory of a worker.
MOST_NAMES = 5000
LONGEST_NAME, LONGEST_ID, LONGEST_CODE, LONGEST_TEXT = 600, 120, 60, 4000
MOST_VALUES = 500
# A column that holds a value in some entry of any list with this many is missed when no entry has it.
RELIED_ON_FROM = 50
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
_SHORTEST_CODE, _SHORTEST_NUMBER = 6, 8


class ListUnreadable(ValueError):
    """The file is no such list, or not all of it. The message says what, where, and how to mend."""


class ShapeChanged(ListUnreadable):
    """The file can be read, but columns are new, renamed or gone: two people may accept what is lost by that."""


@dataclass(frozen=True)
class RawEntry:
    """One listed person or body as the source writes it. `codes` are registration numbers, ready to be compared."""

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
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListData:
    """All entries of one file."""

    entries: tuple[RawEntry, ...] = field(default=())


@dataclass
class Notes:
    """What a reader has to say beside the entries; whole once the last entry was taken.

    `lenient` is given: read on where the shape changed, and name what is lost in `changes`. `ignored` counts what the file
    holds beside targets (linked persons, addresses), `merged` rows that belong to an entry already read.
    """

    lenient: bool = False
    dated: date | None = None
    ignored: int = 0
    merged: int = 0
    changes: list[str] = field(default_factory=list)

    def shape(self, sentence: str) -> None:
        """The shape changed: refuse, or note it where two people have accepted that."""
        if not self.lenient:
            raise ShapeChanged(sentence)
        self.changes.append(sentence)


Reader = Callable[[BinaryIO, Notes], Iterator[RawEntry]]


def plain(value: object) -> str:
    """Text as it is kept: PostgreSQL keeps no NUL, and no name holds a control character."""
    text = str(value or "")
    return " ".join((text if text.isprintable() else text.translate(_CONTROLS)).split())


def codes_of(numbers: Iterable[str]) -> tuple[str, ...]:
    """Registration numbers as the screening compares them; what is too short to mean one body is left out."""
    found: dict[str, None] = {}
    for number in numbers:
        # Lists write "12 345 678" and "OGRN: 1027700132195 (Russia)": the whole, its parts, and the words of each.
        for part in re.split(r"[,;:()|]", number):
            for code in map(compact, (part, *part.split())):
                enough = _SHORTEST_NUMBER if code.isdigit() else _SHORTEST_CODE
                if enough <= len(code) <= LONGEST_CODE and any(c.isdigit() for c in code):
                    found[code] = None
    return tuple(found)[:MOST_VALUES]


def entry(
    *,
    entry_id: str,
    schema: str,
    names: Iterable[object],
    where: str,
    programme: str = "",
    citation: str = "",
    requirement: str = "",
    policy: str = "",
    numbers: Iterable[tuple[str, str]] = (),
    addresses: Iterable[str] = (),
) -> RawEntry:
    """An entry within its limits. `numbers` are (scheme, number); `where` names the row for a refusal."""
    known: dict[str, None] = {}
    for count, name in enumerate(names):
        if count >= MOST_NAMES:
            raise ListUnreadable(
                _("%(w)s holds more than %(n)d names; no published entry does. The file is damaged, or somebody changed it.")
                % {"w": where, "n": MOST_NAMES}
            )
        known[plain(name)[:LONGEST_NAME]] = None
    known.pop("", None)
    if not known:
        raise ListUnreadable(_("%(w)s has no name; the file is damaged.") % {"w": where})
    key = plain(entry_id)
    if not key or len(key) > LONGEST_ID:
        raise ListUnreadable(_("%(w)s has no id, or one that is too long; the file is damaged.") % {"w": where})
    pairs = [(scheme, plain(number)) for scheme, number in numbers if plain(number)][:MOST_VALUES]
    kept = tuple(known)
    return RawEntry(
        entry_id=key,
        schema=schema,
        name=kept[0],
        names=kept,
        programme=plain(programme)[:200],
        citation=plain(citation)[:600],
        requirement=plain(requirement)[:LONGEST_TEXT],
        policy=plain(policy)[:LONGEST_TEXT],
        identifiers=tuple(dict.fromkeys(f"{scheme} {number}".strip()[:LONGEST_NAME] for scheme, number in pairs)),
        addresses=tuple(dict.fromkeys(filter(None, (plain(address)[:LONGEST_NAME] for address in addresses))))[:MOST_VALUES],
        codes=codes_of(number for _scheme, number in pairs),
    )


class Once:
    """Refuses an id that stands twice."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, key: str) -> None:
        if key in self._seen:
            raise ListUnreadable(_("The id %(id)s stands twice in the list; the file is damaged.") % {"id": key[:60]})
        self._seen.add(key)


class ReliedOn:
    """Notices when no entry has a property any more that published lists have always had."""

    def __init__(self, *names: str) -> None:
        self._missing, self._count = set(names), 0

    def saw(self, present: Iterable[str]) -> None:
        """One more entry, with these properties."""
        self._count += 1
        if self._missing:
            self._missing.difference_update(present)

    def check(self, notes: Notes, least: int = RELIED_ON_FROM) -> None:
        """Refuse when a list of some length lacks one of them."""
        if self._missing and self._count >= least:
            notes.shape(_("No entry has %(c)s; this is not the list, or its shape changed.") % {"c": ", ".join(sorted(self._missing))})


def day_of(text: str) -> date | None:
    """2026-11-12..., 12/11/2026, 12-Nov-2026 or 12 November 2026 as a day; None where it is no such date."""
    text = plain(text)
    months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    try:
        if text[4:5] == "-":
            return date.fromisoformat(text[:10])
        day, month, year = text.replace("/", " ").replace("-", " ").split()[:3]
        number = int(month) if month.isdigit() else months.index(month[:3].lower()) + 1
        return date(int(year), number, int(day))
    except ValueError:
        return None
