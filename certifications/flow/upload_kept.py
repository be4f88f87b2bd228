"""A declaration as an upload keeps and compares it: what a draft was before, whether it still says what was written, what would change."""

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from certifications.catalogue.models import Product
from certifications.declarations.data import DeclarationData, EndUserData, LineData, ShareData
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.parties.models import Customer
from certifications.parties.queries import display
from certifications.uploads.values import shown

OLD = ("end_use", "place_address", "place_country", "place_division", "valid_from", "valid_until", "unknown_facts")
# Fields that hold one customer, and with them those that a file may leave to the form of the draft.
PARTIES = ("customer", "purchaser", "final_consignee", "forwarder")
PLAIN = ("kind", "contract", "relationship", "contact", "term", "period", "ship_to_address", "ship_to_country", "ship_to_division", "route", "resale_scope",
         "reporting")  # fmt: skip


def onto(kept: DeclarationData, data: DeclarationData, told: Collection[str] = ()) -> DeclarationData:
    """A draft with what a file says of it: what the file leaves to the draft's own page stays as it was filled in there.

    `told` are fields that the file fills in: one-off, said of a standing draft, is no silence.
    """
    blank = DeclarationData("", (), "", "", "", data.valid_from, data.valid_until)
    said = {name: getattr(data, name) for name in vars(data) if getattr(data, name) != getattr(blank, name) or name in told}
    return replace(kept, **{**{name: getattr(data, name) for name in (*OLD, "customer_id", "lines")}, **said})


def plain_of(data: DeclarationData) -> dict[str, Any]:
    """For the database: as text, and back by `_data_from`."""
    found: dict[str, Any] = json.loads(canonical(data.said()))
    return found


def data_from(plain: dict[str, Any]) -> DeclarationData:
    """Also what was kept before there were kinds: goods were pairs then."""
    days = {name: dt.date.fromisoformat(plain[name]) for name in ("valid_from", "valid_until")}
    rows = [row if isinstance(row, dict) else {"product_id": row[0], "quantity": row[1]} for row in plain["lines"]]
    made: dict[str, Any] = {
        "lines": tuple(LineData(r["product_id"], Decimal(r["quantity"]), Decimal(r["ceiling"]) if "ceiling" in r else None) for r in rows)
    }
    if "value" in plain:
        made["value"] = Decimal(plain["value"])
    if "consignee_ids" in plain:
        made["consignee_ids"] = tuple(plain["consignee_ids"])
    if "end_users" in plain:
        made["end_users"] = tuple(
            EndUserData(**{**one, "shares": tuple(ShareData(s["product_id"], Decimal(s["quantity"])) for s in one["shares"])})
            for one in plain["end_users"]
        )
    return DeclarationData(**{**plain, **days, **made})


def stamp_of(data: DeclarationData) -> str:
    """Whether a draft still says what an upload wrote. Goods in one order, texts and quantities as they are kept.

    As it was computed before there were kinds, so that an upload of then can still be taken back.
    """
    said = data.stripped().said()
    lines = sorted((line.product_id, Decimal(line.quantity), *([line.ceiling] if line.ceiling else [])) for line in data.lines)
    return sha256_hex(canonical({**said, "lines": [list(line) for line in lines]}))


# Fields of a declaration that a file may change, by the field of the file that does.
_CHANGED = {
    "customer_id": "customer",
    "purchaser_id": "purchaser",
    "consignee_ids": "consignees",
    "final_consignee_id": "final_consignee",
    "forwarder_id": "forwarder",
}


def _ceiling(line: LineData) -> str:
    return "" if line.ceiling is None else f" (≤ {line.ceiling.normalize():f})"


def _users(data: DeclarationData, numbers: Mapping[str, str]) -> str:
    """The further end users, each with its place and its share."""
    names = {one.pk: display(one.party).title for one in Customer.objects.filter(pk__in=[one.customer_id for one in data.end_users])
             .select_related("party").prefetch_related("party__names")}  # fmt: skip
    return "; ".join(
        f"{names.get(one.customer_id, '')}, {one.place_address}: "
        + ", ".join(sorted(f"{share.quantity.normalize():f} × {numbers.get(share.product_id, '')}" for share in one.shares))
        for one in data.end_users
    )


def changes_of(before: DeclarationData, after: DeclarationData) -> tuple[tuple[str, str, str], ...]:
    if stamp_of(before) == stamp_of(after):
        return ()
    changes = []
    for name in (*_CHANGED, *OLD, *PLAIN, "samples_per_month"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            changes.append((_CHANGED.get(name, name), shown(old), shown(new)))
    numbers = dict(Product.objects.values_list("pk", "catalogue_number"))
    users = [_users(data, numbers) for data in (before, after)]
    if users[0] != users[1]:
        changes.append(("customer", *users))
    goods = [
        "; ".join(sorted(f"{line.quantity.normalize():f} × {numbers.get(line.product_id, '')}{_ceiling(line)}" for line in data.lines))
        for data in (before, after)
    ]
    if goods[0] != goods[1]:
        changes.append(("quantity", *goods))
    return tuple(changes)
