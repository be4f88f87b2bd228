"""What the kinds of uploads share: words for places and countries, and how a place is read out of a cell."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from certifications.matching import Place, place_of, places_named, province_of
from certifications.parties.countries import COUNTRIES
from certifications.parties.rules_register import within
from certifications.uploads.kinds import Fix, Unfit
from certifications.uploads.rules import LANGUAGES
from certifications.uploads.values import choice, code, folded

MOST = 5
# How people write countries beside their names.
OTHER_NAMES = {
    "CN": ("CHN", "PRC", "P.R. China", "P.R.C.", "People's Republic of China", "中华人民共和国", "中国大陆", "大陆", "中國", "Mainland China"),
    "HK": ("HKG", "Hong Kong SAR", "Hongkong", "中国香港", "香港特别行政区"),
    "MO": ("MAC", "Macau", "Macao SAR", "中国澳门", "澳门特别行政区"),
    "TW": ("TWN", "中国台湾", "台灣", "Taiwan, China"),
    "SG": ("SGP",), "MY": ("MYS",), "TH": ("THA",), "VN": ("VNM", "Vietnam"), "KR": ("KOR", "South Korea", "Republic of Korea"),
    "JP": ("JPN",), "IN": ("IND",), "KZ": ("KAZ",), "AE": ("ARE", "UAE"), "DE": ("DEU",), "FR": ("FRA",), "CH": ("CHE",),
    "GB": ("GBR", "UK", "Great Britain", "England"), "US": ("USA", "United States of America"),
}  # fmt: skip


def in_every_language(word: Any) -> list[str]:
    """A lazy word in each language of the portal."""
    found = []
    for language in LANGUAGES:
        with override(language):
            found.append(str(word))
    return found


def _countries() -> Iterator[tuple[str, list[str]]]:
    for country, name in COUNTRIES.items():
        yield country, [*in_every_language(name), *OTHER_NAMES.get(country, ())]


country = choice(_countries(), lambda: _("No country of the portal has this name. Write its code, such as CN."))


def country_choices() -> list[tuple[str, Any]]:
    """Countries to choose from for all rows."""
    return list(COUNTRIES.items())


def place_words(place: Place) -> str:
    """A division by name in the page's language, with its province and its code: a person tells two of one name apart by it."""
    chinese = (get_language() or "").startswith("zh")
    above = province_of(place.code)
    if above is None or above == place:
        named = place.name if chinese else place.latin
    else:
        named = f"{above.name}{place.name}" if chinese else f"{place.latin}, {above.latin}"
    return f"{place.code} {named}"


def division(text: str) -> str:
    """Six digits, from a code or a name; a name that means several is asked back. Raises Unfit."""
    typed = "".join(unicodedata.normalize("NFKC", text).split())
    if typed.isascii() and typed.isdecimal():
        return typed
    found = places_named(text) or places_named(folded(text).split(",")[0])
    if len(found) == 1:
        return found[0].code
    if not found and (inside := division_in(text)):
        return inside
    if not found:
        raise Unfit("no_division", _("No division has this name. Enter its six-digit code, or a name such as 宁波 or Ningbo."))
    fixes = [Fix(place_words(place), place.code) for place in found[:MOST]]
    raise Unfit("divisions", _("Several divisions have this name. Choose one, or enter its six-digit code."), fixes)


_ENDS = "省市区县州盟旗"


def division_in(address: str) -> str:
    """The narrowest division that a Chinese address names in full from its beginning: 浙江省宁波市江北区… is 330205. "" for none."""
    rest, found = re.sub(r"\s", "", unicodedata.normalize("NFKC", address)).removeprefix("中国"), ""
    while rest:
        for length in range(min(12, len(rest)), 1, -1):
            if rest[length - 1] not in _ENDS:
                continue
            named = [place for place in places_named(rest[:length]) if not found or within(place.code, found)]
            if len(named) == 1 and named[0].code != found:
                found, rest = named[0].code, rest[length:]
                break
        else:
            break
    return found


@lru_cache(maxsize=4096)
def division_of(province: str, city: str) -> str:
    """The division that a province and a city name, as far as they do; "" where they do not say it surely."""
    inside = places_named(province)
    above = inside[0].code[:2] if len(inside) == 1 else ""
    found = [place for place in places_named(city) if not above or place.code.startswith(above)] if city else []
    if len(found) == 1:
        return found[0].code
    return inside[0].code if len(inside) == 1 else ""


def division_fixes(address: str, uscc: str = "") -> tuple[Fix, ...]:
    """What an address or a registration number says about a missing division; never taken without a person."""
    wanted = [division_in(address)]
    if not wanted[0] and re.fullmatch(r"[0-9A-Z]{2}\d{6}[0-9A-Z]{10}", code(uscc).upper() if uscc else ""):
        wanted.append(code(uscc)[2:8])
    return tuple(Fix(place_words(place), place.code) for one in wanted if one and (place := place_of(one)) is not None)
