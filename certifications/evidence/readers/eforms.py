"""Reads eForms contract award notices (UBL 2.3 ContractAwardNotice with the EU's extension): who won which lot, for what, by which contract.

No definitions of the file's own, no entities, no network; a limit on depth and on elements. Must not know Django.
"""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal, DecimalException
from typing import Any, Final

from lxml import etree

from .mentions import OURS, Lexicon
from .ocds import Skips
from .ocds_faults import Faults
from .ocds_parts import Named
from .packages import MAX_BIDDERS, MAX_DEPTH, MAX_LINES, Line, Package, Text, amount_of, cut, date_of
from .types import Span, Unreadable

READER: Final = "eforms-award 1.0.0"
MAX_ELEMENTS: Final = 300_000
_NS: Final = {
    "c": "urn:oasis:names:specification:ubl:schema:xsd:ContractAwardNotice-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "efac": "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1",
}
# What kind of notice it is by the list of its type code: results are awards, the others are none yet or change one.
_KINDS: Final = {"result": "award", "dir-awa-pre": "intention", "cont-modif": "amendment"}


def read_eforms(text: str, lexicon: Lexicon) -> Package:
    """What the notice says of lots whose goods are of the lexicon. Raises Unreadable."""
    root = _parse(text)
    faults, skipped, notes, written = Faults(), Skips(), set[str](), Text()
    notice = _Notice(root, faults)
    candidates = sorted(_awards(notice, lexicon, skipped), key=lambda one: one[0])
    lines: list[Line] = []
    room = Named()
    for rank, lot, tender, words in candidates:
        if rank >= 2:
            notes.add("undisclosed")
        lines += _lines(notice, lot, tender, words, rank=rank, written=written, notes=notes, room=room)
    if room.left_out:
        notes.add("bidders_left_out")
    if not lines:
        notes.add("nothing")
    if len(lines) > MAX_LINES:
        notes.add("too_many")
    return Package(
        reader=READER,
        title=cut(_one(root, "cac:ProcurementProject/cbc:Name"), 300),
        releases=1,
        lines=tuple(lines[:MAX_LINES]),
        skipped=tuple(skipped.kept),
        counts=dict(skipped.counts),
        faults=tuple(faults.kept),
        fault_count=faults.count,
        notes=tuple(sorted(notes)),
        version=cut(_one(root, "cbc:CustomizationID"), 20),
        text=written.whole(),
    )


def _parse(text: str) -> Any:
    """The root element. Definitions are refused before any parser sees them, by the text itself: its encoding is settled by now."""
    if re.search(r"<!\s*(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise Unreadable("xml_doctype")
    body = re.sub(r"^\s*<\?xml.*?\?>", "", text, count=1, flags=re.DOTALL)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True, encoding="utf-8"
    )
    try:
        root = etree.fromstring(body.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error) or "huge" in str(error).lower():
            raise Unreadable("xml_large") from None
        raise Unreadable("not_xml", line=str(error.lineno or 1)) from None
    name = etree.QName(root).localname
    if name != "ContractAwardNotice":
        raise Unreadable("not_eforms", name=cut(name, 60))
    depth = 0
    for count, (event, _element) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH or count > 2 * MAX_ELEMENTS:
            raise Unreadable("xml_large")
    return root


def _all(element: Any, path: str) -> list[Any]:
    found: list[Any] = element.findall(path, _NS)
    return found


def _one(element: Any, path: str) -> str:
    """The text of the first element there; of several languages the first."""
    found = element.find(path, _NS)
    return (found.text or "").strip() if found is not None else ""


