"""The index over a list or the register: proposes candidates by shared features, then scores them.

Knows names and weights by rarity. Must not know which list it holds or what a score leads to.
"""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from certifications.matching.features import features
from certifications.matching.score import basic_weight, score
from certifications.matching.segment import Unit, units_of, words_of
from certifications.matching.types import Calibration, Candidate, Comparison, Entry

PROPOSED = 60  # persons
# Names in the query's own script share so many features that they would push out all others.
PROPOSED_OWN, PROPOSED_OTHER = 40, 40
_VISITS = 25_000  # postings looked at per query; bounds the time whatever the name holds
_RARITY_FROM = 1_000  # names; below this a list is too small to tell rare from common
_FEATURE_WEIGHTS = {"c": 1.0, "w": 1.0, "h": 0.6, "p": 0.8, "g": 0.35, "s": 0.3, "k": 0.5, "x": 0.7, "y": 0.15}


@dataclass(slots=True)
class Index:
    """Names of entries, ready to be searched. Built by `build_index`; read-only afterwards."""

    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    persons: bytearray = field(default_factory=bytearray)
    han: bytearray = field(default_factory=bytearray)
    units: list[tuple[Unit, ...]] = field(default_factory=list)
    postings: "dict[str, array[int]]" = field(default_factory=dict)
    rarity: dict[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.names)

    def weight(self, unit: Unit) -> float:
        """What a unit is worth here: rare words say more than common ones."""
        basic = basic_weight(unit)
        if len(self.names) < _RARITY_FROM:
            return basic
        return basic * (0.35 + 0.65 * self.rarity.get(_key(unit), 1.0))


def _key(unit: Unit) -> str:
    if unit.concepts:
        return f"c:{unit.kind}:{min(unit.concepts)}"
    return "w:" + ("".join(unit.syllables) if unit.han else unit.text)


def build_index(entries: Iterable[Entry]) -> Index:
    """An index over all names of all entries. Empty names are left out; order decides nothing."""
    index = Index()
    postings: defaultdict[str, array[int]] = defaultdict(lambda: array("i"))
    counts: Counter[str] = Counter()
    for entry in entries:
        person = entry.schema == "Person"
        for name in entry.names:
            units = words_of(name) if person else units_of(name)
            if not units:
                continue
            number = len(index.names)
            index.ids.append(entry.id)
            index.names.append(name)
            index.units.append(units)
            index.persons.append(person)
            index.han.append(any(unit.han for unit in units))
            for feature in features(units):
                postings[feature].append(number)
            counts.update({_key(unit) for unit in units})
    most = math.log(len(index.names) + 2)
    index.postings = dict(postings)
    index.rarity = {key: math.log((len(index.names) + 1) / (n + 0.5)) / most for key, n in counts.items()}
    return index


def _proposals(index: Index, units: tuple[Unit, ...], *, persons: bool | None) -> list[int]:
    """The numbers of the stored names that share most, weighted by how rare what they share is."""
    held = [(len(index.postings[f]), f) for f in features(units) if f in index.postings]
    held.sort()
    size = len(index.names) + 1
    points: dict[int, float] = defaultdict(float)
    visits = 0
    for count, feature in held:
        visits += count
        if visits > _VISITS and points:
            break
        worth = math.log(size / (count + 0.5) + 1) * _FEATURE_WEIGHTS[feature[0]]
        for number in index.postings[feature]:
            points[number] += worth
    if persons is not None:
        points = {n: p for n, p in points.items() if bool(index.persons[n]) is persons}
    best = [number for number, _ in sorted(points.items(), key=lambda item: (-item[1], item[0]))]
    if persons:
        return best[:PROPOSED]
    han = any(unit.han for unit in units)
    own = [number for number in best if bool(index.han[number]) is han]
    other = [number for number in best if bool(index.han[number]) is not han]
    return own[:PROPOSED_OWN] + other[:PROPOSED_OTHER]


def match(name: str, index: Index, top: int = 5, *, schema: str = "") -> list[Candidate]:
    """The entries that `name` may stand for, best first, at most `top`, one candidate per entry.

    `schema` "Person" looks among persons only, any other schema among the rest, "" everywhere.
    Never raises for any string; [] where nothing is alike.
    """
    wanted = None if not schema else schema == "Person"
    units, words = units_of(name), words_of(name)
    numbers: list[int] = []
    if wanted is not True:
        numbers += _proposals(index, units, persons=wanted)
    if wanted is not False:
        numbers += _proposals(index, words, persons=True)
    best: dict[str, Comparison] = {}
    for number in dict.fromkeys(numbers):
        ours = words if index.persons[number] else units
        found = score(ours, index.units[number], (name, index.names[number]), index.weight)
        held = best.get(index.ids[number])
        if found.score > 0 and (held is None or (found.score, found.right) > (held.score, held.right)):
            best[index.ids[number]] = found
    ranked = sorted(best.items(), key=lambda item: (-item[1].score, item[0]))
    return [Candidate(entry, c.right, c.score, c.pieces, c.rows, c.unmatched_left, c.unmatched_right) for entry, c in ranked[: max(0, top)]]


def compare(a: str, b: str, calibration: Calibration = "list") -> Comparison:
    """Two names side by side without an index; their order does not matter to the score."""
    return score(units_of(a), units_of(b), (a, b), calibration=calibration)
