"""Reads one notice: bytes to lines and tables, from there to values, each with its place in the text.

Must not know Django, or what the portal does with a proposal.
"""

import re
from itertools import takewhile
from typing import Any, Final

from . import parties, stages
from .awards import Award, awards
from .bidders import Other, others
from .blocks import Document, Line, from_html
from .facts import collect
from .goods import Goods, goods
from .mentions import mentions
from .plain import from_text
from .runs import EMPTY, Run, Writer, as_written, clean, is_han, squeeze
from .sniffing import decode, sniff
from .types import NOTES, STAGES, Bidder, Item, Mention, Note, Proposal, Sniffed, Span, Supplier, Unreadable

MAX_CHARACTERS: Final = 400_000
MOST_ABOVE: Final = 80  # lines of menus that a page may have above its notice
MAX_MARKUP: Final = 8 * MAX_CHARACTERS
# Where on its site the page stands: "首页 > 招标采购 > 结果公告".
_PATH: Final = re.compile(r"^(?:当前|您的?|所在)位置|^首页|[>»].*[>»]")


def read_notice(content: bytes, media_type: str = "", title: str = "") -> Proposal:
    """What the notice says, as far as it can be read. Raises Unreadable when the bytes hold no readable text.

    `media_type` and `title` are what the capture knows: "text/html" or "text/plain", and the title that a person typed.
    Amounts come in yuan. Failed lots are left out.
    """
    sniffed = sniff(content)
    document = _document(decode(content, sniffed), media_type or sniffed.media_type)
    document.cut_off |= sniffed.cut_off
    if not document.text.strip():
        raise Unreadable("no_text")
    return _propose(document, sniffed, squeeze(clean(title)))


def read_markup(markup: str, title: str = "", *, too_long: bool = False, cut_off: bool = False, too_deep: bool = False) -> Proposal:
    """The same of markup that a reader of another format made. Raises Unreadable."""
    document = _document(markup, "text/html")
    document.too_long |= too_long
    document.cut_off |= cut_off
    document.too_deep |= too_deep
    if not document.text.strip():
        raise Unreadable("no_text")
    return _propose(document, Sniffed("text/html", ""), squeeze(clean(title)))


def _document(source: str, media_type: str) -> Document:
    """Text and blocks of the source; only the beginning of a very long one."""
    html = "html" in media_type
    limit = MAX_MARKUP if html else MAX_CHARACTERS
    document = from_html(source[:limit]) if html else from_text(source[:limit])
    if len(source) > limit:
        document.too_long, document.cut_off = True, False
    return document


def _propose(document: Document, sniffed: Sniffed, title: str) -> Proposal:
    notes: set[str] = set()
    heading = _heading(document, title)
    facts = collect(document)
    said_title = title or document.title or heading.text
    told = heading or _unplaced(said_title)
    stage, kind = stages.stage(document, _unplaced(said_title) if title else told, facts)
    won = awards(document, facts, notes, stage)
    if "supplier_from_ranking" in notes and stage in {"award", ""} and not stages.STRONG.search(kind.run.text):
        # "结果公示" over a ranking, and no word that anybody won: candidates, until a notice says more.
        stage = "candidate"
    if stage == "award" and not won and "supplier_withheld" not in notes and ("failed_lot" in notes or stages.failed(document)):
        stage = "failed"
    lost = others(document, facts, {a.name.text for a in won})
    listed = goods(facts, notes)
    named = mentions(document)
    found = {
        "stage": kind,
        "buyer": parties.buyer(document, facts, told, notes),
        "agency": parties.agency(document, facts),
        "project_no": parties.project_no(document, facts),
        "project_name": parties.project_name(document, facts),
        "region": parties.region(facts),
        "delivery_place": parties.delivery(facts),
    }
    day, found["published_on"] = parties.published(document, facts)
    signed, found["signed_on"] = parties.signed(facts)
    values = {
        name: as_written(document.text, said.run) if said.run.at and said.run.at[0] >= 0 else said.run.text for name, said in found.items()
    }
    places = Places(document.text)
    for name, said in found.items():
        places.put(name, said.run, said.confidence, said.reason)
    suppliers = tuple(_supplier(places, i, a) for i, a in enumerate(won))
    rest = tuple(_bidder(places, i, o) for i, o in enumerate(lost))
    items = tuple(_item(places, i, g) for i, g in enumerate(listed))
    products = tuple(Mention(places.put(f"products.{i}.text", m.run, 0.7, "word"), m.family) for i, m in enumerate(named))
    notes |= _missing(document, stage, values, suppliers, items=bool(items))
    if "supplier_withheld" in notes:
        notes.discard("no_supplier")
    return Proposal(
        stage=stage if stage in STAGES else "",
        buyer=values["buyer"],
        agency=values["agency"],
        suppliers=suppliers,
        other_bidders=rest,
        project_no=values["project_no"],
        project_name=values["project_name"],
        published_on=day,
        signed_on=signed,
        region=values["region"],
        delivery_place=values["delivery_place"],
        items=items,
        products=products,
        fields=places.fields,
        text=document.text,
        title=said_title[:300],
        notes=tuple(Note(code, NOTES[code]) for code in NOTES if code in notes),
        encoding=sniffed.encoding,
    )