class _Notice:
    """The notice's parts by their technical ids."""

    def __init__(self, root: Any, faults: Faults) -> None:
        self.root, self.faults = root, faults
        self.folder = cut(_one(root, "cbc:ContractFolderID"), 120)
        result = root.find(".//efac:NoticeResult", _NS)
        self.result = result if result is not None else etree.Element("none")
        self.companies = {
            _one(one, "cac:PartyIdentification/cbc:ID"): one for one in _all(root, ".//efac:Organizations/efac:Organization/efac:Company")
        }
        self.tenders = {_one(one, "cbc:ID"): one for one in _all(self.result, "efac:LotTender")}
        # The ids of the tenders for each lot, each once: as its result names them, then as they name it.
        self.bids: dict[str, dict[str, None]] = {}
        said = [
            (_one(result, "efac:TenderLot/cbc:ID"), _one(one, "cbc:ID"))
            for result in _all(self.result, "efac:LotResult")
            for one in _all(result, "efac:LotTender")
        ]
        said += [(_one(one, "efac:TenderLot/cbc:ID"), key) for key, one in self.tenders.items()]
        for lot, key in said:
            if key in self.tenders:
                self.bids.setdefault(lot, {})[key] = None
        self.parties = {_one(one, "cbc:ID"): one for one in _all(self.result, "efac:TenderingParty")}
        self.contracts = {_one(one, "cbc:ID"): one for one in _all(self.result, "efac:SettledContract")}
        self.lots = {_one(one, "cbc:ID"): one for one in _all(root, "cac:ProcurementProjectLot")}
        code = root.find("cbc:NoticeTypeCode", _NS)
        self.kind = _KINDS.get(code.get("listName", "") if code is not None else "", "")
        self.buyer_id = _one(root, "cac:ContractingParty/cac:Party/cac:PartyIdentification/cbc:ID")

    def said_name(self, key: str) -> str:
        """The name of an organisation; "" where the notice does not describe it."""
        company = self.companies.get(key)
        return cut(_one(company, "cac:PartyName/cbc:Name")) if company is not None else ""

    def name(self, key: str) -> str:
        """The same of one that we go by; a fault where the notice does not describe it, or without its number."""
        if key not in self.companies:
            if key:
                self.faults.add(0, self.folder, "efac:Organizations", "unknown_party", key)
            return ""
        name = self.said_name(key)
        if not self.identifier(key):
            self.faults.add(0, self.folder, f"efac:Organization/{key}", "no_identifier", name)
        return name

    def identifier(self, key: str) -> str:
        """Its registration number; eForms names no scheme, so the country stands before it."""
        company = self.companies.get(key)
        number = cut(_one(company, "cac:PartyLegalEntity/cbc:CompanyID"), 60) if company is not None else ""
        return f"{self.country(key)} {number}".strip() if number else ""

    def country(self, key: str) -> str:
        """Its country, as written."""
        company = self.companies.get(key)
        return cut(_one(company, "cac:PostalAddress/cac:Country/cbc:IdentificationCode"), 3) if company is not None else ""

    def address(self, key: str) -> str:
        """Its address in one line."""
        company = self.companies.get(key)
        if company is None:
            return ""
        said = [_one(company, f"cac:PostalAddress/cbc:{name}") for name in ("StreetName", "CityName", "PostalZone")]
        return ", ".join(cut(part, 120) for part in (*said, self.country(key)) if part)[:300]

    def bidders(self, tender: Any) -> list[str]:
        """The ids of those who made a tender."""
        party = self.parties.get(_one(tender, "efac:TenderingParty/cbc:ID"))
        return [_one(one, "cbc:ID") for one in _all(party, "efac:Tenderer")] if party is not None else []

    def others(self, lot: str) -> list[str]:
        """The names of everybody who made a tender for a lot, each once."""
        bids = self.bids.get(lot, {})
        return list(dict.fromkeys(name for one in bids for key in self.bidders(self.tenders[one]) if (name := self.said_name(key))))

    def agency(self) -> str:
        """The service provider that runs the procurement for the buyer, where the notice names one; who only sends it is none."""
        for one in _all(self.root, "cac:ContractingParty/cac:Party/cac:ServiceProviderParty"):
            if _one(one, "cbc:ServiceTypeCode") == "serv-prov":
                return self.name(_one(one, "cac:Party/cac:PartyIdentification/cbc:ID"))
        return ""

    def delivery(self, lot: str) -> str:
        """Where a lot, else the whole, is delivered, in one line."""
        part = self.lots.get(lot)
        for project in (*([] if part is None else _all(part, "cac:ProcurementProject")), *_all(self.root, "cac:ProcurementProject")):
            for place in _all(project, "cac:RealizedLocation"):
                said = [_one(place, f"cac:Address/cbc:{name}") for name in ("StreetName", "CityName", "PostalZone", "CountrySubentityCode")]
                said += [_one(place, "cac:Address/cac:Country/cbc:IdentificationCode"), "" if any(said) else _one(place, "cbc:Description")]
                if line := ", ".join(cut(part, 120) for part in said if part)[:300]:
                    return line
        return ""

    def day(self, said: str) -> dt.date | None:
        """A date of the notice; a fault where it is none."""
        try:
            return date_of(said)
        except ValueError:
            self.faults.add(0, self.folder, "cbc:IssueDate", "bad_date", said)
            return None

    def amount(self, element: Any) -> tuple[Decimal | None, str]:
        """(amount, currency) of an element with currencyID."""
        if element is None:
            return None, ""
        try:
            return amount_of(Decimal((element.text or "").strip())), cut(element.get("currencyID"), 3).upper()
        except (ValueError, DecimalException):
            self.faults.add(0, self.folder, "cbc:PayableAmount", "bad_number", element.text)
            return None, ""


