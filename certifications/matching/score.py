"""Lays two names beside each other and scores their likeness, every point accounted for.

`score` is a pure function of units and weights. Must not know lists, indexes or who asked.
"""

from collections.abc import Callable, Sequence
from itertools import product

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein

from certifications.matching import persons
from certifications.matching.calibrations import BRANCHES, LEAST_HAN, WIDE_BODIES, Pair, Sheet, State, list_rules, register_rules
from certifications.matching.crossing_rules import USUAL_TERM, crossed
from certifications.matching.lexicon import lexicon
from certifications.matching.segment import Unit, parent
from certifications.matching.types import Calibration, Comparison, Piece

Weigh = Callable[[Unit], float]

_WEIGHTS = {
    "brand": 1.0, "word": 1.0, "place": 0.9, "body": 0.55, "term": 0.45,
    "ethnic": 0.2, "rank": 0.15, "form": 0.12, "street": 0.2,
}  # fmt: skip
_BODY_WEIGHTS = {
    "xpcc": 0.9, "bureau": 0.25, "ministry": 0.2, "branch": 0.35, "centre": 0.15, "company": 0.15,
    "police_field": 0.4, "government": 0.12, "institute": 0.35,
    # Departments inside a bureau: the bureau is who the name belongs to.
    "criminal_police": 0.3, "special_police": 0.3, "counter_terror": 0.3, "domestic_security": 0.3,
    "traffic_police": 0.35, "forensic": 0.35, "forensic_police": 0.35, "detention": 0.4,
}  # fmt: skip
_NEAR_BODIES = {
    frozenset({"psb", "psb_branch"}): 0.75,
    frozenset({"psb", "police_field"}): 0.6,
    frozenset({"police_academy", "police_university"}): 0.85,
    frozenset({"forensic", "forensic_police"}): 0.8,
    frozenset({"university", "police_university"}): 0.5,
}
_LEAST_LATIN = 0.78
_LEAST_LETTERS = 2 * _LEAST_LATIN - 1.01  # Jaro-Winkler is at most 1, so that less can never be enough
_LEAST_PART = 0.75  # 锦江在线 and "Jin Jiang": the Latin name stops early
# A word that is good pinyin, only not that of the other name, was hardly meant for it.
_OTHER_SYLLABLES = 0.85


def basic_weight(unit: Unit) -> float:
    """What a unit says about whose name it is, before its rarity is known."""
    if unit.kind == "body":
        return min(_BODY_WEIGHTS.get(c, _WEIGHTS["body"]) for c in unit.concepts)
    weight = _WEIGHTS[unit.kind]
    if unit.kind == "place":
        return 0.08 if unit.implied else weight
    if unit.kind == "brand" and unit.concepts:
        return weight * 1.1
    if unit.kind == "brand":
        return weight * {1: 0.6, 2: 1.0, 3: 1.2}.get(len(unit.text), 1.35)
    if unit.kind == "word":
        return weight * min(1.35, 0.45 + 0.12 * len(unit.text))
    return weight


def laid_out_weights(units: Sequence[Unit], weights: list[float]) -> list[float]:
    """The worth of each unit in this name, from what each is worth in any.

    In 乌鲁木齐市公安局天山区分局 the city is whose bureau it is, the district which part.
    """
    if any(u.implied for u in units) and any(u.concepts & BRANCHES for u in units):
        outer = _WEIGHTS["place"]
        return [w if u.kind != "place" else outer if u.implied else 0.35 * outer for u, w in zip(units, weights, strict=True)]
    return weights


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
        return max(_LEAST_PART, len(short) / len(long)), "reading"
    x = "".join(a.syllables) if a.han else a.text
    y = "".join(b.syllables) if b.han else b.text
    shorter, longer = sorted((len(x), len(y)))
    if shorter < 3 or shorter < 0.5 * longer:
        return 0.0, ""
    letters = Levenshtein.normalized_similarity(x, y, score_cutoff=_LEAST_LETTERS)
    if not letters:
        return 0.0, ""
    like = (JaroWinkler.similarity(x, y) + letters) / 2
    if a.han != b.han and len(short) > 1:
        like *= _OTHER_SYLLABLES
    return (like, "likeness") if like >= _LEAST_LATIN else (0.0, "")


def _pairs(
    left: tuple[Unit, ...], right: tuple[Unit, ...], wl: list[float], wr: list[float], alike: Sequence[tuple[int, int]] | None
) -> list[Pair]:
    """The best one-to-one pairing, greedily by what each pair is worth."""
    found = []
    for i, j in product(range(len(left)), range(len(right))) if alike is None else alike:
        like, how = likeness_of(left[i], right[j])
        if like > 0:
            found.append((like * (wl[i] + wr[j]), like, i, j, how))
    found.sort(key=lambda f: (-f[0], -f[1], f[2], f[3]))
    used_left: set[int] = set()
    used_right: set[int] = set()
    pairs = []
    for _, like, i, j, how in found:
        if i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
            pairs.append(Pair(i, j, like, how))
    return pairs


