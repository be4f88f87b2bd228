"""What GS1's identifiers say: EPC URIs (TDS 2.0) and Digital Links (GS1 Digital Link: URI Syntax 1.4) to numbers, lots and serial numbers.

Pure; knows no catalogue. What is not understood comes back as None and is never guessed.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

GTIN_DIGITS: Final = (8, 12, 13, 14)
_ITEM = re.compile(r"^urn:epc:(?:id:sgtin|idpat:sgtin|class:lgtin):(\d{6,12})\.(\d{1,7})(?:\.(.+))?$")
_PLACE = re.compile(r"^urn:epc:id:(?:sgln|pgln):(\d{6,12})\.(\d{0,6})(?:\.(.*))?$")
_SSCC = re.compile(r"^urn:epc:id:sscc:(\d{6,12})\.(\d{5,11})$")
_LINK = re.compile(r"/(01|00|414|417)/(\d{13,18})((?:/(?:10|21|22|235|254)/[^/]+)*)/?$")
_CBV = re.compile(r"^(?:urn:epcglobal:cbv:[a-z]+:|https?://(?:ref|ns)\.gs1\.org/(?:cbv|voc)/(?:[A-Za-z]+-)?)")


@dataclass(frozen=True)
class Item:
    """A trade item: its GTIN in 14 digits, and the lot or the serial number where the identifier has one."""

    gtin: str
    lot: str = ""
    serial: str = ""


def check_digit(digits: str) -> str:
    """The last digit that belongs behind these (GS1 General Specifications, section 7.9)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def fits(number: str) -> bool:
    """Whether a GTIN or GLN ends in its check digit."""
    return number.isascii() and number.isdecimal() and len(number) > 1 and check_digit(number[:-1]) == number[-1]


def item_of(uri: str) -> Item | None:
    """The trade item of an SGTIN, an LGTIN, a pattern or a Digital Link; None for anything else."""
    found = _ITEM.match(uri)
    if found:
        prefix, reference, rest = found.groups()
        digits = f"{reference[0]}{prefix}{reference[1:]}"
        if len(digits) != 13:  # noqa: PLR2004 - a GTIN without its check digit
            return None
        rest = "" if rest == "*" else unquote(rest or "")
        is_lot = ":class:lgtin:" in uri
        return Item(digits + check_digit(digits), lot=rest if is_lot else "", serial="" if is_lot else rest)
    linked = _linked(uri)
    if linked and linked[0] == "01" and len(linked[1]) == 14 and fits(linked[1]):  # noqa: PLR2004
        return Item(linked[1], lot=linked[2].get("10", ""), serial=linked[2].get("21", ""))
    return None


def place_of(uri: str) -> str | None:
    """The GLN, in 13 digits, of an SGLN, a PGLN or a Digital Link; None for anything else."""
    found = _PLACE.match(uri)
    if found:
        digits = f"{found[1]}{found[2]}"
        return digits + check_digit(digits) if len(digits) == 12 else None  # noqa: PLR2004 - a GLN without its check digit
    linked = _linked(uri)
    good = linked and linked[0] in {"414", "417"} and len(linked[1]) == 13 and fits(linked[1])  # noqa: PLR2004
    return linked[1] if linked and good else None


def package_of(uri: str) -> str | None:
    """The SSCC, in 18 digits, of a logistic unit; None for anything else."""
    found = _SSCC.match(uri)
    if found:
        digits = f"{found[2][0]}{found[1]}{found[2][1:]}"
        return digits + check_digit(digits) if len(digits) == 17 else None  # noqa: PLR2004 - an SSCC without its check digit
    linked = _linked(uri)
    good = linked and linked[0] == "00" and len(linked[1]) == 18 and fits(linked[1])  # noqa: PLR2004
    return linked[1] if linked and good else None


def _linked(uri: str) -> tuple[str, str, dict[str, str]] | None:
    """(key, number, further keys) of a Digital Link."""
    if not uri.startswith(("https://", "http://")):
        return None
    try:
        found = _LINK.search(urlsplit(uri).path)
    except ValueError:
        return None
    if not found:
        return None
    parts = found[3].strip("/").split("/") if found[3] else []
    return found[1], found[2], {key: unquote(value) for key, value in zip(parts[::2], parts[1::2], strict=True)}


def step_of(text: str) -> str:
    """A business step or another word of the Core Business Vocabulary without its address: "shipping"; as it stands where it has none."""
    return _CBV.sub("", text)


def gtin14(digits: str) -> str | None:
    """A GTIN of 8, 12, 13 or 14 digits as 14; None for anything else or a wrong check digit."""
    return digits.zfill(14) if len(digits) in GTIN_DIGITS and fits(digits) else None
