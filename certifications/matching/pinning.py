"""Lets the Chinese names of one entry say which place its Latin names mean.

"Xinhe County" is 新和县 in Xinjiang and 新河县 in Hebei; an entry that is also called 新和县公安局 means the first.
Must not know lists or scores.
"""

from collections.abc import Sequence

from certifications.matching.segment import Unit


def pinned(names: Sequence[tuple[Unit, ...]]) -> list[tuple[Unit, ...]]:
    """The names of one entry, their ambiguous places narrowed to what its Chinese names say without doubt."""
    known = {code for units in names for u in units if u.kind == "place" and u.han and len(u.concepts) == 1 for code in u.concepts}
    return [tuple(_narrowed(unit, known) for unit in units) for units in names]


def _narrowed(unit: Unit, known: set[str]) -> Unit:
    if unit.kind != "place" or len(unit.concepts) < 2:
        return unit
    meant = unit.concepts & known
    return unit._replace(concepts=meant) if meant else unit