def _runs(one: tuple[Unit, ...], many: tuple[Unit, ...], one_free: list[int], many_free: list[int]) -> list[tuple[int, list[int], float]]:
    """Units of `one` whose syllables several neighbouring units of `many` spell together: 博瑞 and "Bo Rui".

    Gives the unit, its neighbours and the likeness, which is less where they spell only its beginning.
    """
    found = []
    free = set(many_free)
    loose = {"brand", "word", "term"}
    for i in one_free:
        wanted = one[i].syllables
        if len(wanted) < 2 or one[i].kind not in loose:
            continue
        for start in sorted(free):
            spelt: tuple[str, ...] = ()
            taken: list[int] = []
            place = start
            while place in free and many[place].kind in loose and many[place].syllables:
                longer = spelt + many[place].syllables
                if wanted[: len(longer)] != longer:
                    break
                spelt = longer
                taken.append(place)
                place += 1
            if len(taken) > 1 and 2 * len(spelt) >= len(wanted):
                like = 0.97 if spelt == wanted else max(_LEAST_PART, len(spelt) / len(wanted))
                found.append((i, taken, like))
                free -= set(taken)
                break
    return found


def _core(units: tuple[Unit, ...]) -> str:
    return " ".join(u.text for u in units if u.kind != "form")


def _spelt(units: tuple[Unit, ...]) -> str:
    return " ".join("".join(u.syllables) if u.han else u.text for u in units)


def _han(units: tuple[Unit, ...]) -> bool:
    return any(u.han for u in units)


def is_public(units: tuple[Unit, ...]) -> bool:
    """True where the name speaks of a public body: those are compared by place and body, whatever the script."""
    return any(u.kind == "body" and u.strength in {"strong", "xinjiang"} and "company" not in u.classes for u in units)


def _crossed(left: tuple[Unit, ...], right: tuple[Unit, ...], names: tuple[str, str], weigh: Weigh, *, han_first: bool) -> Comparison:
    """A company's names in two scripts; the crossing wants the Chinese one first."""
    if not han_first:
        turned = _crossed(right, left, (names[1], names[0]), weigh, han_first=True)
        return _turned(turned, names)
    if left[0].strength == "person":
        return persons.crossed(left, right, names)
    x, y = (" ".join("".join(u.syllables) or u.text for u in side if u.kind != "form") for side in (left, right))
    return crossed(
        left, right, names, weigh=weigh, rarity=lambda unit: rarity_of(unit, weigh(unit)), likeness=characters_alike(x, y, both_han=False)
    )


def rarity_of(unit: Unit, weight: float) -> float:
    """How rare a unit is, 0 to 1, read back from its weight."""
    basic = basic_weight(unit)
    share = weight / basic if basic else 1.0
    if share >= 1.0:
        return USUAL_TERM if unit.kind == "term" else 1.0
    return max(0.0, (share - 0.35) / 0.65)


def _turned(found: Comparison, names: tuple[str, str]) -> Comparison:
    return Comparison(
        names[0], names[1], found.score, found.calibration,
        tuple(Piece(p.right, p.left, p.kind, p.weight, p.score, p.how) for p in found.pieces),
        found.rows, found.unmatched_right, found.unmatched_left,
    )  # fmt: skip


