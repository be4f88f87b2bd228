"""What a reader's proposal says line by line: the first values of the form that a person confirms, and what a dry run asks the rules about.

Pure but for the catalogue. Decides nothing: what a line is worth a person says.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from certifications.catalogue.models import Product
from certifications.catalogue.queries import current_products
from certifications.matching import classify
from certifications.matching.classify import division_name

from .models import EvidenceDocument
from .rules import MAX_BIDDERS, MAX_LINES

FIELD_LIMIT = 300
# A day outside of these stands for "none" or "for ever", or was misread.
YEARS = range(1900, 2200)
# Where the form's fields come from, in the reader's names; {s} and {i} number the supplier and the item.
PLACES = {
    "stage": "stage", "buyer": "buyer", "project_no": "project_no", "region": "region", "happened_on": "published_on",
    "seller": "suppliers.{s}.name", "seller_uscc": "suppliers.{s}.uscc", "seller_address": "suppliers.{s}.address",
    "product_text": "items.{i}.text", "brand": "items.{i}.brand", "model": "items.{i}.model", "quantity": "items.{i}.quantity",
    "unit": "items.{i}.unit", "unit_price": "items.{i}.unit_price", "amount": "items.{i}.amount",
    "agency": "agency", "delivery_place": "delivery_place", "published_on": "published_on", "signed_on": "signed_on",
    "other_bidders": "other_bidders.0.name",
    "catalogue_no": "items.{i}.catalogue_no", "lot": "items.{i}.lot", "serial": "items.{i}.serial",
}  # fmt: skip


# So many proposed lines are dealt with at once: each has thirty fields. A notice is dealt with at once where one form holds it.
PART: Final = 25


@dataclass(frozen=True)
class Part:
    """The proposed lines that are next: from `begins` to before `ends` of `total`; `lines` as a package has them."""

    begins: int
    ends: int
    total: int
    lines: Sequence[dict[str, Any]]

    @property
    def first(self) -> int:
        """The number of its first line, as people count."""
        return self.begins + 1

    @property
    def is_last(self) -> bool:
        """Whether nothing is left after it."""
        return self.ends >= self.total


def asks_further(proposal: dict[str, Any]) -> bool:
    """Whether the reader that wrote a proposal knew what the form asks besides: since 1.2.0, which brought the place of delivery.

    An earlier one called the day of the award the day of signing too, and its lines were never asked for the rest.
    """
    return "delivery_place" in proposal


def line_total(proposal: dict[str, Any]) -> int:
    """How many lines are dealt with part by part: all of a package, and of a notice that lists more than one form holds. Else 0."""
    if proposal.get("package"):
        return len(proposal.get("lines", ()))
    count = len(_pairs(proposal)) if proposal else 0
    return count if count > MAX_LINES else 0


def in_parts(document: EvidenceDocument) -> bool:
    """Whether its lines are dealt with part by part, and some are left."""
    return document.handled < line_total(document.proposal)


def part_of(document: EvidenceDocument) -> Part:
    """The lines that are next."""
    total = line_total(document.proposal)
    begins = document.handled
    ends = min(begins + PART, total)
    return Part(begins, ends, total, document.proposal["lines"][begins:ends] if document.proposal.get("package") else ())


def _left(document: EvidenceDocument, lines: list[Any], *, whole: bool) -> list[Any]:
    """Of all lines of a notice those that are next, or (`whole`) all that are left."""
    if not line_total(document.proposal):
        return lines
    return lines[document.handled : None if whole else part_of(document).ends]


def ours_first(proposal: dict[str, Any], marks: Sequence[str]) -> dict[str, Any]:
    """Of a notice that is dealt with part by part, the order of its lines: those that hold a number or a name of ours come first.

    It is kept with what was read, so that a product that is new in the catalogue shifts no line between two parts.
    """
    if proposal.get("package") or not line_total(proposal) or len(proposal.get("suppliers") or ()) > 1:
        return proposal
    words = [" ".join(str(item.get(name) or "") for name in ("text", "brand", "model", "catalogue_no")) for item in proposal["items"]]
    ours = [any(mark.casefold() in text.casefold() for mark in marks) for text in words]
    return {**proposal, "order": sorted(range(len(ours)), key=lambda number: not ours[number])}


def initial_of(line: dict[str, Any], product: str) -> dict[str, Any]:
    """First values of the form for one proposed line."""
    names = ("stage", "project_no", "buyer", "buyer_identifier", "region", "seller", "seller_withheld", "seller_uscc", "seller_identifier")
    # What was read before these were asked for does not have them.
    also = ("agency", "delivery_place", "catalogue_no", "lot", "serial")
    return {
        **{name: line[name] for name in names},
        **{name: line.get(name, "") for name in also},
        "other_bidders": list(line.get("other_bidders", ())),
        "seller_address": line["seller_address"],
        "product": product,
        "product_undisclosed": line["product_undisclosed"],
        "product_text": line["product_text"],
        "quantity": number_of(line["quantity"]),
        "unit": line["unit"],
        "unit_price": number_of(line["unit_price"]),
        "amount": number_of(line["amount"]),
        "currency": line["currency"] or "CNY",
        **{name: _date(line.get(name)) for name in ("happened_on", "published_on", "signed_on")},
    }


def places_of(document: EvidenceDocument, number: int, line: dict[str, Any]) -> dict[str, str]:
    """The form's field to the reader's name of the place that it was read from."""
    fields = document.proposal.get("fields", {})
    return {name: place for name in line if (place := f"lines.{number}.{name}") in fields}


def line_places(document: EvidenceDocument, *, whole: bool = False) -> list[dict[str, str]]:
    """For each of initial_lines: the form's field to the reader's name of the span that it was read from, where there is one."""
    if document.proposal.get("package") and in_parts(document):
        part = part_of(document)
        return [places_of(document, part.begins + n, line) for n, line in enumerate(part.lines)]
    if not document.proposal:  # nothing was read
        return []
    fields = document.proposal.get("fields", {})
    lines = []
    for s, _supplier, i, _item, alone in _left(document, _pairs(document.proposal), whole=whole):
        known = PLACES if asks_further(document.proposal) else {field: place for field, place in PLACES.items() if field != "signed_on"}
        found = {field: pattern.format(s=s, i=i) for field, pattern in known.items()}
        if alone and found["amount"] not in fields:
            found["amount"] = f"suppliers.{s}.amount"
        lines.append({field: name for field, name in found.items() if name in fields})
    return lines


def _pairs(proposal: dict[str, Any]) -> list[tuple[int, dict[str, Any], int, dict[str, Any], bool]]:
    """(supplier's number, supplier, item's number, item, whether the supplier has this item alone) of each line, in the order of `ours_first`.

    Which supplier sells which item is rarely stated; with several suppliers the person assigns the goods.
    """
    suppliers = proposal.get("suppliers") or [{}]
    items = proposal.get("items") or [{}]
    if len(suppliers) > 1:
        return [(s, supplier, -1, {}, len(items) == 1) for s, supplier in enumerate(suppliers)]
    pairs = [(0, suppliers[0], i, item, len(items) == 1) for i, item in enumerate(items)]
    order = proposal.get("order", ())
    return [pairs[number] for number in order] if len(order) == len(pairs) else pairs


def number_of(text: str | None) -> Decimal | None:
    """A number of the proposal, which holds them as text. A form compares numbers: as text each would count as corrected."""
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def product_of(text: str, products: Iterable[Product]) -> str:
    """Our product when the text holds its catalogue number or its name; else nothing: a person chooses."""
    folded = text.casefold()
    for product in products:
        if any(mark and mark.casefold() in folded for mark in (product.catalogue_number, product.name, product.name_zh)):
            return str(product.pk)
    return ""


def bidders_of(proposal: dict[str, Any]) -> list[str]:
    """Who bid and did not win, each once, as many as a line can hold."""
    names = [str(one.get("name") or "").strip()[:FIELD_LIMIT] for one in proposal.get("other_bidders", ())]
    return list(dict.fromkeys(filter(None, names)))[:MAX_BIDDERS]


def region_of(proposal: dict[str, Any]) -> str:
    """The region as the notice names it; else the division that the buyer's own name speaks of, the most precise."""
    if proposal.get("region"):
        return str(proposal["region"])[:120]
    divisions = classify(proposal.get("buyer") or "").divisions
    return division_name(max(divisions, key=lambda code: len(code.rstrip("0")))) if divisions else ""


