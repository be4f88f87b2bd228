"""Confirmed evidence as OCDS 1.1 releases: one release per document, project and buyer, each confirmed line an award.

Takes values, returns plain data; must not ask the database. Sums leave only where the caller says so.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from .models import EvidenceLine
from .readers.packages import STAGE_MARK

VERSION: Final = "1.1"
_OCID: Final = re.compile(r"ocds-[a-z0-9]{6}-.+")
# What a kind of notice is in the words of the standard: (tag of the release, status of the award; None where there is no award yet).
_KINDS: Final[dict[str, tuple[str, str | None]]] = {
    "intention": ("planning", None),
    "tender": ("tender", None),
    "candidate": ("award", "pending"),
    "award": ("award", "active"),
    "contract": ("contract", "active"),
    "failed": ("award", "unsuccessful"),
    "amendment": ("awardUpdate", "active"),
    "cancelled": ("awardCancellation", "cancelled"),
}
# Numbers of an item: the standard has no field for them and allows further ones; they come in again by these ids.
_ATTRIBUTES: Final = {"catalogue_no": "Catalogue number as written", "lot": "Lot", "serial": "Serial number"}
# Whose field for the place of delivery is used.
EXTENSIONS: Final = ["https://raw.githubusercontent.com/open-contracting-extensions/ocds_location_extension/v1.1.4/extension.json"]
_NUMBER: Final = re.compile(r'"\\u0000([0-9.]+)\\u0000"')


def number(value: Decimal) -> str:
    """A marker that `as_text` turns into a JSON number of exactly these digits: neither float nor string holds money."""
    return f"\0{value.normalize():f}\0"


def as_text(data: Any) -> str:
    """JSON of plain data with numbers by `number`."""
    return _NUMBER.sub(r"\1", json.dumps(data, ensure_ascii=False))


def ocid_of(line: EvidenceLine, prefix: str) -> str:
    """The id of the contracting process: the publisher's own where a package gave one, else ours by project and buyer."""
    if _OCID.fullmatch(line.project_no):
        return line.project_no
    if not line.project_key:
        return f"{prefix}-{line.pk}"
    return f"{prefix}-{hashlib.sha256(f'{line.project_key} {line.buyer_key}'.encode()).hexdigest()[:20]}"


def releases_of(lines: Iterable[EvidenceLine], *, prefix: str, firsts: dict[str, str], prices: bool) -> Iterator[dict[str, Any]]:
    """Releases of lines that stand together by document; `firsts` names for each line the first line of its sale.

    A sale that was announced again bears one award id in all its releases, so that a compiled record counts it once.
    """
    for document_id, group in groupby(lines, key=lambda line: line.document_id):
        parts: dict[tuple[str, str], list[EvidenceLine]] = {}
        for line in group:
            parts.setdefault((ocid_of(line, prefix), line.stage), []).append(line)
        for n, ((ocid, stage), rows) in enumerate(parts.items(), 1):
            yield _release(f"{document_id}-{n}", ocid, stage, rows, firsts=firsts, prices=prices)


def _release(release_id: str, ocid: str, stage: str, rows: list[EvidenceLine], *, firsts: dict[str, str], prices: bool) -> dict[str, Any]:
    tag, status = _KINDS[stage]
    first = rows[0]
    buyer = _party(first.buyer, first.buyer_uscc, first.buyer_identifier)
    sellers = [_party(line.seller, line.seller_uscc, line.seller_identifier, line.seller_address) for line in rows if line.seller]
    parties: dict[str, dict[str, Any]] = {buyer["id"]: {**buyer, "roles": ["buyer"]}}
    for seller in sellers:
        known = parties.setdefault(seller["id"], {**seller, "roles": []})
        known["roles"] = sorted({*known["roles"], "supplier"})
    tendering = _tendering(rows, parties)
    found: dict[str, Any] = {
        "ocid": ocid,
        "id": release_id,
        "date": _moment(max(line.confirmed_at for line in rows)),
        "tag": [tag],
        "initiationType": "tender",
        "language": "zh" if re.search(r"[\u4e00-\u9fff]", first.buyer) else "en",
        "parties": list(parties.values()),
        "buyer": {"id": buyer["id"], "name": first.buyer},
    }
    if first.project_no:
        found["tender"] = {"id": first.project_no} | ({"title": first.document.title} if first.document.title else {}) | tendering
    elif status is None or tendering:
        found["tender"] = {"id": release_id} | tendering
    if status is not None:
        found["awards"] = [_award(line, status, firsts.get(line.pk, line.pk), prices=prices) for line in _each_once(rows, firsts)]
        if status == "active":
            # An award may tell of its contract too: what kind of notice said so is nowhere else in the standard.
            for award in found["awards"]:
                award["statusDetails"] = STAGE_MARK + stage
    signed = [line for line in _each_once(rows, firsts) if stage == "contract" or (line.signed_on and stage in {"award", "amendment"})]
    if signed:
        found["tag"] = list(dict.fromkeys([tag, "contract"]))
        found["contracts"] = [
            {
                "id": firsts.get(line.pk, line.pk),
                "awardID": firsts.get(line.pk, line.pk),
                "status": "active",
                "dateSigned": _day(line.signed_on or line.happened_on),
                **_value(line, prices=prices),
            }
            for line in signed
        ]
    return found


