"""What is sure of a reported name, what a person is asked, and where it stands. Pure: takes values, returns values; see docs/resolution.md.

Sure is one of two things alone: an equal registration number with a name that does not conflict, or an exact name after folding that
one entity bears and no number contradicts. Everything else that is alike is a question to a person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from certifications.matching import THRESHOLDS

SAME, DIFFERENT, UNSURE = "same", "different", "unsure"
BOUND, ASK, NOBODY = "bound", "ask", "nobody"
# From this likeness on, by the register's measure, a name is asked about; below it, beside an equal number, it conflicts.
LIKE = min(floor for floor, _band in THRESHOLDS["register"])
# A name that shares less is no "nearest": showing it would only mislead.
NEAR = 0.40
LEAST_EXPLAINED = 10  # characters
REASONS: dict[str, Any] = {
    "number": gettext_lazy("The registration number, shown by a document"),
    "address": gettext_lazy("The address or the people"),
    "papers": gettext_lazy("Papers of the party itself"),
    "registry": gettext_lazy("A public registry"),
    "writing": gettext_lazy("The way the name is written: a slip, a short form, another script"),
    "other_number": gettext_lazy("Different registration numbers, shown by a document"),
    "other_place": gettext_lazy("Another place or another kind of body"),
    "not_enough": gettext_lazy("Not enough is known"),
}


@dataclass(frozen=True)
class Found:
    """A party that a name may mean. `entity` is the same for parties that people said are one; `score` 0 to 1 by the register's measure.

    `number`: same, other, or missing (one side states none). `rows` add up to the score.
    """

    party_id: str
    entity: str
    score: float
    party_text: str = ""
    number: str = "missing"
    is_exact: bool = False
    rows: tuple[dict[str, Any], ...] = ()

    @property
    def is_asked(self) -> bool:
        """Whether a person is asked about it, where nothing is sure."""
        return self.score >= LIKE or self.number == "same"


@dataclass(frozen=True)
class Standing:
    """Where a name stands: bound, ask, unsure or nobody; the parties it is bound to, and those of which the rule alone is sure."""

    state: str
    bound: frozenset[str] = frozenset()
    sure: frozenset[str] = frozenset()


def sure_of(found: Iterable[Found]) -> frozenset[str]:
    """The parties that the name means for sure: all rows of one entity, or of one number; empty where two things contradict."""
    rows = list(found)
    by_number = {row.party_id for row in rows if row.number == "same" and row.score >= LIKE}
    numbered = {row.party_id for row in rows if row.number == "same"}
    exact = [row for row in rows if row.is_exact]
    alone = len({row.entity for row in exact}) == 1 and all(row.number != "other" for row in exact)
    by_name = {row.party_id for row in exact} if alone else set()
    if by_number:
        # The number says one and the exact name another: neither is sure.
        entities = {row.entity for row in rows if row.party_id in by_number}
        contradicted = numbered != by_number or any(row.entity not in entities and row.number != "same" for row in exact)
        return frozenset() if contradicted else frozenset(by_number)
    return frozenset() if numbered else frozenset(by_name)


def standing_of(found: Iterable[Found], answers: Mapping[str, str]) -> Standing:
    """Where the name stands. `answers` by party are those that hold: a person goes before the rule."""
    rows = list(found)
    same = frozenset(party for party, answer in answers.items() if answer == SAME)
    if same:
        return Standing(BOUND, same, sure_of(rows))
    sure = sure_of(rows)
    bound = frozenset(party for party in sure if party not in answers)
    # Who said of one row of the entity that it is another said so of all of it.
    if bound and bound == sure:
        return Standing(BOUND, bound, sure)
    if any(row.is_asked and row.party_id not in answers for row in rows):
        return Standing(ASK, frozenset(), sure)
    return Standing(UNSURE if UNSURE in answers.values() else NOBODY, frozenset(), sure)