def _heading(document: Document, title: str) -> Run:
    """The line of the text that is the notice's title; the title as found elsewhere helps to know it."""
    above = [b.run for b in document.blocks[:MOST_ABOVE] if isinstance(b, Line) and not _PATH.search(b.run.text)]
    known = re.sub(r"\s", "", _unplaced(title or document.title).text)
    # A page's title ends with the name of its site, which stands above the notice too: the line that has most of the title.
    alike = [
        (_shared(re.sub(r"\s", "", run.text), known), run)
        for run in above
        if known and len(run.text) > 6 and any(map(is_han, run.text[:4]))
    ]  # noqa: PLR2004
    if best := max((common for common, _run in alike), default=0):
        found = next(run for common, run in alike if common == best)
        # Far below it may be another notice of the same project: then it must say the kind of notice as the title does.
        if any(found is run for run in above[:12]) or stages.kinds(found.text) == stages.kinds(known):
            return found
    lines = above[: 6 if stages.kinds(known) else 16]
    for run in lines:
        if 8 < len(run.text) < 120 and re.search(r"公[告示](?:[(（].{0,12})?$|公[告示]\s|中标公告|成交公告|结果公告", run.text):  # noqa: PLR2004
            return run
    first = lines[0] if lines else EMPTY
    is_title = 8 < len(first.text) < 70 and re.search(r"采购|项目|中标|成交|招标|合同", first.text)  # noqa: PLR2004
    return first if is_title and not re.search(r"[:。,;]|投诉|决定书|处罚", first.text) else EMPTY


def _shared(line: str, title: str) -> int:
    """How much of the title the line repeats from its own beginning on; 0 where not its first twelve characters."""
    at = title.find(line[:12])
    return sum(1 for _same in takewhile(lambda pair: pair[0] == pair[1], zip(line, title[at:], strict=False))) if at >= 0 else 0


def _unplaced(title: str) -> Run:
    """A title that does not stand in the text: readable, without a place."""
    run = Writer().add(title)
    return Run(run.text, [-1] * len(run.text))


class Places:
    """Where each field stands: name to span, and the words there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.fields: dict[str, Span] = {}

    def put(self, name: str, run: Run, confidence: float, reason: str) -> str:
        """Note the place of a field; its words as written, "" for a run without a place."""
        if not run or run.at[0] < 0:
            return ""
        start, end = run.bounds()
        self.fields[name] = Span(start, end, confidence, reason)
        return as_written(self.text, run)


def _supplier(places: Places, number: int, award: Award) -> Supplier:
    words = {
        name: places.put(f"suppliers.{number}.{name}", run, award.confidence, award.reason)
        for name, run in (("name", award.name), ("address", award.address), ("amount", award.amount_run), ("lot", award.lot))
    }
    places.put(f"suppliers.{number}.uscc", award.uscc, award.confidence, award.reason)
    return Supplier(words["name"], words["address"], award.uscc.text, award.amount, words["lot"])


def _bidder(places: Places, number: int, other: Other) -> Bidder:
    places.put(f"other_bidders.{number}.amount", other.amount_run, 0.6, "lost")
    return Bidder(places.put(f"other_bidders.{number}.name", other.name, 0.7, "lost"), other.amount)


def _item(places: Places, number: int, one: Goods) -> Item:
    sure = 0.85 if one.reason == "goods_table" else 0.75
    words = {name: places.put(f"items.{number}.{name}", run, sure, one.reason) for name, run in one.runs.items()}
    said: dict[str, Any] = {name: words.get(name, "") for name in ("text", "brand", "model", "catalogue_no", "lot", "serial")}
    return Item(**said, quantity=one.quantity, unit=one.unit, unit_price=one.unit_price, amount=one.amount)


def _missing(document: Document, stage: str, values: dict[str, str], suppliers: tuple[Supplier, ...], *, items: bool) -> set[str]:
    """Codes of what the person must know or find."""
    missing = {
        "no_buyer": not values["buyer"],
        "no_project_no": not values["project_no"],
        "no_supplier": not suppliers,
        "no_amount": not any(s.amount for s in suppliers),
        "no_items": not items,
        "no_stage": not stage,
        "candidates": stage == "candidate",
        "amendment": stage == "amendment",
        "cancelled": stage == "cancelled",
        "cut_off": document.cut_off,
        "too_long": document.too_long,
        "too_deep": document.too_deep,
    }
    return {code for code, is_so in missing.items() if is_so}
