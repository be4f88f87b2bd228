"""What a reader of structured packages hands over: many proposed lines, what was skipped and why, and what is wrong in form.

Pure data. Must not know Django, the database, or how a value was found.
"""

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from .types import REASONS, STAGES, Span, _

MAX_LINES: Final = 2000
MAX_FAULTS: Final = 200
MAX_FAULTS_OF_ONE: Final = 10
MAX_SKIPPED: Final = 300
MAX_DEPTH: Final = 60
MAX_BIDDERS: Final = 60
# Our own packages say with it, as details of an award's status, which kind of notice told of the award.
STAGE_MARK: Final = "x_stage_"

# Why something of the package is not proposed; each counted.
SKIPPED: Final[dict[str, str]] = {
    "not_ours": _("names none of the products"),
    "no_award": _("has no award"),
    "unsuccessful": _("its award failed"),
    "cancelled": _("its award was taken back"),
    "pending": _("not decided yet"),
    "linked": _("only a link, which is not followed"),
    "broken": _("could not be read"),
}

# What is wrong in form, and how to mend it. "%(name)s" and the like are the package's own words, cut short.
FAULTS: Final[dict[str, tuple[str, str]]] = {
    "required": (_("“%(name)s” is missing."), _("Have the publisher add it; the line is read without it.")),
    "type": (_("The value is not of the right type (%(name)s)."), _("Have the publisher write it as the standard says.")),
    "enum": (_("“%(name)s” is not on the standard's list."), _("Have the publisher use a code of the list.")),
    "format": (_("The value is not written as the standard asks (%(name)s)."), _("Have the publisher write it as the standard says.")),
    "empty": (_("A list or a text that must not be empty is empty."), _("Have the publisher fill it or leave the field out.")),
    "other": (_("The standard does not allow this (%(name)s)."), _("Have the publisher write it as the standard says.")),
    "no_reference": (_("An organisation is named without its id."), _("Compare the name with the source; nothing ties it to the parties.")),
    "unknown_party": (
        _("The organisation “%(name)s” is not among the parties."),
        _("Compare it with the source; its number and address are not in the package."),
    ),
    "no_identifier": (
        _("The organisation “%(name)s” has no registration number."),
        _("The register is asked by the name alone; look its number up where it matters."),
    ),
    "no_such_award": (
        _("The contract refers to the award “%(name)s”, which is not in the package."),
        _("Its supplier is taken from the parties if there is only one; compare it with the source."),
    ),
    "bad_number": (_("The number %(name)s cannot be kept."), _("Enter it by hand from the source.")),
    "bad_date": (_("“%(name)s” is no date."), _("Enter the date by hand from the source.")),
    "not_an_object": (_("Here should be an object with fields."), _("It is left out; have the publisher mend it.")),
    "not_checked": (_("From here on the form was not checked, because the package is too large."), _("Send it in smaller parts.")),
}

PACKAGE_NOTES: Final[dict[str, str]] = {
    "nothing": _("Nothing in it is proposed: no award in it names the products. A line can be added by hand."),
    "not_active": _("The package does not say that an award is in force; choose the kind of those lines."),
    "several_suppliers": _("Several suppliers share one award; assign the amount by hand."),
    "supplier_withheld": _("At least one award does not name its supplier."),
    "undisclosed": _("At least one award does not say what was bought; its trade may be one of ours."),
    "too_many": _("There are more lines than can be proposed at once; only the first are. Send the package in smaller parts."),
    "bidders_left_out": _("So many other bidders are named that some lines are proposed without them; the source names them all."),
    "old_version": _("The package is of version %(version)s of the standard; it was read as version 1.1."),
}


@dataclass(frozen=True)
class Line:
    """One proposed sale. `where` is the place in the package; amounts in `currency`; ids as "SCHEME number"; `spans` by field."""

    where: str
    stage: str = ""
    buyer: str = ""
    buyer_identifier: str = ""
    seller: str = ""
    seller_withheld: bool = False
    seller_identifier: str = ""
    seller_uscc: str = ""
    seller_address: str = ""
    project_no: str = ""
    product_text: str = ""
    product_undisclosed: bool = False
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    currency: str = ""
    region: str = ""
    happened_on: dt.date | None = None
    published_on: dt.date | None = None
    signed_on: dt.date | None = None
    other_bidders: tuple[str, ...] = ()
    agency: str = ""
    delivery_place: str = ""
    catalogue_no: str = ""
    lot: str = ""
    serial: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    spans: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """Something wrong in form: in which release (its number from 0, -1 for the package), at which path, which of FAULTS."""

    release: int
    ocid: str
    path: str
    code: str
    name: str = ""


