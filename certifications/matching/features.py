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
    found: set[str] = set()
    han = "".join(u.text if u.han and u.kind != "form" else " " for u in units)
    found.update(f"h:{han[i : i + 2]}" for i in range(len(han) - 1) if " " not in han[i : i + 2])
    spoken: list[str] = []
    for unit in units:
        found.update(_own(unit.kind, unit.text, unit.concepts, unit.hints, unit.syllables, han=unit.han))
        if unit.kind in _LOOSE:
            spoken.extend(unit.syllables or ("",))
        else:
            spoken.append("")
    found.update(f"p:{a} {b}" for a, b in pairwise(spoken) if a and b)
    found.update(_crossing(units))
    return found


@lru_cache(maxsize=50_000)
def _own(
    kind: str, text: str, concepts: frozenset[str], hints: frozenset[str], syllables: tuple[str, ...], *, han: bool
) -> tuple[str, ...]:
    """The features that a unit has whatever stands beside it; words recur from name to name."""
    found = [f"c:{kind}:{concept}" for concept in concepts]
    found += [f"c:term:{hint}" for hint in hints]
    if kind not in _LOOSE:
        return tuple(found)
    latin = "".join(syllables) if han else text
    if not han:
        found.append("w:" + latin)
    if len(latin) >= 4 and (kind != "term" or not han):
        padded = f"^{latin}"
        found += [f"g:{padded[i : i + 3]}" for i in range(len(padded) - 2)]
    if len(syllables) == 1:
        found.append("s:" + syllables[0])
    return tuple(found)


def _skeleton(unit: Unit) -> str:
    """The first two consonants of a trade name as they sound, in either script; "" where it has none."""
    code = sounds.of_syllables(unit.syllables) if unit.han else sounds.of_letters(unit.text)
    return code[:1].translate(_COARSE) + code[1:].translate(_COARSE)[:1]


def _crossing(units: tuple[Unit, ...]) -> set[str]:
    """Features that only help between scripts: the sound of the trade name with the place and the business beside it."""
    if units and units[0].strength == "person":
        return _named(units)
    beside = [f"{c}" for u in units if u.kind in {"place", "term"} and not u.implied for c in sorted(u.concepts)[:3]]
    heard = {s for u in units if u.kind in {"brand", "word"} and len(u.text) > 1 for s in [_skeleton(u)] if len(s) == 2}
    found = {f"x:{heard_here} {there}" for heard_here in heard for there in beside}
    # In order: sets are laid out otherwise in every process, and a stored index must give each the same features.
    places = [c for u in units if u.kind == "place" for c in sorted(u.concepts)]
    terms = [c for u in units if u.kind == "term" for c in sorted(u.concepts)] + [h for u in units for h in sorted(u.hints)]
    found.update(f"x:{place}|{term}" for place in places[:3] for term in terms[:12])
    found.update(f"k:{s}" for s in heard)
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
