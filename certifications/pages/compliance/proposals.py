"""Turns the reader's proposal into first values of the form, says of each where it stands and why, and highlights the source text."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.models import Product
from certifications.catalogue.queries import current_products
from certifications.evidence.models import EvidenceDocument
from certifications.evidence.readers import REASONS
from certifications.matching import classify
from certifications.matching.classify import division_name

from .packages import initial_of, is_package, part_of, places_of

FIELD_LIMIT = 300
MAX_LINES = 50
# As much of a notice as a page shows at once; the whole is one link away.
EXCERPT = 20_000
FIELD_WORDS = {
    "agency": _("Agency"), "lot": _("Lot"), "signed_on": _("Signed on"),
    "title": _("Title of the notice"), "project_name": _("Project"), "buyer": _("Buyer"), "project_no": _("Project number"), "region": _("Region"),
    "published_on": _("Date of the award"), "stage": _("Kind of notice"), "name": _("Supplier"), "address": _("Supplier's address"),
    "uscc": _("Supplier's credit code"), "amount": _("Amount"), "text": _("Goods as written"), "brand": _("Brand"),
    "model": _("Model"), "quantity": _("Quantity"), "unit": _("Unit"), "unit_price": _("Unit price"),
    "seller": _("Supplier"), "seller_address": _("Supplier's address"), "product_text": _("Goods as written"), "happened_on": _("Date of the award"),
}  # fmt: skip


def notes_of(document: EvidenceDocument) -> list[str]:
    """The reader's remarks in the page's language."""
    # The reader keeps its remarks as it wrote them in English; each of them is a message of the translations too.
    notes = [n.get("message", "") if isinstance(n, dict) else n for n in document.proposal.get("notes", [])]
    return [gettext(note) % {"version": document.proposal.get("version", "")} if "%(version)s" in note else gettext(note) for note in notes]


@dataclass(frozen=True)
class Segment:
    """A run of the source text; `field` names what the reader saw in it, empty for plain text; `anchor` is the mark's id."""

    text: str
    field: str
    anchor: str = ""


def highlighted(document: EvidenceDocument, length: int | None = None) -> list[Segment]:
    """The first `length` characters in order, cut at the reader's spans. Overlapping spans: the earlier and longer one wins."""
    text = document.text[:length]
    spans = sorted(
        (int(span["start"]), -int(span["end"]), name)
        for name, span in document.proposal.get("fields", {}).items()
        if span and span.get("end") is not None
    )
    pieces, at = [], 0
    for start, negative_end, name in spans:
        end = -negative_end
        if start < at or end <= start or end > len(text):
            continue
        if start > at:
            pieces.append(Segment(text[at:start], ""))
        pieces.append(Segment(text[start:end], str(FIELD_WORDS.get(name.rpartition(".")[2], name)), anchor_of(name)))
        at = end
    if at < len(text):
        pieces.append(Segment(text[at:], ""))
    return pieces


def anchor_of(name: str) -> str:
    """The id of the mark of a field of the reader ("suppliers.0.name")."""
    return f"src-{name.replace('.', '-')}"


# Where the form's fields come from, in the reader's names; {s} and {i} number the supplier and the item.
PLACES = {
    "stage": "stage", "buyer": "buyer", "project_no": "project_no", "region": "region", "happened_on": "published_on",
    "seller": "suppliers.{s}.name", "seller_uscc": "suppliers.{s}.uscc", "seller_address": "suppliers.{s}.address",
    "product_text": "items.{i}.text", "brand": "items.{i}.brand", "model": "items.{i}.model", "quantity": "items.{i}.quantity",
    "unit": "items.{i}.unit", "unit_price": "items.{i}.unit_price", "amount": "items.{i}.amount",
}  # fmt: skip
UNSURE = 0.7


def line_places(document: EvidenceDocument) -> list[dict[str, str]]:
    """For each of initial_lines: the form's field to the reader's name of the span that it was read from, where there is one."""
    if is_package(document):
        part = part_of(document)
        return [places_of(document, part.begins + n, line) for n, line in enumerate(part.lines)]
    fields = document.proposal.get("fields", {})
    lines = []
    for s, _supplier, i, _item, alone in _pairs(document.proposal):
        found = {field: pattern.format(s=s, i=i) for field, pattern in PLACES.items()}
        if alone and found["amount"] not in fields:
            found["amount"] = f"suppliers.{s}.amount"
        lines.append({field: name for field, name in found.items() if name in fields})
    return lines[:MAX_LINES]