def _goods(notice: _Notice, lot: Any) -> tuple[str, str, list[tuple[str, str]]]:
    """(title, all words, codes) of a lot and of the project that it is part of."""
    projects = [*([] if lot is None else _all(lot, "cac:ProcurementProject")), *_all(notice.root, "cac:ProcurementProject")]
    said = [cut(found.text, 2000) for one in projects for name in ("Name", "Description") for found in _all(one, f"cbc:{name}")]
    codes = [
        (found.get("listName") or "", found.text or "")
        for one in projects
        for kind in ("MainCommodityClassification", "AdditionalCommodityClassification")
        for found in _all(one, f"cac:{kind}/cbc:ItemClassificationCode")
    ]
    title = ": ".join(dict.fromkeys(part for part in said[:2] if part))
    return title, "\n".join(said), codes


def _awards(notice: _Notice, lexicon: Lexicon, skipped: Skips) -> Iterator[tuple[int, str, Any, dict[str, str]]]:
    """(rank, lot id, winning tender or None, words) of each lot that was awarded and is ours."""
    buyer = notice.name(notice.buyer_id)
    results = _all(notice.result, "efac:LotResult")
    if not results:
        skipped.add("efac:NoticeResult", "no_award", title=cut(_one(notice.root, "cac:ProcurementProject/cbc:Name")), buyer=buyer)
    for result in results:
        lot = _one(result, "efac:TenderLot/cbc:ID")
        where = f"{_one(result, 'cbc:ID')}/{lot}"
        title, said, codes = _goods(notice, notice.lots.get(lot))
        outcome = _one(result, "cbc:TenderResultCode")
        if outcome != "selec-w":
            skipped.add(where, "pending" if outcome == "open-nw" else "unsuccessful", title=title, buyer=buyer)
            continue
        words = lexicon.families(said)
        by_code = any(lexicon.has_code(scheme, code) for scheme, code in codes)
        if not words and not by_code and said.strip():
            skipped.add(where, "not_ours", title=title, buyer=buyer)
            continue
        rank = (0 if OURS in words.values() else 1) if words else 2 if by_code else 3
        for tender in _winners(notice, result) or [None]:
            yield rank, lot, tender, words


