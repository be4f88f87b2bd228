"""What a notice reader hands over: values, where each stands in the text, and what it could not read.

Pure data. Must not know Django, the database, or how a value was found.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

READER_NAME: Final = "chinese-notice"
READER_VERSION: Final = "1.2.0"
STAGES: Final = ("intention", "tender", "candidate", "award", "contract", "failed", "amendment", "cancelled")


def _(sentence: str) -> str:
    """Mark a sentence for translation; the pages translate it, since readers know no Django."""
    return sentence


# One sentence per reason: what is wrong, and how to mend it.
UNREADABLE: Final[dict[str, str]] = {
    "empty": _("The file is empty. Choose the saved notice again, or paste its text."),
    "no_text": _("The page holds no text. Open the notice in the browser until its text shows, then save or paste it again."),
    "too_large": _("The file is larger than %(limit)s MB. Save the notice's page alone, or paste its text."),
    "wrong_kind": _(
        "The file is %(kind)s, not a web page, a text, a PDF or a Word document (.docx). Save the notice as one of them, or paste its text."
    ),
    "wrong_name": _("The file name ends in “%(suffix)s”. Choose an HTML, text, PDF, .docx, JSON or XML file, or paste the notice's text."),
    "binary": _("The file holds binary data, not text. Save the notice as HTML, or paste its text."),
    "encoding": _("The text's character encoding could not be recognised. Save the notice as UTF-8, or paste its text."),
    "not_json": _(
        "This is no valid JSON: it breaks at line %(line)s, column %(column)s. Fetch the package again; it may have been cut off."
    ),
    "json_twice": _(
        "The field “%(name)s” stands twice in one object, so that it can be read in two ways. Ask the publisher for a clean package."
    ),
    "json_deep": _("The JSON is nested more than %(limit)s levels deep, which no package is. Fetch the package again from its source."),
    "json_number": _("The JSON holds “%(name)s”, which is no number that can be kept. Ask the publisher for a clean package."),
    "not_ocds": _("The JSON is no OCDS package: it has neither of the two lists that one begins with. Choose a package of OCDS 1.1."),
    "xml_doctype": _(
        "The XML brings definitions of its own (DOCTYPE), which no eForms notice does; it was not opened. Fetch the notice again."
    ),
    "not_xml": _("This is no valid XML: it breaks at line %(line)s. Fetch the notice again; it may have been cut off."),
    "xml_large": _("The XML is nested too deep or has too many elements for a notice. Fetch the notice again from its source."),
    "not_eforms": _("The XML begins with “%(name)s”, not with ContractAwardNotice. Choose an eForms notice of an award."),
    "other_ending": _(
        "The file name ends in “%(suffix)s”, but the file is of the kind “%(kind)s”. Give it its right ending and choose it again."
    ),
    "no_such_kind": _(
        "The file name ends in “%(suffix)s”, but the file is none. Fetch it again from its source, or paste the notice's text."
    ),
    "old_office": _("The file is an old Office document (.doc, .xls). Open it, save it as .docx or PDF, and choose that file."),
    "macros": _("The Word document carries macros and was not opened. Save it as .docx or PDF without them, and choose that file."),
    "locked": _("The file is protected by a password. Save it without one, or paste the notice's text."),
    "damaged": _("The %(kind)s file is damaged or cut off, so that nothing could be read. Fetch it again from its source."),
    "pictures": _("The pages are pictures: the PDF holds no text that can be read. Type or paste the lines."),
    "form_only": _(
        "The PDF is a form that shows its text only in the program that made it (XFA). Print it to a PDF, and choose that file."
    ),
    "too_much": _("The Word document unpacks to more than any notice holds; it was not opened. Save its text as a new file."),
    "reader_died": _("The notice could not be read by program (%(reason)s). Enter what it says by hand."),
}
# Of a notice that lists more goods than are taken: nobody may say of it that none is ours.
CUT: Final = "goods_cut"
NOTES: Final[dict[str, str]] = {
    CUT: _("The notice has more than a thousand lines of goods; those after the thousandth are left to the person."),
    "no_supplier": _("No supplier was found; this is left to the person."),
    "no_buyer": _("No buyer was found; this is left to the person."),
    "no_amount": _("No amount was found; this is left to the person."),
    "no_project_no": _("No project number was found; this is left to the person."),
    "no_items": _("The notice does not list the goods; the product is undisclosed unless the person finds it."),
    "no_stage": _("The notice does not say what kind of notice it is; check the stage."),
    "buyer_from_title": _("The buyer stands only in the title; check where its name ends."),
    "supplier_withheld": _("The notice withholds the supplier's name."),
    "supplier_from_ranking": _("The supplier was taken from first place in a ranking; check that it won."),
    "candidates": _("The notice names candidates, not yet a winner."),
    "amendment": _("The notice corrects an earlier one; only what stands after the correction is proposed."),
    "cancelled": _("The notice takes an award or a contract back; it names no supplier."),
    "failed_lot": _("At least one lot failed and is left out."),
    "rate_not_price": _("The notice states a rate or discount instead of a price."),
    "foreign_currency": _("An amount is in another currency than yuan; enter it by hand."),
    "words_and_figures": _("An amount in words differs from the same amount in figures; the figures are proposed."),
    "amount_doubtful": _("The amounts of the notice disagree by a factor of 10,000; check yuan against ten thousand yuan."),
    "details_attached": _("Brand, model or price stand in an attachment that is not part of this document."),
    "several_suppliers": _("Several suppliers share one award; assign the amount by hand."),
    "cut_off": _("The document ends in the middle; what stood after that is missing."),
    "too_long": _("The document is very long; only its beginning was read."),
    "too_deep": _("Tables or boxes stand within one another more than twelve deep; what stands deeper was not read."),
}


# How a value was found, and so why its confidence is what it is.
REASONS: Final[dict[str, str]] = {
    "template": _("The portal's own template names this field."),
    "label": _("It stands behind its label."),
    "cell": _("It stands in the table cell beside its label."),
    "next": _("It stands on the line after its label."),
    "role": _("It stands in its own block of contact details."),
    "weak_label": _("Its label is one that other parties bear too."),
    "prose": _("It was read out of a sentence."),
    "title": _("It was read out of the title."),
    "head": _("It stands at the head of the page."),
    "foot": _("It stands at the foot of the text."),
    "body": _("What the notice says as a whole; no title says it."),
    "awards": _("It stands in a table of awards, under its column title."),
    "bidders": _("It stands in a table of bidders, in the winner's row."),
    "ranking": _("It stands first in a ranking."),
    "goods_table": _("It stands in a table of goods, under its column title."),
    "goods_line": _("It stands in a line about goods."),
    "total": _("It is the notice's total, for its only supplier."),
    "after": _("It stands after the correction."),
    "lost": _("It is named beside the winner, not as the winner."),
    "word": _("It is one of the known words for such products."),
    "release_date": _("The package gives no day for the award; this is the day of its publication."),
    "structured": _("The package says it in a field of its own."),
}


class Unreadable(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """The bytes cannot be read as a notice. `message_key` % `params` is the sentence to show, after translation."""

    def __init__(self, code: str, **params: str) -> None:
        self.code = code
        self.message_key = UNREADABLE[code]
        self.params = params
        super().__init__(self.message_key % params)


@dataclass(frozen=True)
class Sniffed:
    """What kind of text the bytes are, as a media type, and the name of a Python codec; none for a PDF or a Word document."""

    media_type: str
    encoding: str
    cut_off: bool = False


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of Proposal.text, and how they were found: `reason` is a code of REASONS.

    Confidence 0 to 1 orders the ways of finding; it is no probability.
    """

    start: int
    end: int
    confidence: float
    reason: str = ""


