"""Says what kind of body a name speaks of and which GB/T 2260 divisions it names, and by which characters.

The traps of the field stay negative: 公安县 is a county, 消防 a fire brigade, 西藏路 a street. Must not
know what follows from a class: that is a flag rule's business.
"""

import re

from certifications.matching.lexicon import lexicon
from certifications.matching.segment import Unit, placed_units
from certifications.matching.text import fold
from certifications.matching.types import Classification, Reason

CLASSES = (
    "police", "state_security", "prison", "armed_police", "xpcc", "political_legal", "forensic_institute",
    "police_academy", "procuratorate", "court", "justice", "fire_service", "disease_control", "hospital",
    "university", "government", "company",
)  # fmt: skip
XINJIANG = "650000"
CORPS = "division"  # the strength of a division of the Corps, 第八师

# A company that sells fire extinguishers is no fire brigade and one that equips courts no court; what
# a company can be itself stays: a hospital, a private forensic institute, a firm of the Corps.
_COMPANY_MAY_BE = frozenset({"company", "xpcc", "forensic_institute", "hospital"})
_LEGAL_FORMS_ABROAD = frozenset({"corp"})
# (what the name ends in, what it then is no longer): 公安局消防支队 is a fire brigade, 消防救援学院 a college.
_HEAD_OVER_OWNER = (("hospital", "university"), ("school", "university"), ("fire_service", "police"), ("university", "fire_service"))
# Words that only point to police are outweighed by any institution of another kind.
_NOT_A_FIELD = frozenset({"school", "institute"})
_NOT_AN_ORGAN = re.compile(
    "出版社|报社|杂志社|协会|学会|联合会|文联|基金会|商会|博物馆|宾馆|酒店|饭店|招待所|press$|museum|association|hotel"
)


def _level(code: str) -> int:
    return 0 if code.endswith("0000") else 1 if code.endswith("00") else 2


def _division(unit: Unit) -> str:
    """The one division a place unit means, or "" where it may be several: the highest level wins."""
    highest = min(map(_level, unit.concepts))
    codes = [code for code in unit.concepts if _level(code) == highest]
    if len(codes) > 1 and len({code[:4] for code in codes}) == 1:
        # Of the city and the county called 伊宁 the city is meant where the rank is left out.
        codes = [code for code in codes if division_name(code).endswith("市")]
    return codes[0] if len(codes) == 1 else ""


def _divisions(units: tuple[Unit, ...]) -> list[tuple[str, Unit]]:
    found: list[tuple[str, Unit]] = []
    named = {c for u in units if u.kind == "place" and u.strength != CORPS for c in u.concepts if not c.endswith("0000")}
    for unit in units:
        if unit.strength == CORPS and any(code.startswith("65") for code in named):
            continue  # 第二师焉耆医院 stands in 焉耆; the seat of the 2nd division is elsewhere
        code = _division(unit) if unit.kind == "place" and not unit.implied else ""
        if code and code not in {c for c, _ in found}:
            found.append((code, unit))
    if not any(code.startswith("65") for code, _ in found):
        found += [(XINJIANG, u) for u in units if u.kind == "body" and "xpcc" in u.concepts][:1]
    return found


def _classes(units: tuple[Unit, ...], codes: list[str], plain: str) -> dict[str, list[Unit]]:
    """Class to the units that gave it."""
    found: dict[str, list[Unit]] = {}
    weak: dict[str, list[Unit]] = {}
    army = any("military" in u.concepts for u in units)
    for unit in units:
        if "school" in unit.concepts:
            found.setdefault("school", []).append(unit)
        elif unit.kind == "form":
            (weak if unit.concepts <= _LEGAL_FORMS_ABROAD and not unit.han else found).setdefault("company", []).append(unit)
        elif unit.strength == CORPS:
            if not army:
                found.setdefault("xpcc", []).append(unit)
        elif unit.strength == "strong" or (unit.strength == "xinjiang" and any(c.startswith("65") for c in codes)):
            for name in unit.classes:
                found.setdefault(name, []).append(unit)
        elif unit.strength == "weak":
            for name in unit.classes:
                weak.setdefault(name, []).append(unit)
    if not found.keys() - {"xpcc", "school"}:
        police_word = "police" in weak and not any(u.concepts & _NOT_A_FIELD for u in units) and not _NOT_AN_ORGAN.search(plain)
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
    # 新疆医科大学第一附属医院 is a hospital and 新疆大学附属中学 a school; 中国医科大学 is a university.
    for head, owner in _HEAD_OVER_OWNER:
        if head in found and owner in found and (not found[head][-1].han or found[head][-1].start > found[owner][-1].start):
            found.pop(owner)
    found.pop("school", None)
    return found


def classify(name: str) -> Classification:
    """Classes (see CLASSES), the most specific GB/T 2260 codes the name itself gives, and the reasons.

    Never raises for any string; empty where the name says nothing.
    """
    text = fold(name)
    units = placed_units(name)
    divisions = _divisions(units)
    found = _classes(units, [code for code, _ in divisions], text.plain)
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