def initial_lines(document: EvidenceDocument, known: Sequence[Product] | None = None, *, whole: bool = False) -> list[dict[str, Any]]:
    """One line per supplier and item as proposed; a person changes, adds and removes. `known`: what may be declared today, where it was read before.

    Of what is dealt with part by part the lines that are next; `whole`: of a notice all that are left.
    """
    proposal = document.proposal
    if not proposal:
        return []
    products = list(current_products()) if known is None else known
    if proposal.get("package") and in_parts(document):
        return [
            initial_of(line, product_of(" ".join((line["product_text"], *line["words"])), products)) for line in part_of(document).lines
        ]
    if proposal.get("package"):
        return []
    base: dict[str, Any] = {
        # A kind that the reader did not see is for the person to choose: it must never become an award by default.
        "stage": proposal.get("stage") or "",
        "buyer": (proposal.get("buyer") or "")[:FIELD_LIMIT],
        "project_no": (proposal.get("project_no") or "")[:120],
        "region": region_of(proposal),
        "happened_on": _date(proposal.get("published_on")),
        "published_on": _date(proposal.get("published_on")),
        "signed_on": _date(proposal.get("signed_on")) if asks_further(proposal) else None,
        "agency": (proposal.get("agency") or "")[:FIELD_LIMIT],
        "delivery_place": (proposal.get("delivery_place") or "")[:FIELD_LIMIT],
        "other_bidders": bidders_of(proposal),
    }
    lines = []
    for _s, supplier, _i, item, alone in _left(document, _pairs(proposal), whole=whole):
        words = " ".join(str(item.get(k) or "") for k in ("text", "brand", "model"))
        lines.append(
            {
                **base,
                "seller": (supplier.get("name") or "")[:FIELD_LIMIT],
                "seller_withheld": proposal.get("supplier_state") == "withheld",
                "seller_uscc": supplier.get("uscc") or "",
                "seller_address": (supplier.get("address") or "")[:FIELD_LIMIT],
                "product": product_of(words, products),
                "product_text": (item.get("text") or "")[:500],
                "brand": (item.get("brand") or "")[:120],
                "model": (item.get("model") or "")[:120],
                **{name: (item.get(name) or "")[:60] for name in ("catalogue_no", "lot", "serial")},
                "quantity": number_of(item.get("quantity")),
                "unit": (item.get("unit") or "")[:20],
                "unit_price": number_of(item.get("unit_price")),
                "amount": number_of(item.get("amount") or (supplier.get("amount") if alone else None)),
            }
        )
    return lines


def _date(text: str | None) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return day if day is not None and day.year in YEARS else None