@dataclass(frozen=True)
class Supplier:
    """One award: who won, as the notice writes it. Amount in yuan. The same name may win several lots; `lot` as written."""

    name: str
    address: str = ""
    uscc: str = ""
    amount: Decimal | None = None
    lot: str = ""


@dataclass(frozen=True)
class Bidder:
    """Somebody who bid, or was a later candidate, and did not win. Amount of the bid in yuan."""

    name: str
    amount: Decimal | None = None


@dataclass(frozen=True)
class Mention:
    """A word of the product list in the text, as written, and the family that the list puts it in."""

    text: str
    family: str


@dataclass(frozen=True)
class Item:
    """One line of goods. `unit_price` and `amount` in yuan; `quantity` counts `unit`; `lot` is the goods' own, not the tender's."""

    text: str
    brand: str = ""
    model: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    catalogue_no: str = ""
    lot: str = ""
    serial: str = ""


@dataclass(frozen=True)
class Note:
    """Something that the person should know, as a code and an English sentence (a translation key)."""

    code: str
    message: str


@dataclass(frozen=True)
class Proposal:
    """What the reader proposes. Empty means not found; `fields` maps "buyer", "suppliers.0.name", "items.1.model" to spans."""

    stage: str = ""
    buyer: str = ""
    agency: str = ""
    suppliers: tuple[Supplier, ...] = ()
    other_bidders: tuple[Bidder, ...] = ()
    project_no: str = ""
    project_name: str = ""
    published_on: dt.date | None = None
    signed_on: dt.date | None = None
    region: str = ""
    delivery_place: str = ""
    items: tuple[Item, ...] = ()
    products: tuple[Mention, ...] = ()
    fields: Mapping[str, Span] = field(default_factory=dict)
    text: str = ""
    title: str = ""
    notes: tuple[Note, ...] = ()
    reader: str = f"{READER_NAME} {READER_VERSION}"
    encoding: str = ""

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        """What was awarded, in yuan, one per award that states it."""
        return tuple(s.amount for s in self.suppliers if s.amount is not None)

    @property
    def supplier_state(self) -> str:
        """State of the supplier: named, withheld (the notice keeps it back) or none (there is no award, or the reader found none)."""
        if self.suppliers:
            return "named"
        return "withheld" if any(n.code == "supplier_withheld" for n in self.notes) else "none"

    @property
    def product_state(self) -> str:
        """State of the goods: named (they are listed), mentioned (only a word of the product list occurs) or undisclosed."""
        return "named" if self.items else "mentioned" if self.products else "undisclosed"

    def as_json(self) -> dict[str, Any]:
        """Plain data without the text: numbers as strings, the date as YYYY-MM-DD or null."""
        return {
            "stage": self.stage,
            "buyer": self.buyer,
            "agency": self.agency,
            "suppliers": [_plain(s) for s in self.suppliers],
            "amounts": [str(a) for a in self.amounts],
            "other_bidders": [_plain(b) for b in self.other_bidders],
            "supplier_state": self.supplier_state,
            "product_state": self.product_state,
            "project_no": self.project_no,
            "project_name": self.project_name,
            "published_on": self.published_on.isoformat() if self.published_on else None,
            "signed_on": self.signed_on.isoformat() if self.signed_on else None,
            "region": self.region,
            "delivery_place": self.delivery_place,
            "items": [_plain(i) for i in self.items],
            "products": [_plain(m) for m in self.products],
            "fields": {k: dict(vars(s)) for k, s in self.fields.items()},
            "title": self.title,
            "notes": [{"code": n.code, "message": n.message} for n in self.notes],
            "reader": self.reader,
            "encoding": self.encoding,
        }


