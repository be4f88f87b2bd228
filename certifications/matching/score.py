"""Lays two names beside each other and scores their likeness, every point accounted for.

`score` is a pure function of units and weights. Must not know lists, indexes or who asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from certifications.matching import persons
from certifications.matching.account import Account, Sheet, Weights
from certifications.matching.calibrations import BRANCHES, Pair, State, list_rules, register_rules
from certifications.matching.crossing_rules import SPELT_OUT, USUAL_TERM, crossed
from certifications.matching.likeness import LEAST_PART, characters_alike, likeness_of
from certifications.matching.segment import Unit
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
LEAST_CHARACTERS = 0.79  # no rule takes notice of written characters less alike than 0.8


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
                like = 0.97 if spelt == wanted else max(LEAST_PART, len(spelt) / len(wanted))
                found.append((i, taken, like))
                free -= set(taken)
                break
    return found


def _core(units: tuple[Unit, ...]) -> str:
    return " ".join([u.text for u in units if u.kind != "form"])


def _spelt(units: tuple[Unit, ...]) -> str:
    return " ".join(["".join(u.syllables) if u.han else u.text for u in units])


def _voiced(units: tuple[Unit, ...]) -> str:
    return " ".join(["".join(u.syllables) or u.text for u in units if u.kind != "form"])


def _han(units: tuple[Unit, ...]) -> bool:
    return any(u.han for u in units)


def is_public(units: tuple[Unit, ...]) -> bool:
    """True where the name speaks of a public body: those are compared by place and body, whatever the script."""
    return any(u.kind == "body" and u.strength in {"strong", "xinjiang"} and "company" not in u.classes for u in units)


def _crossed(
    left: tuple[Unit, ...], right: tuple[Unit, ...], names: tuple[str, str], weights: tuple[Weights, Weights], most_alike: float
) -> Account:
    """A person's or a company's names in two scripts, the Chinese one first."""
    if left[0].strength == "person":
        return persons.crossed(left, right, names)
    likeness = 0.0
    if most_alike >= SPELT_OUT:
        likeness = characters_alike(_voiced(left), _voiced(right), both_han=False, least=SPELT_OUT)
    return crossed(left, right, names, weights=weights, likeness=likeness)


def rarity_of(unit: Unit, weight: float) -> float:
    """How rare a unit is, 0 to 1, read back from its weight."""
    basic = basic_weight(unit)
    share = weight / basic if basic else 1.0
    if share >= 1.0:
        return USUAL_TERM if unit.kind == "term" else 1.0
    return max(0.0, (share - 0.35) / 0.65)


def score(
    left: tuple[Unit, ...], right: tuple[Unit, ...], names: tuple[str, str],
    weigh: Weigh = basic_weight, calibration: Calibration = "list",
) -> Comparison:  # fmt: skip
    """Compares two names given as units. score in 0..1; the points of `rows` add up to it.

    The order of the two never matters: they are laid out in one canonical order and turned back.
    """
    plain = [[weigh(u) for u in side] for side in (left, right)]
    one, other = (
        Weights(laid_out_weights(side, held), held, list(map(rarity_of, side, held)))
        for side, held in zip((left, right), plain, strict=True)
    )
    return account(left, right, names, (one, other), calibration).comparison()


def account(
    left: tuple[Unit, ...], right: tuple[Unit, ...], names: tuple[str, str], weights: tuple[Weights, Weights],
    calibration: Calibration = "list", *, alike: Sequence[tuple[int, int]] | None = None, most_alike: float = 1.0,
) -> Account:  # fmt: skip
    """What `score` gives, for one who asks for the score of many names and for the rest of few.

    An index that knows them passes `alike`, the places of all pairs of units that are alike at all, and `most_alike`, the
    most that the written characters can be; both save time and change nothing.
    """
    if not left or not right:
        rest = tuple([u.text for u in left]), tuple([u.text for u in right])
        return Account(0.0, lambda: Comparison(names[0], names[1], 0.0, calibration, (), (), *rest))
    han = _han(left), _han(right)
    if calibration == "list" and han[0] != han[1] and not is_public(left) and not is_public(right):
        if han[0]:
            return _crossed(left, right, names, weights, most_alike)
        return _turned(_crossed(right, left, (names[1], names[0]), (weights[1], weights[0]), most_alike), names)
    spelt = _spelt(left), _spelt(right)
    if spelt[0] > spelt[1] or (spelt[0] == spelt[1] and (_core(left), names[0]) > (_core(right), names[1])):
        turned = None if alike is None else [(j, i) for i, j in alike]
        work = _Work(right, left, (weights[1].here, weights[0].here), (spelt[1], spelt[0]), calibration)
        return _turned(work.account((names[1], names[0]), turned, most_alike), names)
    return _Work(left, right, (weights[0].here, weights[1].here), spelt, calibration).account(names, alike, most_alike)


def _turned(found: Account, names: tuple[str, str]) -> Account:
    def comparison() -> Comparison:
        back = found.comparison()
        pieces = tuple([Piece(p.right, p.left, p.kind, p.weight, p.score, p.how) for p in back.pieces])
        return Comparison(*names, back.score, back.calibration, pieces, back.rows, back.unmatched_right, back.unmatched_left)

    return Account(found.score, comparison)


@dataclass(slots=True)
class _Work:
    """Two names in their canonical order, whatever their scripts: the units of each, their worth, and how they are spelt."""

    left: tuple[Unit, ...]
    right: tuple[Unit, ...]
    worth: tuple[list[float], list[float]]
    spelt: tuple[str, str]
    calibration: Calibration

    def account(self, names: tuple[str, str], alike: Sequence[tuple[int, int]] | None, most_alike: float) -> Account:
        left, right, (wl, wr) = self.left, self.right, self.worth
        pairs = _pairs(left, right, wl, wr, alike)
        used_left, used_right = {p.left for p in pairs}, {p.right for p in pairs}
        free_left = [i for i in range(len(left)) if i not in used_left]
        free_right = [j for j in range(len(right)) if j not in used_right]
        joins = [([i], js, like) for i, js, like in _runs(left, right, free_left, free_right)]
        joins += [(js, [i], like) for i, js, like in _runs(right, left, free_right, free_left)]
        for ones, others, _ in joins:
            free_left = [i for i in free_left if i not in ones]
            free_right = [j for j in free_right if j not in others]
        total_left, total_right = _totals(left, right, weights=(wl, wr), free=(free_left, free_right))

        sheet = Sheet()
        groups = [([p.left], [p.right], p.like, p.how) for p in pairs] + [(o, m, like, "reading") for o, m, like in joins]
        groups.sort()
        shares = [(sum([wl[i] for i in o]) / total_left + sum([wr[j] for j in m]) / total_right) / 2 for o, m, _, _ in groups]
        for group, share in zip(groups, shares, strict=True):
            sheet.add("piece", group, share * group[2])
        state = State(left, right, pairs, free_left, free_right, self._characters(free_left, free_right, most_alike))
        state.pairs = pairs + [Pair(o[0], m[0], like, "reading") for o, m, like in joins]
        (list_rules if self.calibration == "list" else register_rules)(sheet, state)
        self._rounded_off(sheet)

        def said(group: tuple[list[int], list[int], float, str]) -> tuple[str, str]:
            return " ".join([left[i].text for i in group[0]]), " ".join([right[j].text for j in group[1]])

        def comparison() -> Comparison:
            pieces = [
                Piece(*said(group), left[group[0][0]].kind, round(share, 4), round(group[2], 4), group[3])
                for group, share in zip(groups, shares, strict=True)
            ]
            return Comparison(
                *names, max(0.0, sheet.total), self.calibration, tuple(pieces), sheet.rows(lambda g: " = ".join(dict.fromkeys(said(g)))),
                tuple([left[i].text for i in free_left]), tuple([right[j].text for j in free_right]),
            )  # fmt: skip

        return Account(max(0.0, sheet.total), comparison)

    def _characters(self, free_left: list[int], free_right: list[int], most_alike: float) -> float:
        """How alike the written characters are, where it is enough for a rule to take notice."""
        if most_alike < LEAST_CHARACTERS:
            return 0.0
        left, right = self.left, self.right
        han = _han(left), _han(right)
        if han[0] != han[1]:
            return characters_alike(_voiced(left), _voiced(right), both_han=False, least=LEAST_CHARACTERS)
        likeness = characters_alike(_core(left), _core(right), both_han=han[0], least=LEAST_CHARACTERS)
        if not han[0]:
            whole = characters_alike(
                " ".join([u.text for u in left]), " ".join([u.text for u in right]), both_han=False, least=LEAST_CHARACTERS
            )
            likeness = max(likeness, whole)
            if likeness and not _rest_alike([left[i] for i in free_left], [right[j] for j in free_right]):
                return 0.0
        return likeness

    def _rounded_off(self, sheet: Sheet) -> None:
        """Only a name and itself score 1; equal scores of others are told apart by their spelling."""
        x, y = self.spelt
        same = x == y and _han(self.left) == _han(self.right) and _core(self.left) == _core(self.right)
        if same and sheet.total > 0.999:
            sheet.lift("rounding", "", 1.0)
        if not same:
            sheet.cap("not_identical", "", 0.99)
            sheet.add("spelling", "", -0.02 * (1 - fuzz.ratio(x, y) / 100) * sheet.total)
        sheet.cap("limit", "", 1.0)


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


def _rest_alike(left: list[Unit], right: list[Unit]) -> bool:
    """Whether what found no partner is at most misspelt.

    Weihua New Material and Taihua New Material share most letters, only not the ones that count.
    """
    a, b = ("".join(u.text for u in side) for side in (left, right))
    # Names of people carry no words that all of them share.
    least = 0.6 if all(u.kind == "word" for u in (*left, *right)) else 0.7
    return not a or not b or Levenshtein.normalized_similarity(a, b) >= least