def explanation(document: EvidenceDocument, name: str, label: str, shown: set[str]) -> SafeString:
    """Why the reader proposes the field called `label`, with a link to its place when that is among the `shown` anchors."""
    span = document.proposal["fields"][name]
    why = gettext(REASONS.get(span.get("reason", ""), ""))
    if span["confidence"] < UNSURE:
        why = gettext("Unsure: %(why)s") % {"why": why}
    if anchor_of(name) not in shown:
        return format_html("{}", why)
    return format_html(
        '{} <a href="#{}">{}<span class="visually-hidden">: {}</span></a>', why, anchor_of(name), gettext("See it in the source"), label
    )


def _pairs(proposal: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any], int, dict[str, Any], bool]]:
    """(supplier's number, supplier, item's number, item, whether the supplier has this item alone) of each line.

    Which supplier sells which item is rarely stated; with several suppliers the person assigns the goods.
    """
    suppliers = proposal.get("suppliers") or [{}]
    items = proposal.get("items") or [{}]
    for s, supplier in enumerate(suppliers):
        if len(suppliers) > 1:
            yield s, supplier, -1, {}, len(items) == 1
        else:
            yield from ((s, supplier, i, item, len(items) == 1) for i, item in enumerate(items))


def _product_of(text: str, products: Iterable[Product]) -> str:
    """Our product when the text holds its catalogue number or its name; else nothing: a person chooses."""
    folded = text.casefold()
    for product in products:
        if any(mark and mark.casefold() in folded for mark in (product.catalogue_number, product.name, product.name_zh)):
            return str(product.pk)
    return ""


def _region_of(proposal: dict[str, Any]) -> str:
    """The region as the notice names it; else the division that the buyer's own name speaks of, the most precise."""
    if proposal.get("region"):
        return str(proposal["region"])[:120]
    divisions = classify(proposal.get("buyer") or "").divisions
    return division_name(max(divisions, key=lambda code: len(code.rstrip("0")))) if divisions else ""


def reasons_beside(document: EvidenceDocument, line: dict[str, Any]) -> dict[str, str]:
    """Of a line of `initial_lines`: why fields without a place in the source are as they are, or empty."""
    proposal, ours = document.proposal, line.get("product")
    stage = _("By the words of the notice as a whole.") if line.get("stage") else _("The reader did not see what kind of notice this is.")
    product = (
        _("Its number or its name stands in the words of the goods.")
        if ours
        else _("The words of the goods hold no number and no name of ours.")
    )
    unit = _("Read together with the quantity.") if line.get("unit") else _("The reader saw none in the notice.")
    region = (
        _("The notice names no region; the buyer's name speaks of this one.")
        if line.get("region")
        else _("The reader saw none in the notice.")
    )
    found = {"stage": stage, "product": product, "unit": unit, **({} if proposal.get("region") else {"region": region})}
    return {name: str(text) for name, text in found.items()}


def initial_lines(document: EvidenceDocument) -> list[dict[str, Any]]:
    """One line per supplier and item as proposed; a person changes, adds and removes."""
    proposal = document.proposal
    if not proposal:
        return []
    products = list(current_products())
    if is_package(document):
        return [
            initial_of(line, _product_of(" ".join((line["product_text"], *line["words"])), products)) for line in part_of(document).lines
        ]
    if proposal.get("package"):
        return []
    base: dict[str, Any] = {
        # A kind that the reader did not see is for the person to choose: it must never become an award by default.
        "stage": proposal.get("stage") or "",
        "buyer": (proposal.get("buyer") or "")[:FIELD_LIMIT],
        "project_no": (proposal.get("project_no") or "")[:120],
        "region": _region_of(proposal),
        "happened_on": _date(proposal.get("published_on")),
    }
    lines = []
    for _s, supplier, _i, item, alone in _pairs(proposal):
        words = " ".join(str(item.get(k) or "") for k in ("text", "brand", "model"))
        lines.append(
            {
                **base,
                "seller": (supplier.get("name") or "")[:FIELD_LIMIT],
                "seller_withheld": proposal.get("supplier_state") == "withheld",
                "seller_uscc": supplier.get("uscc") or "",
                "seller_address": (supplier.get("address") or "")[:FIELD_LIMIT],
                "product": _product_of(words, products),
                "product_text": (item.get("text") or "")[:500],
                "brand": (item.get("brand") or "")[:120],
                "model": (item.get("model") or "")[:120],
                "quantity": item.get("quantity"),
                "unit": (item.get("unit") or "")[:20],
                "unit_price": item.get("unit_price"),
                "amount": item.get("amount") or (supplier.get("amount") if alone else None),
            }
        )
    return lines[:MAX_LINES]


def _date(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None
