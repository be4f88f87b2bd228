"""Divisions of China by name: what a code is called in either language, and which codes a typed name may mean."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from certifications.matching.lexicon import han_names, stem_of
from certifications.matching.readings import reading
from certifications.matching.tables import rows, values


@dataclass(frozen=True)
class Place:
    """One division: GB/T 2260 code, official name, name in Latin letters."""

    code: str
    name: str
    latin: str


def _key(text: str) -> str:
    return re.sub(r"[\s'’·-]", "", unicodedata.normalize("NFKC", text)).casefold()


@cache
def _tables() -> tuple[dict[str, Place], dict[str, tuple[str, ...]]]:
    places: dict[str, Place] = {}
    found: dict[str, list[str]] = {}
    for row in rows("divisions"):
        code, name = row["code"], row["name"]
        stem, spoken, ending = stem_of(name)
        known = values(row["romanisations"])
        plain = "".join(reading(stem)).capitalize()
        places[code] = Place(code, name, known[0] if known else plain)
        latin = {*known, *([] if code.endswith("0000") and known else [plain])}
        names = {
            *han_names(name, stem, ending, bare=True),
            *values(row["short_names"]),
            *latin,
            *(f"{one} {spoken}" for one in latin if spoken),
        }
        for text in names:
            found.setdefault(_key(text), []).append(code)
    return places, {text: tuple(dict.fromkeys(codes)) for text, codes in found.items()}


def place_of(code: str) -> Place | None:
    """The division with this code or prefix of a code; None where the table lacks it."""
    return _tables()[0].get(code.ljust(6, "0"))


def province_of(code: str) -> Place | None:
    """The province that the division lies in."""
    return place_of(code[:2])


def places_named(text: str) -> list[Place]:
    """Every division that the text may mean, the larger first: a code anywhere in it, or a name in either script."""
    typed = unicodedata.normalize("NFKC", text)
    places, found = _tables()
    code = re.search(r"(?<!\d)\d{6}(?!\d)", typed)
    codes = (code[0],) if code else found.get(_key(typed), ())
    return sorted((places[c] for c in codes if c in places), key=lambda p: (not p.code.endswith("0000"), not p.code.endswith("00"), p.code))


def prefectures() -> list[Place]:
    """Provinces and prefectures, to choose from."""
    return [place for code, place in _tables()[0].items() if code.endswith("00")]
