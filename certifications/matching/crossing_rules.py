"""What a Chinese and a Latin company name laid side by side are worth, in signed points.

The points are the weights of a logistic model in units of the score: 0.85 is where about one stranger in a hundred
passes, 0.70 where one in twenty does. They were fitted on one half of the labelled names that bench/matching.py splits.
Must not know how units are tied.
"""

import math

from certifications.matching.account import Account, Sheet, Weights
from certifications.matching.crossing import Crossing, Tie, cross
from certifications.matching.segment import Unit, parent
from certifications.matching.types import Comparison, Piece

START = 0.467
PLACE, PLACE_CONFLICT, PLACE_INSIDE, PLACE_LATIN_ONLY, PLACE_HAN_ONLY = 0.166, -0.194, -0.041, -0.151, -0.104
TERM, TERM_HAN_FREE, TERM_LATIN_FREE = 0.308, -0.101, -0.137
BRAND, BRAND_PART, TRANSLATION, INITIALS, SOUND = 0.265, 0.187, 0.02, 0.028, 0.187
BRAND_FREE, WORD_FREE, BODY_FREE, OTHER_PINYIN = -0.143, -0.094, -0.053, -0.13
GROUP, GROUP_ONE_SIDED, NOTHING_LEFT, NO_BRAND = 0.05, -0.124, 0.136, -0.058
KNEE, ROOM, BEND = 0.85, 0.14, 0.3  # above the knee points count less and less, so that full agreement stays ordered
SPELT_OUT = 0.9  # the whole name in pinyin, however it was cut; shared places alone reach 0.84
PARTLY = 0.5  # a term that the other side puts in other words
_TELLING = frozenset({"term", "word", "brand", "body", "place"})
_SAYS_LITTLE = frozenset({"form", "rank", "ethnic"})
USUAL_TERM = 0.5  # rarity of a word of business where no large list says otherwise


def _specific(units: tuple[Unit, ...], without: set[int]) -> frozenset[str]:
    return frozenset(c for i, u in enumerate(units) if u.kind == "place" and not u.implied and i not in without for c in u.concepts)


def _places(sheet: Sheet, crossing: Crossing, han: tuple[Unit, ...], latin: tuple[Unit, ...]) -> None:
    # A Latin "place" that reads as the trade name is the trade name.
    taken = {j for tie in crossing.ties if tie.how != "concept" for j in tie.latin}
    one, other = _specific(han, set()), _specific(latin, taken)
    if one and other:
        if one & other:
            return
        inside = any(parent(x, y) or parent(y, x) for x in one for y in other)
        sheet.add("place_inside" if inside else "place_conflict", "", PLACE_INSIDE if inside else PLACE_CONFLICT)
    elif one or other:
        sheet.add("place_missing", "", PLACE_HAN_ONLY if one else PLACE_LATIN_ONLY)


class _Worth:
    """The points of one comparison; the rarity of each unit is 0 (in every name) to 1 (in none)."""

    def __init__(self, han: tuple[Unit, ...], latin: tuple[Unit, ...], rarity: tuple[list[float], list[float]]) -> None:
        self.han, self.latin = han, latin
        self.rarity_han, self.rarity_latin = rarity
        self.weakest = 1.0

    def of(self, tie: Tie) -> tuple[float, float]:
        """The points of a tie, and what it owes because it agrees in sound or in part only."""
        han, latin = [self.han[i] for i in tie.han], [self.latin[j] for j in tie.latin]
        kind = han[0].kind
        if kind == "place" and tie.how == "concept":
            return (PLACE if not han[0].implied else 0.0), 0.0
        if kind in {"form", "rank", "ethnic"}:
            return (GROUP if "group" in han[0].concepts else 0.0), 0.0
        ours, theirs = [self.rarity_han[i] for i in tie.han], [self.rarity_latin[j] for j in tie.latin]
        mean = (sum(ours) / len(ours) + sum(theirs) / len(theirs)) / 2
        if tie.how == "concept" and kind in {"term", "body"}:
            return TERM * mean, 0.0
        rarest = max(*ours, *theirs)
        if tie.how == "concept":
            return BRAND * rarest, 0.0
        if tie.how == "reading":
            spoken = sum(len(u.syllables) for u in han)
            return (BRAND * rarest * min(spoken, 4) / 2 if tie.like == 1 else BRAND_PART * rarest), 0.0
        if tie.how == "translation":
            both = kind == "term" and all(u.kind == "term" for u in latin)
            points = (TERM * PARTLY if both else TRANSLATION) * mean * tie.like
            if kind != "brand":
                return points, 0.0
            # One character of three that means "green" leaves two that mean nothing here.
            grip = min(1.0, 1.5 * tie.like)
            self.weakest = min(self.weakest, grip)
            return points, (1 - grip) * BRAND_FREE * min(len(han[0].text), 3) / 2
        if tie.how == "initials":
            return INITIALS * tie.agreed * tie.like, 0.0
        grip = max(0.0, (tie.like - 0.55) / 0.45) * min(tie.agreed, 4.0) / 4
        self.weakest = min(self.weakest, grip)
        owed = (1 - grip) * (BRAND_FREE * sum(min(len(u.text), 3) / 2 for u in han) + WORD_FREE)
        if any(len(u.syllables) > 1 for u in latin) and all(u.syllables for u in latin):
            owed += OTHER_PINYIN
        return SOUND * grip, owed


