"""What two names must share at least one of to be compared at all.

One letter and a colon say what kind a feature is; the index weighs the kinds. Must not know names, lists or scores.
"""

from functools import lru_cache
from itertools import combinations, pairwise

from certifications.matching import sounds
from certifications.matching.segment import Unit

_LOOSE = frozenset({"brand", "word", "term"})
# Classes that a brand's English spelling mixes up: king for jin, Chery for Qirui, Hua for Wah.
_COARSE = str.maketrans({"K": "C", "H": "F", "Y": "A", "N": ""})
_PERSONAL = str.maketrans({"K": "C", "S": "C", "H": "F", "Y": "", "A": "", "N": ""})


def features(units: tuple[Unit, ...]) -> set[str]:
    """What two names must share at least one of to be compared at all."""
    return set().union(joint_features(units), *map(own_features, units))


@lru_cache(maxsize=50_000)
def own_features(unit: Unit) -> tuple[str, ...]:
    """The features that a unit has whatever stands beside it; words recur from name to name."""
    kind, text, syllables, han = unit.kind, unit.text, unit.syllables, unit.han
    found = [f"c:{kind}:{concept}" for concept in unit.concepts]
    found += [f"c:term:{hint}" for hint in unit.hints]
    if han and kind != "form":
        found += [f"h:{a}{b}" for a, b in pairwise(text) if a != " " and b != " "]
    if kind in {"brand", "word"} and unit.strength != "person" and len(_skeleton(unit)) == 2:
        found.append("k:" + _skeleton(unit))
    if kind not in _LOOSE:
        return tuple(found)
    found += [f"p:{a} {b}" for a, b in pairwise(syllables)]
    latin = "".join(syllables) if han else text
    if not han:
        found.append("w:" + latin)
    if len(latin) >= 4 and (kind != "term" or not han):
        padded = f"^{latin}"
        found += [f"g:{padded[i : i + 3]}" for i in range(len(padded) - 2)]
    if len(syllables) == 1:
        found.append("s:" + syllables[0])
    return tuple(found)


@lru_cache(maxsize=50_000)
def _skeleton(unit: Unit) -> str:
    """The first two consonants of a trade name as they sound, in either script; fewer where it has no more."""
    if len(unit.text) < 2:
        return ""
    code = sounds.of_syllables(unit.syllables) if unit.han else sounds.of_letters(unit.text)
    return code[:1].translate(_COARSE) + code[1:].translate(_COARSE)[:1]


def joint_features(units: tuple[Unit, ...]) -> set[str]:
    """The features that units have beside one another."""
    found: set[str] = set()
    for one, other in pairwise(units):
        if one.han and other.han and one.kind != "form" != other.kind:
            found.add(f"h:{one.text[-1]}{other.text[0]}")
        if one.syllables and other.syllables and one.kind in _LOOSE and other.kind in _LOOSE:
            found.add(f"p:{one.syllables[-1]} {other.syllables[0]}")
    return found | (_named(units) if units and units[0].strength == "person" else _crossing(units))


def _crossing(units: tuple[Unit, ...]) -> set[str]:
    """Features that only help between scripts: the sound of the trade name with the place and the business beside it."""
    # In order: sets are laid out otherwise in every process, and a stored index must give each the same features.
    beside = [c for u in units if u.kind in {"place", "term"} and not u.implied for c in sorted(u.concepts)[:3]]
    heard = {s for u in units if u.kind in {"brand", "word"} for s in [_skeleton(u)] if len(s) == 2}
    places = [c for u in units if u.kind == "place" for c in sorted(u.concepts)]
    found = {f"x:{heard_here} {there}" for heard_here in heard for there in beside}
    if places:
        terms = [c for u in units if u.kind == "term" for c in sorted(u.concepts)] + [h for u in units for h in sorted(u.hints)]
        found.update([f"x:{place}|{term}" for place in places[:3] for term in terms[:12]])
    return found


def _named(units: tuple[Unit, ...]) -> set[str]:
    """The sound of a person's name, order of its words aside: 李嘉诚 and Lee Ka-shing."""
    codes = [sounds.of_syllables(u.syllables) if u.han else sounds.of_letters(u.text) for u in units[:6]]
    plain = [code.translate(_PERSONAL) for code in codes]
    heard = sorted({code[:2] for code in plain if code})
    found = {f"y:{a}&{b}" for a, b in combinations(heard, 2)}
    found.update(f"y:&{code[:3]}" for code in plain if len(code) > 2)
    found.update(f"y:&{code}" for code in heard if len(code) > 1)
    letters = "".join(sorted("".join(plain)))
    if 2 <= len(letters) <= 4:
        found.add(f"y:#{letters}")
    return found
