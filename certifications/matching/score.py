"""Lays two names beside each other and scores their likeness, every point accounted for.

`score` is a pure function of units and weights. Must not know lists, indexes or who asked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein

from certifications.matching.lexicon import lexicon
from certifications.matching.segment import Unit, parent
from certifications.matching.types import Calibration, Comparison, Piece, Row

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
# Bodies of which there is one: their name alone says whose it is.
_PROPER = frozenset({"xpcc", "mps", "police_university"})
_NEAR_BODIES = {
    frozenset({"psb", "psb_branch"}): 0.75,
    frozenset({"psb", "police_field"}): 0.6,
    frozenset({"police_academy", "police_university"}): 0.85,
    frozenset({"forensic", "forensic_police"}): 0.8,
    frozenset({"university", "police_university"}): 0.5,
}
_BRANCHES = frozenset({"branch", "psb_branch", "branch_company"})
_LEAST_HAN, _LEAST_LATIN = 0.6, 0.78


@dataclass(slots=True)
class _Sheet:
    """The running account of one comparison."""

    rows: list[Row] = field(default_factory=list)
    total: float = 0.0

    def add(self, kind: str, text: str, points: float) -> None:
        points = round(points, 4)
        if points:
            self.rows.append(Row(kind, text, points))
            self.total = round(self.total + points, 4)

    def cap(self, kind: str, text: str, most: float) -> None:
        if self.total > most:
            self.add(kind, text, most - self.total)

    def scale(self, kind: str, text: str, factor: float) -> None:
        self.add(kind, text, self.total * factor - self.total)

    def lift(self, kind: str, text: str, least: float) -> None:
        if self.total < least:
            self.add(kind, text, least - self.total)


@dataclass(frozen=True, slots=True)
class _Pair:
    left: int
    right: int
    like: float
    how: str


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


def _weights(units: tuple[Unit, ...], weigh: Weigh) -> list[float]:
    """The worth of each unit. In 乌鲁木齐市公安局天山区分局 the city is whose bureau it is, the district which part."""
    if any(u.concepts & _BRANCHES for u in units) and any(u.implied for u in units):
        outer = _WEIGHTS["place"]
        return [weigh(u) if u.kind != "place" else outer if u.implied else 0.35 * outer for u in units]
    return [weigh(u) for u in units]


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


def _likeness(a: Unit, b: Unit) -> tuple[float, str]:
    """How alike two units are, and why."""
    if a.kind == "place" and b.kind == "place":
        return _place_likeness(a, b)
    if a.concepts and b.concepts and a.kind == b.kind:
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
        return (like, "likeness") if like >= _LEAST_HAN else (0.0, "")
    if a.hints & b.concepts or b.hints & a.concepts:
        longest = max(len(a.text) if a.han else 1, len(b.text) if b.han else 1)
        return max(0.5, 0.9 / longest), "translation"
    short, long = sorted((a.syllables, b.syllables), key=len)
    if len(short) > 1 and a.han != b.han and long[: len(short)] == short:
        return max(0.72, len(short) / len(long)), "reading"
    x = "".join(a.syllables) if a.han else a.text
    y = "".join(b.syllables) if b.han else b.text
    shorter, longer = sorted((len(x), len(y)))
    if shorter < 3 or shorter < 0.5 * longer:
        return 0.0, ""
    like = (JaroWinkler.similarity(x, y) + Levenshtein.normalized_similarity(x, y)) / 2
    return (like, "likeness") if like >= _LEAST_LATIN else (0.0, "")


def _pairs(left: tuple[Unit, ...], right: tuple[Unit, ...], wl: list[float], wr: list[float]) -> list[_Pair]:
    """The best one-to-one pairing, greedily by what each pair is worth."""
    found = []
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            like, how = _likeness(a, b)
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
            pairs.append(_Pair(i, j, like, how))
    return pairs


def _runs(one: tuple[Unit, ...], many: tuple[Unit, ...], one_free: list[int], many_free: list[int]) -> list[tuple[int, list[int]]]:
    """Units of `one` whose syllables several neighbouring units of `many` spell together: 博瑞 and "Bo Rui"."""
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
            while place in free and len(spelt) < len(wanted) and many[place].kind in loose and many[place].syllables:
                spelt += many[place].syllables
                taken.append(place)
                place += 1
            if len(taken) > 1 and spelt == wanted:
                found.append((i, taken))
                free -= set(taken)
                break
    return found


def _core(units: tuple[Unit, ...]) -> str:
    return " ".join(u.text for u in units if u.kind != "form")


def _spelt(units: tuple[Unit, ...]) -> str:
    return " ".join("".join(u.syllables) if u.han else u.text for u in units)


def _specific(units: tuple[Unit, ...]) -> frozenset[str]:
    return frozenset(c for u in units if u.kind == "place" and not u.implied for c in u.concepts)


def _heads(units: tuple[Unit, ...]) -> frozenset[str]:
    """The classes of bodies that the name speaks of, the weak ones left out."""
    return frozenset(c for u in units if u.kind == "body" and u.strength == "strong" for c in u.classes)


@dataclass(slots=True)
class _State:
    """What the caps of both calibrations look at."""

    left: tuple[Unit, ...]
    right: tuple[Unit, ...]
    pairs: list[_Pair]
    free_left: list[int]
    free_right: list[int]
    likeness: float  # of the written characters, legal forms left out

    def free(self, *kinds: str) -> list[Unit]:
        units = [self.left[i] for i in self.free_left] + [self.right[j] for j in self.free_right]
        return [u for u in units if u.kind in kinds]

    def matched(self, *kinds: str, least: float = 0.75) -> list[_Pair]:
        return [p for p in self.pairs if p.like >= least and self.left[p.left].kind in kinds]

    @property
    def conflict(self) -> str:
        """"" where the places agree or one side names none; level, inside or apart otherwise."""
        one, other = _specific(self.left), _specific(self.right)
        if not one or not other or one & other:
            return ""
        if any(p.how == "level" for p in self.pairs):
            return "level"
        if any(parent(x, y) or parent(y, x) for x in one for y in other):
            return "inside"
        return "apart"


def score(
    left: tuple[Unit, ...], right: tuple[Unit, ...], names: tuple[str, str],
    weigh: Weigh = basic_weight, calibration: Calibration = "list",
) -> Comparison:  # fmt: skip
    """Compares two names given as units. score in 0..1; the points of `rows` add up to it.

    The order of the two never matters: they are laid out in one canonical order and turned back.
    """
    if (_spelt(left), _core(left), names[0]) > (_spelt(right), _core(right), names[1]):
        turned = score(right, left, (names[1], names[0]), weigh, calibration)
        return Comparison(
            names[0], names[1], turned.score, calibration,
            tuple(Piece(p.right, p.left, p.kind, p.weight, p.score, p.how) for p in turned.pieces),
            turned.rows, turned.unmatched_right, turned.unmatched_left,
        )  # fmt: skip
    if not left or not right:
        rest = tuple(u.text for u in left), tuple(u.text for u in right)
        return Comparison(names[0], names[1], 0.0, calibration, (), (), *rest)
    wl, wr = _weights(left, weigh), _weights(right, weigh)
    pairs = _pairs(left, right, wl, wr)
    free_left = sorted(set(range(len(left))) - {p.left for p in pairs})
    free_right = sorted(set(range(len(right))) - {p.right for p in pairs})
    joins = [([i], js) for i, js in _runs(left, right, free_left, free_right)]
    joins += [(js, [i]) for i, js in _runs(right, left, free_right, free_left)]
    for ones, others in joins:
        free_left = [i for i in free_left if i not in ones]
        free_right = [j for j in free_right if j not in others]
    total_left, total_right = _totals(left, right, wl, wr, free_left, free_right)

    sheet, pieces = _Sheet(), []
    groups = [([p.left], [p.right], p.like, p.how) for p in pairs] + [(o, m, 0.97, "reading") for o, m in joins]
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
    likeness = _characters(x, y, both_han=both_han)
    state = _State(left, right, pairs, free_left, free_right, likeness)
    state.pairs = pairs + [_Pair(o[0], m[0], 0.97, "reading") for o, m in joins]
    (_list_rules if calibration == "list" else _register_rules)(sheet, state)
    same = not cross and x == y and _spelt(left) == _spelt(right)
    if same and sheet.total > 0.999:
        sheet.lift("rounding", "", 1.0)
    if not same:
        sheet.cap("not_identical", "", 0.99)
        sheet.add("spelling", "", -0.02 * (1 - fuzz.ratio(_spelt(left), _spelt(right)) / 100) * sheet.total)
    sheet.cap("limit", "", 1.0)
    return Comparison(
        names[0], names[1], max(0.0, sheet.total), calibration, tuple(pieces), tuple(sheet.rows),
        tuple(left[i].text for i in free_left), tuple(right[j].text for j in free_right),
    )  # fmt: skip


def _totals(
    left: tuple[Unit, ...], right: tuple[Unit, ...], wl: list[float], wr: list[float],
    free_left: list[int], free_right: list[int],
) -> tuple[float, float]:  # fmt: skip
    """What full agreement would be worth on each side.

    Across scripts an untranslated word is weak evidence against: the other side may just have put it
    otherwise.
    """
    cross = any(u.han for u in left) != any(u.han for u in right)

    def total(units: tuple[Unit, ...], weights: list[float], free: list[int]) -> float:
        missing = set(free)
        soft = {i for i in missing if cross and (units[i].kind == "term" or (units[i].kind == "word" and not units[i].syllables))}
        return sum(w * (0.5 if i in soft else 1.0) for i, w in enumerate(weights)) or 1.0

    return total(left, wl, free_left), total(right, wr, free_right)


def _characters(x: str, y: str, *, both_han: bool) -> float:
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


def _list_rules(sheet: _Sheet, state: _State) -> None:
    """Restricted lists: miss nothing that could be meant, but never on a place or a kind of body alone."""
    if state.likeness >= 0.8 and state.likeness * 0.97 > sheet.total:
        sheet.lift("characters", f"{state.likeness:.2f}", state.likeness * 0.97)
    brand = bool(state.matched("brand", "word") or state.likeness >= 0.86)
    body = state.matched("body")
    proper = any(state.left[p.left].concepts & _PROPER for p in body)
    public = _heads(state.left) | _heads(state.right)
    conflict = state.conflict
    part = any(u.concepts & _BRANCHES for u in (*state.left, *state.right))
    government = bool(public - {"company"}) and not state.matched("brand", "word")
    if conflict == "level":
        sheet.scale("place_level", "", 0.92)
    elif conflict == "inside":
        sheet.scale("place_inside", "", 0.92 if part or not government else 0.65)
    elif conflict == "apart":
        sheet.scale("place_conflict", "", 0.5 if government else 0.72)
    one, other = _heads(state.left), _heads(state.right)
    if one and other and not one & other:
        sheet.cap("body_conflict", "", 0.5)
    elif government and bool(one) != bool(other):
        sheet.cap("body_missing", "", 0.55)
    if not brand and not (body and state.matched("place", least=0.5)) and not proper:
        sheet.cap("no_distinctive_part", "", 0.55)


def _register_rules(sheet: _Sheet, state: _State) -> None:
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
    if any(u.concepts & _BRANCHES for u in state.free("form", "body")):
        sheet.cap("branch", "", 0.8)
    elif state.free("body"):
        sheet.cap("body_missing", "", 0.8)
