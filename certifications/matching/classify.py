"""Says what kind of body a name speaks of and which GB/T 2260 divisions it names, and by which characters.

The traps of the field stay negative: 公安县 is a county, 消防 a fire brigade, 西藏路 a street. Must not
know what follows from a class: that is a flag rule's business.
"""

from certifications.matching.lexicon import lexicon
from certifications.matching.segment import Unit, units_of
from certifications.matching.text import fold
from certifications.matching.types import Classification, Reason

CLASSES = (
    "police", "state_security", "prison", "armed_police", "xpcc", "political_legal", "forensic_institute",
    "police_academy", "procuratorate", "court", "justice", "fire_service", "disease_control", "hospital",
    "university", "government", "company",
)  # fmt: skip
XINJIANG = "650000"

# A company that sells fire extinguishers is no fire brigade and one that equips courts no court; what
# a company can be itself stays: a hospital, a private forensic institute, a firm of the Corps.
_COMPANY_MAY_BE = frozenset({"company", "xpcc", "forensic_institute", "hospital"})
_LEGAL_FORMS_ABROAD = frozenset({"corp"})
# Words that only point to police are outweighed by any institution of another kind.
_NOT_A_FIELD = frozenset({"school", "institute"})


def _level(code: str) -> int:
    return 0 if code.endswith("0000") else 1 if code.endswith("00") else 2


def _division(unit: Unit) -> str:
    """The one division a place unit means, or "" where it may be several: the highest level wins."""
    highest = min(map(_level, unit.concepts))
    codes = [code for code in unit.concepts if _level(code) == highest]
    return codes[0] if len(codes) == 1 else ""


def _divisions(units: tuple[Unit, ...]) -> list[tuple[str, Unit]]:
    found: list[tuple[str, Unit]] = []
    for unit in units:
        code = _division(unit) if unit.kind == "place" and not unit.implied else ""
        if code and code not in {c for c, _ in found}:
            found.append((code, unit))
    if not any(code.startswith("65") for code, _ in found):
        found += [(XINJIANG, u) for u in units if u.kind == "body" and "xpcc" in u.concepts][:1]
    return found


def _classes(units: tuple[Unit, ...], codes: list[str]) -> dict[str, list[Unit]]:
    """Class to the units that gave it."""
    found: dict[str, list[Unit]] = {}
    weak: dict[str, list[Unit]] = {}
    army = any("military" in u.concepts for u in units)
    for unit in units:
        if unit.kind == "form":
            (weak if unit.concepts <= _LEGAL_FORMS_ABROAD and not unit.han else found).setdefault("company", []).append(unit)
        elif unit.strength == "division":
            if not army:
                found.setdefault("xpcc", []).append(unit)
        elif unit.strength == "strong" or (unit.strength == "xinjiang" and any(c.startswith("65") for c in codes)):
            for name in unit.classes:
                found.setdefault(name, []).append(unit)
        elif unit.strength == "weak":
            for name in unit.classes:
                weak.setdefault(name, []).append(unit)
    if not found.keys() - {"xpcc"}:
        police_word = "police" in weak and not any(u.concepts & _NOT_A_FIELD for u in units)
        for name in ("company", "police", "government"):
            if name in weak and (name != "police" or police_word):
                found[name] = weak[name]
                break
    return _settled(found)


def _settled(found: dict[str, list[Unit]]) -> dict[str, list[Unit]]:
    """Drops what the head of the name overrules."""
    if "company" in found:
        found = {name: units for name, units in found.items() if name in _COMPANY_MAY_BE}
    if found.keys() - {"government", "xpcc"}:
        found.pop("government", None)
    if "hospital" in found and "university" in found:
        # 新疆医科大学第一附属医院 is a hospital; 中国医科大学 is a university.
        last = max(("hospital", "university"), key=lambda name: found[name][-1].start)
        if last == "hospital":
            found.pop("university")
    return found


def classify(name: str) -> Classification:
    """Classes (see CLASSES), the most specific GB/T 2260 codes the name itself gives, and the reasons.

    Never raises for any string; empty where the name says nothing.
    """
    text = fold(name)
    units = units_of(name)
    divisions = _divisions(units)
    found = _classes(units, [code for code, _ in divisions])
    classes = tuple(c for c in CLASSES if c in found)
    reasons = []
    for kind, value, unit in [
        *(("class", c, u) for c in classes for u in found[c]),
        *(("division", code, u) for code, u in divisions),
    ]:
        start, end = text.span(unit.start, unit.end)
        reasons.append(Reason(kind, value, name[start:end], start, end))
    return Classification(classes, tuple(code for code, _ in divisions), tuple(reasons))


def division_name(code: str) -> str:
    """The official Chinese name of a GB/T 2260 division, "" where the table lacks it."""
    return lexicon().place_names.get(code, "")