def _plain(row: Supplier | Bidder | Item | Mention) -> dict[str, str | None]:
    return {k: str(v) if isinstance(v, Decimal) else v for k, v in vars(row).items()}


def proposal_from_json(data: object, text: object) -> Proposal:
    """The inverse of as_json, for data from a process that is not trusted. ValueError names what is wrong."""
    row = _table(data)
    if not isinstance(text, str):
        raise ValueError("text")  # noqa: TRY004 - one kind of error for every defect
    stage = _text(row, "stage")
    if stage and stage not in STAGES:
        raise ValueError("stage")
    return Proposal(
        stage=stage,
        buyer=_text(row, "buyer"),
        agency=_text(row, "agency"),
        suppliers=tuple(
            Supplier(_text(s, "name"), _text(s, "address"), _text(s, "uscc"), _number(s, "amount"), _text(s, "lot"))
            for s in map(_table, _list(row, "suppliers"))
        ),
        other_bidders=tuple(Bidder(_text(b, "name"), _number(b, "amount")) for b in map(_table, _list(row, "other_bidders"))),
        project_no=_text(row, "project_no"),
        project_name=_text(row, "project_name"),
        published_on=_day(row, "published_on"),
        signed_on=_day(row, "signed_on"),
        region=_text(row, "region"),
        delivery_place=_text(row, "delivery_place"),
        items=tuple(
            Item(
                text=_text(i, "text"),
                brand=_text(i, "brand"),
                model=_text(i, "model"),
                quantity=_number(i, "quantity"),
                unit=_text(i, "unit"),
                unit_price=_number(i, "unit_price"),
                amount=_number(i, "amount"),
                catalogue_no=_text(i, "catalogue_no"),
                lot=_text(i, "lot"),
                serial=_text(i, "serial"),
            )
            for i in map(_table, _list(row, "items"))
        ),
        products=tuple(Mention(_text(m, "text"), _text(m, "family")) for m in map(_table, _list(row, "products"))),
        fields={str(k): _span(v, len(text)) for k, v in _table(row.get("fields")).items()},
        text=text,
        title=_text(row, "title"),
        notes=tuple(Note(code, NOTES[code]) for code in (_text(_table(n), "code") for n in _list(row, "notes")) if code in NOTES),
        reader=_text(row, "reader"),
        encoding=_text(row, "encoding"),
    )


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("object expected")  # noqa: TRY004
    return value


def _list(row: dict[str, Any], name: str) -> list[Any]:
    value = row.get(name)
    if not isinstance(value, list):
        raise ValueError(name)  # noqa: TRY004
    return value


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise ValueError(name)  # noqa: TRY004
    return value


def _day(row: dict[str, Any], name: str) -> dt.date | None:
    return None if row.get(name) is None else dt.date.fromisoformat(_text(row, name))


def _number(row: dict[str, Any], name: str) -> Decimal | None:
    if row.get(name) is None:
        return None
    try:
        value = Decimal(_text(row, name))
    except InvalidOperation:
        raise ValueError(name) from None
    if not value.is_finite():
        raise ValueError(name)
    return value


def _span(value: object, length: int) -> Span:
    row = _table(value)
    start, end, confidence = row.get("start"), row.get("end"), row.get("confidence")
    if not isinstance(start, int) or not isinstance(end, int) or not isinstance(confidence, (int, float)):
        raise ValueError("span")  # noqa: TRY004
    if not 0 <= start < end <= length or not 0 <= confidence <= 1:
        raise ValueError("span")
    if row.get("reason", "") not in {"", *REASONS}:
        raise ValueError("span")
    return Span(start, end, float(confidence), row.get("reason", ""))
