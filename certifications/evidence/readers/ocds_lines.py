"""Writes the awards that are proposed as readable text and as lines, each field with its place. Must not decide what is proposed."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, DecimalException
from typing import Any, Final

from .ocds_faults import Faults
from .ocds_parts import (
    NUMBERS,
    Award,
    Named,
    address_of,
    agency_of,
    bidders_of,
    buyer_name,
    delivery_of,
    identifier_of,
    numbers_of,
    obj,
    published_of,
    suppliers_of,
    words_of,
)
from .packages import Line, Text, amount_of, cut, date_of
from .types import Span

_USCC: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


def lines_of(one: Award, written: Text, faults: Faults, named: Named) -> list[Line]:
    """Write the award down as text and make its lines: one per item that is ours, or per supplier."""
    process, award, contract = one.process, one.award, one.contract
    written.put(f"{one.path}")
    buyer = buyer_name(process)
    party = process.parties.get(cut(process.buyer.get("id"), 100), {})
    spans: dict[str, Span | None] = {
        "project_no": written.say("ocid", process.ocid),
        "buyer": written.say("buyer.name", buyer),
        "product_text": written.say("title, description", one.text[:500]),
    }
    value, value_path = (
        (obj(contract.get("value")), one.contract_path) if obj(contract.get("value")) else (obj(award.get("value")), one.path)
    )

    def number(said: Any, path: str) -> Decimal | None:
        try:
            return amount_of(said)
        except (ValueError, DecimalException):
            faults.add(process.number, process.ocid, path, "bad_number", said)
            return None

    amount = number(value.get("amount"), f"{value_path}.value.amount")
    currency = cut(value.get("currency"), 3).upper()
    own_day = contract.get("dateSigned") or award.get("date")
    day, said_day = None, own_day or process.date
    try:
        day = date_of(said_day)
    except ValueError:
        faults.add(process.number, process.ocid, one.path, "bad_date", said_day)
    spans["amount"] = written.say("value", f"{amount} {currency}" if amount is not None else "")
    sure, why = (0.9, "structured") if own_day else (0.5, "release_date")
    spans["happened_on"] = written.say("date", day.isoformat() if day else "", confidence=sure, reason=why)
    signed, said_published = _day_or_none(contract.get("dateSigned")), _day_or_none(published_of(award, contract))
    published = said_published or _day_or_none(process.date)
    spans["signed_on"] = written.say("dateSigned", signed.isoformat() if signed else "")
    spans["published_on"] = written.say("datePublished" if said_published else "release date", published.isoformat() if published else "")
    suppliers: list[tuple[int, dict[str, Any] | None]] = [*suppliers_of(award)] or [(0, None)]
    goods = one.items or [("", {}, {})]
    agency, bidders = agency_of(process, buyer), named.take(bidders_of(process, award), len(suppliers) * len(goods))
    spans["agency"] = written.say("tender.procuringEntity.name", agency)
    places = [written.say(f"tender.tenderers[{i}].name", name) for i, name in enumerate(bidders)]
    spans["other_bidders"] = places[0] if places else None
    address = obj(party.get("address"))
    region = ", ".join(p for p in (cut(address.get(n), 55) for n in ("region", "countryName")) if p)
    base = Line(
        where=one.path, stage=one.stage, buyer=buyer, buyer_identifier=identifier_of(process.buyer, party), project_no=process.ocid,
        product_text=one.text[:500], product_undisclosed=one.rank >= 2, amount=None if one.several else amount, currency=currency,
        region=region, happened_on=day, words=one.words, published_on=published, signed_on=signed, agency=agency, other_bidders=bidders,
    )  # fmt: skip
    made: list[Line] = []
    for i, supplier in suppliers:
        line, own = base, dict(spans)
        if supplier is None:
            line = replace(line, seller_withheld=True)
        else:
            known = process.parties.get(cut(supplier.get("id"), 100), {})
            number_of = identifier_of(supplier, known)
            code = number_of.rpartition(" ")[2].upper()
            line = replace(
                line, seller=cut(supplier.get("name")), seller_identifier=number_of, seller_address=address_of(known) or address_of(supplier),
                seller_uscc=code if _USCC.fullmatch(code) else "",
            )  # fmt: skip
            own["seller"] = written.say(f"suppliers[{i}].name", line.seller)
            own["seller_address"] = written.say(f"suppliers[{i}].address", line.seller_address)
        made += [_with_item(line, own, given, written=written, number=number, alone=len(goods) == 1) for given in goods]
    written.put()
    return made


def _day_or_none(said: Any) -> dt.date | None:
    """A further day of the release; one that is none is left to the person, and the schema's check says so."""
    try:
        return date_of(said)
    except ValueError:
        return None


def _with_item(
    line: Line,
    own: dict[str, Span | None],
    given: tuple[str, dict[str, Any], dict[str, str]],
    *,
    written: Text,
    number: Callable[[Any, str], Decimal | None],
    alone: bool,
) -> Line:
    """The line with the item's goods, quantity and price, where there is an item."""
    spans = dict(own)
    path, item, words = given
    if item:
        unit = obj(item.get("unit"))
        text, named = cut(words_of(item), 500), cut(unit.get("name"), 20)
        quantity = number(item.get("quantity"), f"{path}.quantity")
        price = number(obj(unit.get("value")).get("amount"), f"{path}.unit.value.amount")
        line = replace(
            line, where=path, product_text=text, product_undisclosed=False, quantity=quantity, unit=named, unit_price=price, words=words,
            amount=line.amount if alone else None, delivery_place=delivery_of(item), **numbers_of(item),
        )  # fmt: skip
        spans["delivery_place"] = written.say("delivery", line.delivery_place)
        spans |= {name: written.say(name, getattr(line, name)) for name in NUMBERS}
        spans["product_text"] = written.say("item", text)
        spans["quantity"] = written.say("quantity", f"{quantity} {named}".strip() if quantity is not None else "")
        spans["unit_price"] = written.say("unit price", str(price) if price is not None else "")
        if not alone:
            spans["amount"] = None
    return replace(line, spans={name: span for name, span in spans.items() if span is not None})
