"""Says of each value that the reader proposes where it stands and why, and highlights the source text that its frame shows."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certifications.evidence.models import EvidenceDocument
from certifications.evidence.readers import REASONS

# As much of a notice as a page shows at once; the whole is one link away.
EXCERPT = 20_000
# What follows the last of the reader's fields, so that it is read in its place; and the most that a page can carry.
AFTER, MOST_SHOWN = 500, 200_000
# Characters in a row of the frame, about; up to so many rows, it is a short one or one of middle height.
A_ROW, SHORT, MIDDLE = 40, 8, 18
FIELD_WORDS = {
    "agency": _("Agency"), "lot": _("Part of the tender"), "signed_on": _("Signed on"),
    "title": _("Title of the notice"), "project_name": _("Project"), "buyer": _("Buyer"), "project_no": _("Project number"), "region": _("Region"),
    "published_on": _("Published on"), "stage": _("Kind of notice"), "name": _("Supplier"), "address": _("Supplier's address"),
    "uscc": _("Supplier's credit code"), "amount": _("Amount"), "text": _("Goods as written"), "brand": _("Brand"),
    "model": _("Model"), "quantity": _("Quantity"), "unit": _("Unit"), "unit_price": _("Unit price"),
    "seller": _("Supplier"), "seller_address": _("Supplier's address"), "product_text": _("Goods as written"), "happened_on": _("Date of the award"),
    "delivery_place": _("Place of delivery"), "catalogue_no": _("Catalogue number as written"), "serial": _("Serial number"),
    "other_bidders": _("Other bidders"),
    # What is another thing in another place.
    "items.lot": _("Lot of the goods"), "lines.lot": _("Lot of the goods"), "other_bidders.name": _("Other bidders"),
}  # fmt: skip


def word_of(place: str) -> str:
    """What the reader saw at a place, by its whole path without numbers, else by its last part; the path where neither has a word."""
    parts = [part for part in place.split(".") if not part.isdecimal()]
    return str(FIELD_WORDS.get(".".join(parts)) or FIELD_WORDS.get(parts[-1] if parts else "") or place)


def notes_of(document: EvidenceDocument) -> list[str]:
    """The reader's remarks in the page's language."""
    # The reader keeps its remarks as it wrote them in English; each of them is a message of the translations too.
    notes = [n.get("message", "") if isinstance(n, dict) else n for n in document.proposal.get("notes", [])]
    return [gettext(note) % {"version": document.proposal.get("version", "")} if "%(version)s" in note else gettext(note) for note in notes]


@dataclass(frozen=True)
class Segment:
    """A run of the source text; `field` names what the reader saw in it, empty for plain text; `anchor` is the mark's id.

    `also`: ids of fields that begin here too, because another one lies within them.
    """

    text: str
    field: str
    anchor: str = ""
    also: tuple[str, ...] = ()


def highlighted(document: EvidenceDocument, length: int | None = None) -> list[Segment]:
    """The first `length` characters in order, cut at the reader's spans; where spans overlap, the shorter one is the one marked."""
    text = document.text[:length]
    spans = [
        (int(span["start"]), int(span["end"]), name)
        for name, span in document.proposal.get("fields", {}).items()
        if span and span.get("end") is not None and 0 <= int(span["start"]) < int(span["end"]) <= len(text)
    ]
    beginning: defaultdict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for span in spans:
        beginning[span[0]].append(span)
    edges = sorted({0, len(text), *(edge for start, end, _name in spans for edge in (start, end))})
    begun: set[str] = set()
    over: list[tuple[int, int, str]] = []
    pieces = []
    for start, end in pairwise(edges):
        held = [*(span for span in over if span[1] > start), *beginning[start]]
        over = sorted(held, key=lambda span: (span[1] - span[0], span[0], span[2]))
        # An id stands once on a page: a field that others interrupt is found where it begins.
        new = [anchor_of(name) for _start, _end, name in over if anchor_of(name) not in begun]
        begun.update(new)
        first, *also = new or [""]
        word = word_of(over[0][2]) if over else ""
        pieces.append(Segment(text[start:end], word, first, tuple(also)))
    return pieces


@dataclass(frozen=True)
class Excerpt:
    """How much of a source text its frame shows (characters), whether that is less than all of it, and how much room it takes."""

    length: int
    is_cut: bool
    room: str  # a class of the frame: "is-short", "is-middle", or empty for the tallest

    @classmethod
    def of(cls, document: EvidenceDocument) -> "Excerpt":
        """Of what is shown at first."""
        length = shown_length(document)
        rows = sum(1 + len(line) // A_ROW for line in document.text[:length].splitlines())
        room = "is-short" if rows <= SHORT else "is-middle" if rows <= MIDDLE else ""
        return cls(length, len(document.text) > length, room)


def text_place(document: EvidenceDocument, name: str, shown: int) -> str:
    """The address of the place of a field of the reader: in what the frame shows first (`shown` characters), else in the whole; or empty."""
    span = document.proposal["fields"][name]
    if span.get("end") is None or not 0 <= int(span["start"]) < int(span["end"]) <= len(document.text):
        return ""
    rest = "" if int(span["end"]) <= shown else "?whole=1"
    return f"{reverse('compliance:evidence-text', args=[document.number])}{rest}#{anchor_of(name)}"


def shown_length(document: EvidenceDocument) -> int:
    """How much of a notice is shown at once: an excerpt, and whatever of it the reader's fields need."""
    ends = [int(span["end"]) for span in document.proposal.get("fields", {}).values() if span and span.get("end") is not None]
    return min(max([EXCERPT, *(end + AFTER for end in ends)]), MOST_SHOWN)


def anchor_of(name: str) -> str:
    """The id of the mark of a field of the reader ("suppliers.0.name")."""
    return f"src-{name.replace('.', '-')}"


UNSURE = 0.7


def explanation(document: EvidenceDocument, name: str, label: str, shown: int) -> SafeString:
    """Why the reader proposes the field called `label`, with a link to its place in the source when it has one (`text_place`)."""
    span = document.proposal["fields"][name]
    why = gettext(REASONS.get(span.get("reason", ""), ""))
    if span["confidence"] < UNSURE:
        why = gettext("Unsure: %(why)s") % {"why": why}
    if not (place := text_place(document, name, shown)):
        return format_html("{}", why)
    return format_html(
        '{} <a href="{}" target="source">{}<span class="visually-hidden">: {}</span></a>',
        why,
        place,
        gettext("See it in the source"),
        label,
    )


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
