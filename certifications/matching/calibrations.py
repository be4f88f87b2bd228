"""The two calibrations: what a likeness of names is worth on a restricted list and in the register.

A list must miss nothing that could be meant; the register must never join two parties because their
names look alike. Every rule that lowers or lifts a score leaves a signed row. Must not know how
the pieces were aligned.
"""

from dataclasses import dataclass
from typing import NamedTuple

from certifications.matching.account import Sheet
from certifications.matching.segment import Unit, parent

LEAST_HAN = 0.6
# Bodies of which there is one: their name alone says whose it is.
_PROPER = frozenset({"xpcc", "mps", "police_university"})
# Concepts that stand for many different bodies of one place.
WIDE_BODIES = frozenset({"government_office", "traffic_police", "party_committee", "company", "institute", "school"})
# Bodies of which each place has one, whatever it is called: 公安局 and 公安厅, CDC and 疾控中心.
_ONE_PER_PLACE = frozenset(
    {"psb", "mps", "xpcc", "procuratorate", "justice", "state_security", "political_legal", "disease_control", "police_university"}
)
_OWNERS = frozenset({"xpcc"})
_ORDINALS = frozenset({"第一", "第二", "第三", "第四"})
BRANCHES = frozenset({"branch", "psb_branch", "branch_company"})


class Pair(NamedTuple):
    left: int
    right: int
    like: float
    how: str


def _specific(units: tuple[Unit, ...]) -> frozenset[str]:
    return frozenset(c for u in units if u.kind == "place" and not u.implied for c in u.concepts)


def _heads(units: tuple[Unit, ...]) -> frozenset[str]:
    """The classes of bodies that the name speaks of, the weak ones left out."""
    return frozenset(c for u in units if u.kind == "body" and u.strength == "strong" for c in u.classes)


@dataclass(slots=True)
class State:
    """What the caps of both calibrations look at."""

    left: tuple[Unit, ...]
    right: tuple[Unit, ...]
    pairs: list[Pair]
    free_left: list[int]
    free_right: list[int]
    likeness: float  # of the written characters, legal forms left out

    def free(self, *kinds: str) -> list[Unit]:
        units = [self.left[i] for i in self.free_left] + [self.right[j] for j in self.free_right]
        return [u for u in units if u.kind in kinds]

    def matched(self, *kinds: str, least: float = 0.75) -> list[Pair]:
        return [p for p in self.pairs if p.like >= least and self.left[p.left].kind in kinds]

    @property
    def conflict(self) -> str:
        """Empty where the places agree or one side names none; level, inside or apart otherwise."""
        one, other = _specific(self.left), _specific(self.right)
        if not one or not other or one & other:
            return ""
        if any(p.how == "level" for p in self.pairs):
            return "level"
        if any(parent(x, y) or parent(y, x) for x in one for y in other):
            return "inside"
        return "apart"


def list_rules(sheet: Sheet, state: State) -> None:
    """Restricted lists: miss nothing that could be meant, but never on a place or a kind of body alone."""
    if state.likeness >= 0.8 and state.likeness * 0.97 > sheet.total:
        sheet.lift("characters", f"{state.likeness:.2f}", state.likeness * 0.97)
    han = [p for p in state.matched("brand", least=LEAST_HAN) if state.left[p.left].han and state.right[p.right].han]
    brand = bool(han or state.matched("brand", "word") or state.likeness >= 0.8)
    body = state.matched("body")
    proper = any(state.left[p.left].concepts & _PROPER for p in body)
    public = _heads(state.left) | _heads(state.right)
    conflict = state.conflict
    part = any(u.concepts & BRANCHES for u in (*state.left, *state.right))
    government = bool(public - {"company"}) and not state.matched("brand", "word")
    if conflict == "level":
        sheet.scale("place_level", "", 0.92)
    elif conflict == "inside":
        sheet.scale("place_inside", "", 0.92 if part or not government else 0.65)
    elif conflict == "apart":
        sheet.scale("place_conflict", "", 0.5 if government else 0.72)
    one, other = _heads(state.left), _heads(state.right)
    # A court of the Corps is no police bureau of the Corps: both being the Corps' does not make them alike.
    if one - _OWNERS and other - _OWNERS and not (one & other) - _OWNERS:
        sheet.cap("body_conflict", "", 0.5)
    elif government and bool(one) != bool(other):
        sheet.cap("body_missing", "", 0.55)
    if not brand and not (body and state.matched("place", least=0.5)) and not proper:
        # 宁波银行 has no trade name at all: nothing left over on either side is all that can be had.
        whole = len(state.matched("term", "place", least=0.9)) > 1 and not state.free("brand", "word", "term", "body", "place")
        sheet.cap("no_distinctive_part", "", 0.8 if whole else 0.45 + 0.1 * sheet.total)


def register_rules(sheet: Sheet, state: State) -> None:
    """The register: two parties are one only where place, trade name and business all agree."""
    brands = state.matched("brand", "word", least=0.5)
    exact = [p for p in brands if p.how == "literal" or (p.how == "concept" and p.like == 1.0)]
    unmatched = state.free("brand", "word")
    if state.conflict == "level":
        sheet.cap("place_level", "", 0.65)
    elif state.conflict:
        sheet.cap("place_conflict", "", 0.5)
    elif bool(_specific(state.left)) != bool(_specific(state.right)):
        sheet.cap("place_missing", "", 0.85)
    one, other = _heads(state.left), _heads(state.right)
    if one != other and (one - {"company"} or other - {"company"}):
        sheet.cap("body_conflict", "", 0.5)
    _bodies_in_the_register(sheet, state)
    has_brand = [any(u.kind in {"brand", "word"} for u in side) for side in (state.left, state.right)]
    if any(has_brand):
        if not brands or unmatched:
            sheet.cap("brand_conflict", "", 0.6 if not exact else 0.75)
        elif any(p.how == "likeness" for p in brands):
            # 博瑞 is not 博富瑞, nor is Borui Bofurui; an English word may just be misspelt.
            alike = [(state.left[p.left], state.right[p.right]) for p in brands if p.how == "likeness"]
            sheet.cap("brand_alike_only", "", 0.6 if any(a.syllables and b.syllables for a, b in alike) else 0.8)
        elif len(exact) < len(brands):
            sheet.cap("brand_by_reading", "", 0.88)
    elif not (state.matched("body", "term") and state.matched("place")):
        sheet.cap("no_distinctive_part", "", 0.6)
    if state.free("term", "street"):
        sheet.cap("business_differs", "", 0.8)
    if any(u.concepts & BRANCHES for u in state.free("form", "body")):
        sheet.cap("branch", "", 0.8)
    elif state.free("body"):
        sheet.cap("body_missing", "", 0.8)


def _bodies_in_the_register(sheet: Sheet, state: State) -> None:
    """第一附属医院 and 第二附属医院 are two hospitals; a translated "hospital" may be either."""
    for pair in state.matched("body", least=0.5):
        a, b = state.left[pair.left], state.right[pair.right]
        if a.text == b.text or a.concepts & b.concepts & _ONE_PER_PLACE:
            continue
        part_of = a.han != b.han or a.text in b.text or b.text in a.text
        sheet.cap("body_differs", "", 0.8 if part_of else 0.65)
    sides = ([state.left[i] for i in state.free_left], [state.right[j] for j in state.free_right])
    if all(any(u.concepts & _ORDINALS for u in side) for side in sides):
        sheet.cap("number_differs", "", 0.6)