def _tendering(rows: list[EvidenceLine], parties: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Who managed the procurement and who bid, as far as the notice says it; each is added to the parties.

    Whoever won did bid. Where no other bidder is named nobody is: that only one bid is not known.
    """

    def also(name: str, uscc: str, identifier: str, role: str) -> dict[str, Any]:
        one = _party(name, uscc, identifier)
        known = parties.setdefault(one["id"], {**one, "roles": []})
        known["roles"] = sorted({*known["roles"], role})
        return {"id": one["id"], "name": name}

    found: dict[str, Any] = {}
    if agency := next((line.agency for line in rows if line.agency), ""):
        found["procuringEntity"] = also(agency, "", "", "procuringEntity")
    if any(line.other_bidders for line in rows):
        bid = [(line.seller, line.seller_uscc, line.seller_identifier) for line in rows if line.seller]
        bid += [(name, "", "") for line in rows for name in line.other_bidders]
        tenderers = [also(*one, "tenderer") for one in bid]
        found["tenderers"] = list({one["id"]: one for one in tenderers}.values())
    return found


def _each_once(rows: list[EvidenceLine], firsts: dict[str, str]) -> list[EvidenceLine]:
    return list({firsts.get(line.pk, line.pk): line for line in rows}.values())


def _award(line: EvidenceLine, status: str, award_id: str, *, prices: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"id": award_id, "status": status, "date": _day(line.happened_on), **_value(line, prices=prices)}
    if line.seller:
        seller = _party(line.seller, line.seller_uscc, line.seller_identifier)
        found["suppliers"] = [{"id": seller["id"], "name": line.seller}]
    if item := _item(line, prices=prices):
        found["items"] = [item]
    notice = {"id": line.document.number, "documentType": "awardNotice", "title": line.document.title or line.document.number}
    if line.published_on:
        notice["datePublished"] = _day(line.published_on)
    found["documents"] = [notice | ({"url": line.document.source_url} if line.document.source_url else {})]
    return found


def _item(line: EvidenceLine, *, prices: bool) -> dict[str, Any]:
    """What was bought; nothing where the notice does not say it."""
    said = {name: getattr(line, name) for name in _ATTRIBUTES if getattr(line, name)}
    if line.product is None and not line.product_text and not said and not line.delivery_place:
        return {}
    found: dict[str, Any] = {"id": "1"}
    if line.product is not None or line.product_text:
        found["description"] = line.product_text or str(line.product)
    if said:
        found["attributes"] = [{"id": name, "name": _ATTRIBUTES[name], "value": value} for name, value in said.items()]
    if line.delivery_place:
        found["deliveryAddress"] = {"streetAddress": line.delivery_place}
    if line.product is not None:
        found["classification"] = {"scheme": "x_catalogue", "id": line.product.catalogue_number, "description": line.product.name}
    if line.quantity is not None:
        found["quantity"] = number(line.quantity)
    unit: dict[str, Any] = {"name": line.unit} if line.unit else {}
    if prices and line.unit_price is not None:
        unit["value"] = {"amount": number(line.unit_price), "currency": line.currency}
    return found | ({"unit": unit} if unit else {})


def _value(line: EvidenceLine, *, prices: bool) -> dict[str, Any]:
    if not prices or line.amount is None:
        return {}
    return {"value": {"amount": number(line.amount), "currency": line.currency}}


def _party(name: str, uscc: str, identifier: str, address: str = "") -> dict[str, Any]:
    """An organisation: its id by its number, else by its name, so that it is the same in every release."""
    scheme, _space, code = identifier.rpartition(" ")
    if uscc:
        scheme, code = "CN-USCC", uscc
    key = f"{scheme}-{code}" if code else f"name-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    found: dict[str, Any] = {"id": key, "name": name}
    if code:
        found["identifier"] = {"id": code, "legalName": name} | ({"scheme": scheme} if scheme else {})
    return found | ({"address": {"streetAddress": address}} if address else {})


def _day(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def package_text(releases: Iterable[dict[str, Any]], *, uri: str, publisher: str, published: dt.datetime) -> Iterator[str]:
    """The whole release package, piece by piece, so that it is never in memory at once."""
    about = {"uri": uri, "version": VERSION, "extensions": EXTENSIONS, "publishedDate": _moment(published)}
    around = {**about, "publisher": {"name": publisher}, "releases": []}
    yield as_text(around)[:-2] + "\n"
    for n, release in enumerate(releases):
        yield (",\n" if n else "") + as_text(release)
    yield "\n]}\n"