@dataclass(frozen=True)
class Skipped:
    """Something that is not proposed, and which of SKIPPED says why."""

    where: str
    title: str
    buyer: str
    why: str


@dataclass(frozen=True)
class Package:
    """What a package says. `counts` is by SKIPPED code, of everything, where `skipped` is capped; so is `fault_count`."""

    reader: str
    title: str = ""
    releases: int = 0
    lines: tuple[Line, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    fault_count: int = 0
    notes: tuple[str, ...] = ()
    version: str = ""
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain data without the text; the places of fields are named "lines.3.seller"."""
        spans = {f"lines.{n}.{name}": dict(vars(span)) for n, line in enumerate(self.lines) for name, span in line.spans.items()}
        return {
            "package": True,
            "reader": self.reader,
            "title": self.title,
            "releases": self.releases,
            "version": self.version,
            "lines": [_plain(line) for line in self.lines],
            "skipped": [dict(vars(one)) for one in self.skipped],
            "counts": dict(self.counts),
            "faults": [dict(vars(one)) for one in self.faults],
            "fault_count": self.fault_count,
            "notes": [{"code": code, "message": PACKAGE_NOTES[code]} for code in self.notes],
            "fields": spans,
        }


def _plain(line: Line) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for one in fields(Line):
        value = getattr(line, one.name)
        if one.name == "spans":
            continue
        if isinstance(value, tuple):
            value = list(value)
        row[one.name] = str(value) if isinstance(value, Decimal) else value.isoformat() if isinstance(value, dt.date) else value
    return row | {"words": dict(line.words)}


def package_from_json(data: Any, text: Any) -> Package:
    """The inverse of as_json, for data from a process that is not trusted. ValueError, KeyError or TypeError where it does not fit."""
    if not isinstance(text, str) or not isinstance(data, dict):
        raise ValueError("package")  # noqa: TRY004 - one kind of error for every defect
    spans: dict[int, dict[str, Span]] = {}
    for name, row in dict(data["fields"]).items():
        _lines, number, place = name.split(".")
        spans.setdefault(int(number), {})[place] = _span(row, len(text))
    return Package(
        reader=_text(data["reader"], 60),
        title=_text(data["title"], 300),
        releases=int(data["releases"]),
        lines=tuple(_line(row, spans.get(n, {})) for n, row in enumerate(data["lines"][:MAX_LINES])),
        skipped=tuple(
            Skipped(_text(row["where"], 300), _text(row["title"], 300), _text(row["buyer"], 300), _one_of(row["why"], SKIPPED))
            for row in data["skipped"][:MAX_SKIPPED]
        ),
        counts={_one_of(why, SKIPPED): int(n) for why, n in dict(data["counts"]).items()},
        faults=tuple(
            Fault(
                int(row["release"]), _text(row["ocid"], 100), _text(row["path"], 300), _one_of(row["code"], FAULTS), _text(row["name"], 100)
            )
            for row in data["faults"][:MAX_FAULTS]
        ),
        fault_count=int(data["fault_count"]),
        notes=tuple(_one_of(row["code"], PACKAGE_NOTES) for row in data["notes"]),
        version=_text(data["version"], 20),
        text=text,
    )


def _line(row: Any, spans: dict[str, Span]) -> Line:
    plain: dict[str, Any] = {
        name: _text(row[name], most)
        for name, most in (
            ("where", 300), ("buyer", 300), ("buyer_identifier", 80), ("seller", 300), ("seller_identifier", 80), ("seller_uscc", 18),
            ("seller_address", 300), ("project_no", 120), ("product_text", 500), ("unit", 20), ("currency", 3), ("region", 120),
            ("agency", 300), ("delivery_place", 300), ("catalogue_no", 60), ("lot", 60), ("serial", 60),
        )
    }  # fmt: skip
    return Line(
        **plain,
        stage=_one_of(row["stage"], ("", *STAGES)),
        seller_withheld=row["seller_withheld"] is True,
        product_undisclosed=row["product_undisclosed"] is True,
        quantity=_decimal(row["quantity"]),
        unit_price=_decimal(row["unit_price"]),
        amount=_decimal(row["amount"]),
        happened_on=_day(row["happened_on"]),
        published_on=_day(row["published_on"]),
        signed_on=_day(row["signed_on"]),
        other_bidders=tuple(_text(name, 300) for name in list(row["other_bidders"])[:MAX_BIDDERS]),
        words={_text(word, 100): _text(family, 40) for word, family in dict(row["words"]).items()},
        spans=spans,
    )


def _day(value: Any) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise ValueError("text")
    return value


def _one_of(value: Any, known: Any) -> str:
    if not isinstance(value, str) or value not in known:
        raise ValueError("code")
    return value


def _decimal(value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        found = Decimal(_text(value, 40))
    except InvalidOperation:
        raise ValueError("number") from None
    if not found.is_finite():
        raise ValueError("number")
    return found


def _span(row: Any, length: int) -> Span:
    start, end = int(row["start"]), int(row["end"])
    if not 0 <= start < end <= length or row["reason"] not in REASONS:
        raise ValueError("span")
    return Span(start, end, float(row["confidence"]), row["reason"])


_TWO_PLACES: Final = Decimal("0.01")
_UNSHOWN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ue000-\uf8ff]")


def cut(value: Any, most: int = 300) -> str:
    """A text of the package in one line, without what shows nothing, at most so long; "" for what is no text."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = _UNSHOWN.sub("", unicodedata.normalize("NFC", str(value).encode("utf-8", "replace").decode()))
    return re.sub(r"\s+", " ", text).strip()[:most].rstrip()


def amount_of(value: Any, digits: int = 14) -> Decimal | None:
    """A number of the package with two places. ValueError for what is none, negative, or has too many digits to be kept."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("no number")
    number = Decimal(value)
    if not number.is_finite() or number < 0 or number >= Decimal(10) ** digits:
        raise ValueError("out of range")
    return number.quantize(_TWO_PLACES)


def date_of(value: Any) -> dt.date | None:
    """The civil day of a date or a moment as the publisher wrote it. ValueError for what is no date."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("no date")  # noqa: TRY004 - one kind of error for every defect
    return dt.date.fromisoformat(value[:10])


class Text:
    """Writes the readable form of a package, "path: value" line by line, and knows where each value stands."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.at = 0

    def put(self, line: str = "") -> None:
        """A line of its own."""
        self.parts.append(line + "\n")
        self.at += len(line) + 1

    def say(self, path: str, value: str, *, confidence: float = 0.9, reason: str = "structured") -> Span | None:
        """One value behind its path; its place, None where there is nothing to say."""
        if not value:
            return None
        start = self.at + len(path) + 2
        self.put(f"{path}: {value}")
        return Span(start, start + len(value), confidence, reason)

    def whole(self) -> str:
        """Everything written."""
        return "".join(self.parts)


class NotJson(ValueError):
    """Why bytes are no JSON that means one thing: `code` of types.UNREADABLE and its parameters."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def strict_json(text: str) -> Any:
    """The JSON of `text`; numbers with a point as Decimal. Raises NotJson for what two readers could read differently, or too deep."""
    try:
        found = json.loads(text, parse_float=_point, parse_int=_whole, parse_constant=_no_constant, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise NotJson("not_json", line=str(error.lineno), column=str(error.colno)) from None
    except RecursionError:
        raise NotJson("json_deep", limit=str(MAX_DEPTH)) from None
    if _deeper_than(found, MAX_DEPTH):
        raise NotJson("json_deep", limit=str(MAX_DEPTH))
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _value in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise NotJson("json_twice", name=cut(twice, 60))
    return found


def _no_constant(name: str) -> Any:
    raise NotJson("json_number", name=name)


def _whole(digits: str) -> int | Decimal:
    """Whole numbers of any length: int() refuses very long ones, and they are out of range anyhow."""
    return int(digits) if len(digits) < 40 else Decimal(digits)


def _point(written: str) -> Decimal:
    try:
        return Decimal(written)
    except InvalidOperation:  # an exponent beyond anything
        raise NotJson("json_number", name=cut(written, 30)) from None


def _deeper_than(found: Any, limit: int) -> bool:
    level = [found]
    for _step in range(limit):
        level = [
            value
            for one in level
            if isinstance(one, dict | list)
            for value in (one.values() if isinstance(one, dict) else one)
            if isinstance(value, dict | list)
        ]
        if not level:
            return False
    return True