def _free(unit: Unit, rarity: float) -> float:
    """The points that a unit without a partner costs."""
    if unit.kind == "term":
        return (TERM_HAN_FREE if unit.han else TERM_LATIN_FREE) * rarity
    if unit.kind == "brand" and unit.han:
        return BRAND_FREE * min(len(unit.text), 3) / 2
    if unit.kind in {"word", "brand"}:
        return WORD_FREE * rarity
    return BODY_FREE if unit.kind == "body" else 0.0


def _bend(sheet: Sheet) -> None:
    above = sheet.total - KNEE
    if above > 0:
        sheet.cap("limit", "", KNEE + ROOM * (1 - math.exp(-above / BEND)))


def crossed(
    han: tuple[Unit, ...],
    latin: tuple[Unit, ...],
    names: tuple[str, str],
    *,
    weights: tuple[Weights, Weights],
    likeness: float,
) -> Account:
    """Compares a company's Chinese name (first) with a Latin one; the points of the rows add up to the score."""
    crossing = cross(han, latin)
    worth, sheet = _Worth(han, latin, (weights[0].rarity, weights[1].rarity)), Sheet()
    sheet.add("start", "", START)
    ties = sorted(crossing.ties)
    for tie in ties:
        points, owed = worth.of(tie)
        sheet.add("piece", tie, points)
        sheet.add("sound_only" if tie.how == "sound" else "translated_in_part", tie, owed)
    _places(sheet, crossing, han, latin)
    free = [(han[i], weights[0].rarity[i]) for i in crossing.free_han]
    free += [(latin[j], weights[1].rarity[j]) for j in crossing.free_latin]
    for unit, rarity in free:
        sheet.add("unmatched", unit.text, _free(unit, rarity))
    if any(u.kind == "word" and len(u.syllables) > 1 for u, _ in free):
        sheet.add("other_reading", "", OTHER_PINYIN)
    if any("group" in u.concepts for u in han) != any("group" in u.concepts for u in latin):
        sheet.add("form_differs", "", GROUP_ONE_SIDED)
    if not any(u.kind in _TELLING for u, _ in free):
        sheet.add("nothing_left", "", NOTHING_LEFT * worth.weakest)
    if not any(u.kind == "brand" for u in han):
        sheet.add("no_trade_name", "", NO_BRAND)
    if all(han[tie.han[0]].kind in _SAYS_LITTLE for tie in ties):
        sheet.cap("no_distinctive_part", "", 0.2)
    _bend(sheet)
    if likeness >= SPELT_OUT:
        sheet.lift("characters", f"{likeness:.2f}", likeness * 0.97)
    sheet.lift("limit", "", 0.0)

    def said(tie: Tie) -> tuple[str, str]:
        return " ".join([han[i].text for i in tie.han]), " ".join([latin[j].text for j in tie.latin])

    def comparison() -> Comparison:
        ours, theirs = weights[0].anywhere, weights[1].anywhere
        totals = sum(ours) or 1.0, sum(theirs) or 1.0
        pieces = []
        for tie in ties:
            share = (sum(ours[i] for i in tie.han) / totals[0] + sum(theirs[j] for j in tie.latin) / totals[1]) / 2
            like = round(max(tie.like, 0.01), 4)
            pieces.append(Piece(*said(tie), han[tie.han[0]].kind, round(min(share, 1.0), 4), like, tie.how))
        return Comparison(
            names[0], names[1], sheet.total, "list", tuple(pieces), sheet.rows(lambda tie: " = ".join(said(tie))),
            tuple([han[i].text for i in crossing.free_han]), tuple([latin[j].text for j in crossing.free_latin]),
        )  # fmt: skip

    return Account(sheet.total, comparison)
