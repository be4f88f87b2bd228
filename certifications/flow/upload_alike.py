"""Which new names look like one's own, by the likeness that the register uses; fast enough for thousands at once.

Knows names and registration numbers, no row and no customer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from certifications.matching import Entry, build_index, compare, match_many
from certifications.parties.queries import SAME

# What the index proposes is compared once more, side by side, as the form does it; a little below, so that none is missed.
LEAST = 0.75
PROPOSED = 5
# The share of letters that two names in one script have in common before it is worth comparing them.
COMMON = 0.4


@dataclass(frozen=True)
class Alike:
    """Somebody with names and a registration number (or ""); `key` tells it from others."""

    key: str
    names: tuple[str, ...]
    code: str = ""


def _may_be(one: Alike, other: Alike) -> bool:
    """Two different numbers outweigh any likeness of names."""
    return one.key != other.key and not (one.code and other.code and one.code != other.code)


def _same(one: Alike, other: Alike) -> bool:
    return any(compare(a, b, "register").score >= float(SAME) for a in one.names for b in other.names)


def alike(rows: Sequence[Alike], known: Sequence[Alike], focus: set[str] | None = None) -> Iterator[tuple[Alike, Alike]]:
    """(row, what it looks like): for each row the most alike of the known, else of the rows above it. At most one each."""
    before = {row.key: place for place, row in enumerate(rows)}
    others = {one.key: one for one in (*known, *rows)}
    asked = [row for row in rows if row.names and (focus is None or row.key in focus)]
    for row, proposed in _few(asked, known, rows) if focus is not None else _many(asked, list(others.values())):
        ranked = sorted((others[key] for key in proposed if _may_be(row, others[key])), key=lambda one: one.key in before)
        for other in ranked:
            if before.get(other.key, -1) < before[row.key] and _same(row, other):
                yield row, other
                break


def _many(asked: Sequence[Alike], others: Sequence[Alike]) -> Iterator[tuple[Alike, list[str]]]:
    """By an index over everybody; who has a number need only be compared with those who have none."""
    for numbered in (False, True):
        wanted = [row for row in asked if bool(row.code) == numbered]
        entries = [Entry(one.key, "", one.names) for one in others if one.names and not (numbered and one.code)]
        if not wanted or not entries:
            continue
        index = build_index(entries)
        pairs = [(row, name) for row in wanted for name in row.names]
        found: dict[str, list[str]] = {}
        # One more than is wanted: each finds itself.
        for (row, _name), candidates in zip(
            pairs, match_many([name for _row, name in pairs], index, PROPOSED + 1, least=LEAST), strict=True
        ):
            found.setdefault(row.key, []).extend(candidate.id for candidate in candidates)
        for row in wanted:
            yield row, list(dict.fromkeys(found.get(row.key, [])))


def _few(asked: Sequence[Alike], known: Sequence[Alike], rows: Sequence[Alike]) -> Iterator[tuple[Alike, list[str]]]:
    """A row or two, while a person waits: names that share letters."""
    for row in asked:
        letters = [set(name.casefold()) for name in row.names]
        near = [
            one.key
            for one in (*known, *rows)
            if _may_be(row, one)
            and any(len(own & set(n.casefold())) >= COMMON * min(len(own), len(set(n.casefold()))) for own in letters for n in one.names)
        ]
        yield row, near[:200]
