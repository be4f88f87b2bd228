"""What differs between two texts of a declaration, so that only that need be read again. Words and days as the page's language has them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language

from certifications.ledger.listed import listed


@dataclass(frozen=True)
class Change:
    """One thing that differs. `field` is a key of the table of words (portal/words.py); `what` tells goods and undertakings apart; empty is: was not there."""

    field: str
    before: str
    after: str
    what: str = ""


def _names(party: dict[str, Any]) -> str:
    return "; ".join([*party["names"], *(i["value"] for i in party["identifiers"]), *(s["address"] for s in party["sites"])])


def _place(place: dict[str, Any] | None) -> str:
    return ", ".join(part for part in (place["address"], place["country"], place["division"]) if part) if place else ""


def _valid(text: dict[str, Any]) -> str:
    return " – ".join(date_format(dt.date.fromisoformat(text[name]), "DATE_FORMAT") for name in ("valid_from", "valid_until"))


def _goods(text: dict[str, Any]) -> dict[str, tuple[str, str]]:
    own = "_zh" if (get_language() or "").startswith("zh") else ""

    def said(good: dict[str, Any]) -> str:
        most = f" (≤ {good['ceiling']} / {text.get('period', '')})" if good.get("ceiling") else ""
        return f"{good['quantity']} {good[f'unit{own}']}{most}"

    return {g["catalogue_number"]: (f"{g[f'name{own}']} {g['catalogue_number']}", said(g)) for g in text["goods"]}


def _clauses(text: dict[str, Any]) -> dict[int, tuple[str, str]]:
    return {c["number"]: (f"{c['number']}. {c['title']}", f"{c['text']} {c['text_zh']}") for c in text["clauses"]["items"]}


def _main(party: dict[str, Any]) -> str:
    return str(party["latin"] or party["native"])


def _others(text: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {_main(party): ("", _names(party)) for party in text.get("other_end_users", ())}


def _shares(text: dict[str, Any]) -> dict[str, tuple[str, str]]:
    users = [text["end_user"], *text.get("other_end_users", ())]
    found = {}
    for share in text.get("shares", ()):
        goods = listed(f"{g['quantity']} × {g['catalogue_number']}" for g in share["goods"])
        name = _main(users[share["end_user"]])
        found[name] = (name, f"{goods}; {_place(share['place_of_use'])}")
    return found


def _way(text: dict[str, Any], role: str) -> dict[int, tuple[str, str]]:
    rows = [row["party"] for row in text.get("on_the_way", ()) if row["role"] == role]
    return {number: ("", _names(party)) for number, party in enumerate(rows)}


def _value(text: dict[str, Any]) -> str:
    value = text.get("value")
    return f"{value['currency']} {value['amount']}" if value else ""


def _stock(text: dict[str, Any]) -> str:
    stock = text.get("stock")
    return f"{stock['resale_scope']} ({stock['reporting']})" if stock else ""


def _documents(text: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {d["sha256"]: (d["title"], f"{d['name']}, SHA-256 {d['sha256']}") for d in text.get("documents", ())}


def _rows(field: str, before: dict[Any, tuple[str, str]], after: dict[Any, tuple[str, str]]) -> list[Change]:
    none = ("", "")
    keys = [key for key in sorted(before.keys() | after.keys()) if before.get(key) != after.get(key)]
    return [Change(field, before.get(k, none)[1], after.get(k, none)[1], after.get(k, before.get(k, none))[0]) for k in keys]


def _pairs(*rows: tuple[str, str, str]) -> list[Change]:
    return [Change(field, was, now) for field, was, now in rows if was != now]


# What a text of schema 1, which does not say it, was all the same; empty for what could not be said.
_UNSAID = {"kind": "single", "term": "one_off", "contract": "none"}


def _said(text: dict[str, Any], name: str) -> str:
    return str(text.get(name, _UNSAID.get(name, "")))


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Every difference between two canonical texts (texts.declared_text), in the order of the form; undertakings one by one."""

    def plain(*names: str) -> list[Change]:
        return _pairs(*((name, _said(before, name), _said(after, name)) for name in names))

    return [
        *plain("kind"),
        *_pairs(
            ("distributor", _names(before["distributor"]), _names(after["distributor"])),
            ("end_user", _names(before["end_user"]), _names(after["end_user"])),
            ("line_of_business", before["end_user"]["line_of_business"], after["end_user"]["line_of_business"]),
        ),
        *_rows("other_end_users", _others(before), _others(after)),
        *plain("relationship", "contact"),
        *_rows("purchaser", _way(before, "purchaser"), _way(after, "purchaser")),
        *plain("term", "contract"),
        *_rows("goods", _goods(before), _goods(after)),
        *_rows("shares", _shares(before), _shares(after)),
        *_pairs(("value", _value(before), _value(after)), ("end_use", before["end_use"], after["end_use"])),
        *plain("samples_per_month"),
        *_pairs(
            ("place_of_use", _place(before["place_of_use"]), _place(after["place_of_use"])),
            ("stock", _stock(before), _stock(after)),
            ("ship_to", _place(before.get("ship_to")), _place(after.get("ship_to"))),
        ),
        *(change for role in ("consignee", "final", "forwarder") for change in _rows(role, _way(before, role), _way(after, role))),
        *plain("route", "delivery_proof"),
        *_rows("documents", _documents(before), _documents(after)),
        *_pairs(("valid", _valid(before), _valid(after)), ("unknown_facts", before["unknown_facts"], after["unknown_facts"])),
        *_rows("clause", _clauses(before), _clauses(after)),
    ]