def score(
    left: tuple[Unit, ...], right: tuple[Unit, ...], names: tuple[str, str],
    weigh: Weigh = basic_weight, calibration: Calibration = "list", *,
    weights: tuple[list[float], list[float]] | None = None, alike: Sequence[tuple[int, int]] | None = None,
) -> Comparison:  # fmt: skip
    """Compares two names given as units. score in 0..1; the points of `rows` add up to it.

    The order of the two never matters: they are laid out in one canonical order and turned back.
    An index that knows them passes `weights` (of `laid_out_weights`, both sides) and `alike`, the places of all
    pairs of units that are alike at all; both save time and change nothing.
    """
    spelt = _spelt(left), _spelt(right)
    if spelt[0] > spelt[1] or (spelt[0] == spelt[1] and (_core(left), names[0]) > (_core(right), names[1])):
        turned = score(
            right, left, (names[1], names[0]), weigh, calibration,
            weights=weights and (weights[1], weights[0]), alike=None if alike is None else [(j, i) for i, j in alike],
        )  # fmt: skip
        return _turned(turned, names)
    if calibration == "list" and left and right:
        turned_han = _han(right)
        if turned_han != _han(left) and not is_public(left) and not is_public(right):
            return _crossed(left, right, names, weigh, han_first=not turned_han)
    if not left or not right:
        rest = tuple(u.text for u in left), tuple(u.text for u in right)
        return Comparison(names[0], names[1], 0.0, calibration, (), (), *rest)
    wl, wr = weights or tuple(laid_out_weights(side, [weigh(u) for u in side]) for side in (left, right))
    pairs = _pairs(left, right, wl, wr, alike)
    free_left = sorted(set(range(len(left))) - {p.left for p in pairs})
    free_right = sorted(set(range(len(right))) - {p.right for p in pairs})
    joins = [([i], js, like) for i, js, like in _runs(left, right, free_left, free_right)]
    joins += [(js, [i], like) for i, js, like in _runs(right, left, free_right, free_left)]
    for ones, others, _ in joins:
        free_left = [i for i in free_left if i not in ones]
        free_right = [j for j in free_right if j not in others]
    total_left, total_right = _totals(left, right, weights=(wl, wr), free=(free_left, free_right))

    sheet, pieces = Sheet(), []
    groups = [([p.left], [p.right], p.like, p.how) for p in pairs] + [(o, m, like, "reading") for o, m, like in joins]
    for ones, others, like, how in sorted(groups):
        share = (sum(wl[i] for i in ones) / total_left + sum(wr[j] for j in others) / total_right) / 2
        a, b = " ".join(left[i].text for i in ones), " ".join(right[j].text for j in others)
        pieces.append(Piece(a, b, left[ones[0]].kind, round(share, 4), round(like, 4), how))
        sheet.add("piece", f"{a} = {b}" if a != b else a, share * like)
    x, y = _core(left), _core(right)
    both_han = any(u.han for u in left) and any(u.han for u in right)
    cross = any(u.han for u in left) != any(u.han for u in right)
    if cross:
        x, y = (" ".join("".join(u.syllables) or u.text for u in side if u.kind != "form") for side in (left, right))
    likeness = characters_alike(x, y, both_han=both_han)
    if not both_han and not cross:
        likeness = max(likeness, characters_alike(" ".join(u.text for u in left), " ".join(u.text for u in right), both_han=False))
        if not _rest_alike([left[i] for i in free_left], [right[j] for j in free_right]):
            likeness = 0.0
    state = State(left, right, pairs, free_left, free_right, likeness)
    state.pairs = pairs + [Pair(o[0], m[0], like, "reading") for o, m, like in joins]
    (list_rules if calibration == "list" else register_rules)(sheet, state)
    same = not cross and x == y and spelt[0] == spelt[1]
    if same and sheet.total > 0.999:
        sheet.lift("rounding", "", 1.0)
    if not same:
        sheet.cap("not_identical", "", 0.99)
        sheet.add("spelling", "", -0.02 * (1 - fuzz.ratio(*spelt) / 100) * sheet.total)
    sheet.cap("limit", "", 1.0)
    return Comparison(
        names[0], names[1], max(0.0, sheet.total), calibration, tuple(pieces), tuple(sheet.rows),
        tuple(left[i].text for i in free_left), tuple(right[j].text for j in free_right),
    )  # fmt: skip


def _totals(
    left: tuple[Unit, ...], right: tuple[Unit, ...], *, weights: tuple[list[float], list[float]], free: tuple[list[int], list[int]]
) -> tuple[float, float]:
    """What full agreement would be worth on each side.

    Across scripts an untranslated word is weak evidence against: the other side may just have put it
    otherwise.
    """
    cross = any(u.han for u in left) != any(u.han for u in right)

    def total(units: tuple[Unit, ...], held: list[float], missing: list[int]) -> float:
        soft = {i for i in missing if cross and (units[i].kind == "term" or (units[i].kind == "word" and not units[i].syllables))}
        return sum(w * (0.5 if i in soft else 1.0) for i, w in enumerate(held)) or 1.0

    return total(left, weights[0], free[0]), total(right, weights[1], free[1])


def characters_alike(x: str, y: str, *, both_han: bool) -> float:
    """Likeness of the written characters, order of words and blanks aside."""
    a, b = x.replace(" ", ""), y.replace(" ", "")
    if not a or not b:
        return 0.0
    like = Levenshtein.normalized_similarity(a, b)
    shorter, longer = sorted((a, b), key=len)
    if both_han:
        if len(shorter) >= 4 and shorter in longer:
            like = max(like, 0.75 + 0.25 * len(shorter) / len(longer))
        return like
    return max(like, fuzz.token_sort_ratio(x, y) / 100) if len(shorter) >= 5 else 0.0


def _rest_alike(left: list[Unit], right: list[Unit]) -> bool:
    """Whether what found no partner is at most misspelt.

    Weihua New Material and Taihua New Material share most letters, only not the ones that count.
    """
    a, b = ("".join(u.text for u in side) for side in (left, right))
    # Names of people carry no words that all of them share.
    least = 0.6 if all(u.kind == "word" for u in (*left, *right)) else 0.7
    return not a or not b or Levenshtein.normalized_similarity(a, b) >= least
