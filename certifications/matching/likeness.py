"""How alike two units are, and two written names by their characters alone.

Knows spelling, meaning and reading of single words. Must not know weights, rules or lists.
"""

from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein

from certifications.matching.calibrations import LEAST_HAN, WIDE_BODIES
from certifications.matching.lexicon import lexicon
from certifications.matching.segment import Unit, parent

_NEAR_BODIES = {
    frozenset({"psb", "psb_branch"}): 0.75,
    frozenset({"psb", "police_field"}): 0.6,
    frozenset({"police_academy", "police_university"}): 0.85,
    frozenset({"forensic", "forensic_police"}): 0.8,
    frozenset({"university", "police_university"}): 0.5,
}
LEAST_LATIN = 0.78
LEAST_LETTERS = 2 * LEAST_LATIN - 1.01  # Jaro-Winkler is at most 1, so that less can never be enough
# 源钢铁 and 凌源钢铁: a character of four was lost, and with it the word; longer names are alike enough by their length.
ONE_LOST = 0.8
LEAST_PART = 0.75  # 锦江在线 and "Jin Jiang": the Latin name stops early
# A word that is good pinyin, only not that of the other name, was hardly meant for it.
_OTHER_SYLLABLES = 0.85


def _place_likeness(a: Unit, b: Unit) -> tuple[float, str]:
    if a.concepts & b.concepts:
        return (1.0 if a.concepts == b.concepts else 0.96), "concept"
    stems = {c[:4] for c in a.concepts} & {c[:4] for c in b.concepts}
    related = any(parent(x, y) or parent(y, x) for x in a.concepts for y in b.concepts)
    if stems and related and _same_stem(a, b):
        return 0.7, "level"
    return 0.0, ""


def _same_stem(a: Unit, b: Unit) -> bool:
    """阿克苏市 and 阿克苏地区: the same word at two levels."""
    names = lexicon().place_names
    return bool({names[c][:2] for c in a.concepts} & {names[c][:2] for c in b.concepts})


@lru_cache(maxsize=50_000)  # the same words stand beside one another in many names
def likeness_of(a: Unit, b: Unit) -> tuple[float, str]:
    """How alike two units are, and why."""
    if a.kind == "place" and b.kind == "place":
        return _place_likeness(a, b)
    if a.concepts and b.concepts and a.kind == b.kind:
        if a.kind == "body" and a.text != b.text and a.concepts & b.concepts & WIDE_BODIES:
            # One row holds finance and health bureaux alike: only the written words tell them apart.
            same_script = Levenshtein.normalized_similarity(a.text, b.text) if a.han == b.han else 0.7
            return (same_script, "near") if same_script >= 0.5 else (0.0, "")
        if a.concepts & b.concepts:
            plain = a.kind not in {"term", "form"} or a.text == b.text
            return (1.0 if plain else 0.95), "concept"
        if a.kind == "body":
            near = max((_NEAR_BODIES.get(frozenset({x, y}), 0.0) for x in a.concepts for y in b.concepts), default=0.0)
            return near, "near" if near else ""
        return (0.4, "near") if a.kind == "form" else (0.0, "")
    if a.text == b.text:
        return 1.0, "literal"
    loose = ("brand", "word", "term", "street")
    if a.kind not in loose or b.kind not in loose:
        return 0.0, ""
    if len(a.syllables) > 1 and a.syllables == b.syllables:
        return (0.97 if a.han != b.han or not a.han else 0.9), "reading"
    return _loose_likeness(a, b)


def _loose_likeness(a: Unit, b: Unit) -> tuple[float, str]:
    if a.han and b.han:
        like = Levenshtein.normalized_similarity(a.text, b.text)
        return (like, "likeness") if like >= LEAST_HAN else (0.0, "")
    if a.han != b.han and (a.hints & b.concepts or b.hints & a.concepts):
        longest = max(len(a.text) if a.han else 1, len(b.text) if b.han else 1)
        return max(0.5, 0.9 / longest), "translation"
    short, long = sorted((a.syllables, b.syllables), key=len)
    if len(short) > 1 and a.han != b.han and long[: len(short)] == short:
        return max(LEAST_PART, len(short) / len(long)), "reading"
    x = "".join(a.syllables) if a.han else a.text
    y = "".join(b.syllables) if b.han else b.text
    shorter, longer = sorted((len(x), len(y)))
    if shorter < 3 or shorter < 0.5 * longer:
        return 0.0, ""
    letters = Levenshtein.normalized_similarity(x, y, score_cutoff=LEAST_LETTERS)
    if not letters:
        return 0.0, ""
    like = (JaroWinkler.similarity(x, y) + letters) / 2
    if a.han != b.han and len(short) > 1:
        like *= _OTHER_SYLLABLES
    return (like, "likeness") if like >= LEAST_LATIN else (0.0, "")


def characters_alike(x: str, y: str, *, both_han: bool, least: float = 0.0) -> float:
    """Likeness of the written characters, order of words and blanks aside; 0 where it is less than `least`."""
    a, b = x.replace(" ", ""), y.replace(" ", "")
    if not a or not b:
        return 0.0
    like = Levenshtein.normalized_similarity(a, b, score_cutoff=least)
    shorter, longer = (a, b) if len(a) <= len(b) else (b, a)
    if both_han:
        if len(shorter) >= 4 and shorter in longer:
            like = max(like, 0.75 + 0.25 * len(shorter) / len(longer))
        elif len(shorter) == 3 and len(longer) == 4 and Levenshtein.distance(a, b, score_cutoff=1) == 1:
            like = max(like, ONE_LOST)
        return like if like >= least else 0.0
    return max(like, fuzz.token_sort_ratio(x, y, score_cutoff=100 * least) / 100) if len(shorter) >= 5 else 0.0
