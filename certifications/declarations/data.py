"""A declaration as plain values: what is typed, kept, compared and frozen; and the groups of the form it is typed in. Pure."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from certifications.ledger.canonical import canonical, sha256_hex

KINDS = ("single", "several", "stockist")
TERMS = ("one_off", "standing")
PERIODS = ("month", "quarter", "year")
# How a stockist reports what became of its stock.
REPORTING = ("month", "quarter")
PROOFS = ("yes", "no")
MOST_END_USERS = 20
MOST_CONSIGNEES = 5
GROUPS = ("parties", "goods", "end_use", "route", "documents")


@dataclass(frozen=True)
class LineData:
    """A product, how many of its own units, and how many of them at most in one period of a standing declaration."""

    product_id: str
    quantity: Decimal
    ceiling: Decimal | None = None


@dataclass(frozen=True)
class ShareData:
    """Of one product, how much of the declared quantity is for one end user."""

    product_id: str
    quantity: Decimal


@dataclass(frozen=True)
class EndUserData:
    """An end user beside the first, where it uses the goods, and its share of them. What is left of the goods is the first one's."""

    customer_id: str
    shares: tuple[ShareData, ...] = ()
    place_address: str = ""
    place_country: str = ""
    place_division: str = ""


@dataclass(frozen=True)
class DeclarationData:
    """A declaration as typed. Other parties are customers of the distributor, by their ids; an empty text is: not said.

    `customer_id` is the first end user; of a stockist the distributor itself. An empty `ship_to_address` is the place of use.
    """

    customer_id: str
    lines: tuple[LineData, ...]
    end_use: str
    place_address: str
    place_country: str
    valid_from: dt.date
    valid_until: dt.date
    place_division: str = ""
    unknown_facts: str = ""
    kind: str = "single"
    term: str = "one_off"
    period: str = ""
    contract: str = ""
    relationship: str = ""
    contact: str = ""
    samples_per_month: int | None = None
    value: Decimal | None = None
    currency: str = ""
    resale_scope: str = ""
    reporting: str = ""
    ship_to_address: str = ""
    ship_to_country: str = ""
    ship_to_division: str = ""
    route: str = ""
    delivery_proof: str = ""
    purchaser_id: str = ""
    consignee_ids: tuple[str, ...] = ()
    final_consignee_id: str = ""
    forwarder_id: str = ""
    end_users: tuple[EndUserData, ...] = ()

    def stripped(self) -> "DeclarationData":
        """The same with texts as they are kept."""
        texts = {f.name: value.strip() for f in fields(self) if isinstance(value := getattr(self, f.name), str)}
        return replace(self, **texts)

    def all_end_users(self) -> tuple[EndUserData, ...]:
        """The first with its place and what is left for it, then the others."""
        first = EndUserData(self.customer_id, self.first_share(), self.place_address, self.place_country, self.place_division)
        return (first, *self.end_users)

    def first_share(self) -> tuple[ShareData, ...]:
        """What is left of the goods for the first end user; may be nothing or, wrongly typed, less than that."""
        given: dict[str, Decimal] = {}
        for share in (share for one in self.end_users for share in one.shares):
            given[share.product_id] = given.get(share.product_id, Decimal(0)) + share.quantity
        left = (ShareData(line.product_id, line.quantity - given.get(line.product_id, Decimal(0))) for line in self.lines)
        return tuple(share for share in left if share.quantity)

    def lines_without(self, end_users: Iterable[str]) -> tuple[LineData, ...]:
        """The goods less the shares of some of the further end users."""
        gone = set(end_users)
        taken: dict[str, Decimal] = {}
        for share in (share for one in self.end_users if one.customer_id in gone for share in one.shares):
            taken[share.product_id] = taken.get(share.product_id, Decimal(0)) + share.quantity
        left = (replace(line, quantity=line.quantity - taken.get(line.product_id, Decimal(0))) for line in self.lines)
        return tuple(line for line in left if line.quantity > 0)

    def said(self) -> dict[str, Any]:
        """Every field that says something, as plain values. What a file or a form said before a field existed still says the same."""
        new = [f for f in fields(self) if f.name not in _ALWAYS]
        found = {f.name: value for f in new if (value := _plain(getattr(self, f.name))) != _plain(f.default)}
        lines = [
            {"product_id": x.product_id, "quantity": x.quantity, **({"ceiling": x.ceiling} if x.ceiling is not None else {})}
            for x in self.lines
        ]
        return {**{name: getattr(self, name) for name in _ALWAYS}, **found, "lines": lines}


_ALWAYS = ("customer_id", "end_use", "place_address", "place_country", "valid_from", "valid_until", "place_division", "unknown_facts")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, EndUserData | ShareData | LineData):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value


# Fields of each group of the form, and what a group says of each further end user.
FIELDS: dict[str, tuple[str, ...]] = {
    "parties": ("kind", "customer_id", "relationship", "contact", "purchaser_id"),
    # The first end user has what is left of the goods, and the first place: whoever changed it changed these groups too.
    "goods": ("customer_id", "kind", "term", "period", "contract", "value", "currency", "valid_from", "valid_until", "lines"),
    "end_use": ("customer_id", "kind", "end_use", "samples_per_month", "place_address", "place_country", "place_division", "unknown_facts", "resale_scope", "reporting"),
    "route": (
        "ship_to_address", "ship_to_country", "ship_to_division", "consignee_ids", "final_consignee_id", "forwarder_id", "route",
        "delivery_proof",
    ),
    "documents": (),
}  # fmt: skip
_OF_END_USERS = {"goods": ("shares",), "end_use": ("place_address", "place_country", "place_division")}


def part_of(group: str, data: DeclarationData) -> dict[str, Any]:
    """What one group of the form holds, as plain values."""
    kept = data.stripped()
    found = {name: _plain(getattr(kept, name)) for name in FIELDS[group]}
    if group == "parties" or group in _OF_END_USERS:
        found["end_users"] = [
            [one.customer_id, *(_plain(getattr(one, name)) for name in _OF_END_USERS.get(group, ()))] for one in kept.end_users
        ]
    return found


def stamp_of(group: str, data: DeclarationData) -> str:
    """What a page of the form says it was filled in from, so that nothing that somebody saved meanwhile is overwritten unseen."""
    return sha256_hex(canonical(part_of(group, data)))[:24]


_GROUP_OF = {name: group for group, names in reversed(FIELDS.items()) for name in names}
_PREFIXES = {"quantity": "goods", "ceiling": "goods", "share": "goods", "user": "parties", "place": "end_use", "consignee": "route"}
_GROUP_OF |= {
    "customer": "parties", "purchaser": "parties", "end_users": "parties", "final_consignee": "route", "forwarder": "route",
    "consignees": "route", "clauses": "goods", "documents": "documents",
}  # fmt: skip


def group_of(field: str) -> str:
    """The group in which a field of the form is mended."""
    return _GROUP_OF.get(field) or _PREFIXES.get(field.split("_", maxsplit=1)[0], "goods")