def _winners(notice: _Notice, result: Any) -> list[Any]:
    """The tenders that won: those of a settled contract, else the first in rank, else the only one."""
    named = [_one(one, "cbc:ID") for one in _all(result, "efac:LotTender")]
    settled = {
        _one(tender, "cbc:ID")
        for one in _all(result, "efac:SettledContract")
        if (contract := notice.contracts.get(_one(one, "cbc:ID"))) is not None
        for tender in _all(contract, "efac:LotTender")
    }
    tenders = [notice.tenders[key] for key in dict.fromkeys(named) if key in notice.tenders]
    won = [one for one in tenders if _one(one, "cbc:ID") in settled]
    return won or [one for one in tenders if _one(one, "cbc:RankCode") == "1"] or (tenders if len(tenders) == 1 else [])


def _lines(
    notice: _Notice, lot: str, tender: Any, words: dict[str, str], *, rank: int, written: Text, notes: set[str], room: Named
) -> list[Line]:
    key = _one(tender, "cbc:ID") if tender is not None else ""
    contract = next(
        (one for one in notice.contracts.values() if key and key in {_one(t, "cbc:ID") for t in _all(one, "efac:LotTender")}), None
    )
    signed = notice.day(_one(contract, "cbc:IssueDate")) if contract is not None else None
    day = signed or notice.day(_one(notice.root, "cac:TenderResult/cbc:AwardDate")) or notice.day(_one(notice.root, "cbc:IssueDate"))
    title = _goods(notice, notice.lots.get(lot))[0][:500]
    amount, currency = notice.amount(tender.find("cac:LegalMonetaryTotal/cbc:PayableAmount", _NS) if tender is not None else None)
    buyer, where = notice.name(notice.buyer_id), f"{lot}/{key}".strip("/")
    written.put(where)
    spans: dict[str, Span | None] = {
        "project_no": written.say("ContractFolderID", notice.folder),
        "buyer": written.say("ContractingParty", buyer),
        "product_text": written.say(f"ProcurementProject {lot}", title),
        "amount": written.say("PayableAmount", f"{amount} {currency}" if amount is not None else ""),
        "happened_on": written.say("SettledContract" if signed else "AwardDate", day.isoformat() if day else ""),
    }
    published = notice.day(_one(notice.root, "cbc:IssueDate"))
    agency, place = notice.agency(), notice.delivery(lot)
    won_too = {notice.said_name(key) for key in notice.bidders(tender)} if tender is not None else set()
    parties = [one for one in notice.bidders(tender) if notice.name(one)] if tender is not None else []
    lost = tuple(name for name in notice.others(lot) if name not in won_too)[:MAX_BIDDERS]
    others = room.take(lost, len(parties))
    spans["signed_on"] = written.say("SettledContract IssueDate", signed.isoformat() if signed else "")
    spans["published_on"] = written.say("IssueDate", published.isoformat() if published else "")
    spans["agency"] = written.say("ServiceProviderParty", agency)
    spans["delivery_place"] = written.say("RealizedLocation", place)
    places = [written.say("Tenderer", name) for name in others]
    spans["other_bidders"] = places[0] if places else None
    if not parties:
        notes.add("supplier_withheld")
    if len(parties) > 1:
        notes.add("several_suppliers")
    stage = "contract" if notice.kind == "award" and signed else notice.kind
    if not stage:
        notes.add("not_active")
    made = []
    for one in parties or [""]:
        own = {**spans, "seller": written.say(f"Tenderer {one}", notice.name(one) if one else "")}
        made.append(
            Line(
                where=where[:300], stage=stage, buyer=buyer, buyer_identifier=notice.identifier(notice.buyer_id), seller=notice.name(one),
                seller_withheld=not one, seller_identifier=notice.identifier(one), seller_address=notice.address(one),
                project_no=notice.folder, product_text=title, product_undisclosed=rank >= 2, amount=amount if len(parties) < 2 else None,
                currency=currency, region=notice.address(notice.buyer_id)[:120], happened_on=day, words=words,
                published_on=published, signed_on=signed, agency=agency, delivery_place=place, other_bidders=others,
                spans={name: span for name, span in own.items() if span is not None},
            )
        )  # fmt: skip
    written.put()
    return made
