"""What differs between two texts of a declaration, so that only that need be read again. Words and days as the page's language has them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language


@dataclass(frozen=True)
class Change:
    """One thing that differs. `field` is a key of the table of words (portal/words.py); `what` tells goods and undertakings apart; empty is: was not there."""

    field: str
    before: str
    after: str
    what: str = ""


def _names(party: dict[str, Any]) -> str:
    return "; ".join([*party["names"], *(i["value"] for i in party["identifiers"]), *(s["address"] for s in party["sites"])])


def _place(place: dict[str, Any]) -> str:
    return ", ".join(part for part in (place["address"], place["country"], place["division"]) if part)


def _valid(text: dict[str, Any]) -> str:
    return " – ".join(date_format(dt.date.fromisoformat(text[name]), "DATE_FORMAT") for name in ("valid_from", "valid_until"))


def _goods(text: dict[str, Any]) -> dict[str, tuple[str, str]]:
    own = "_zh" if (get_language() or "").startswith("zh") else ""
    return {
        g["catalogue_number"]: (f"{g[f'name{own}']} {g['catalogue_number']}", f"{g['quantity']} {g[f'unit{own}']}") for g in text["goods"]
    }


def _clauses(text: dict[str, Any]) -> dict[int, tuple[str, str]]:
    return {c["number"]: (f"{c['number']}. {c['title']}", f"{c['text']} {c['text_zh']}") for c in text["clauses"]["items"]}


def _rows(field: str, before: dict[Any, tuple[str, str]], after: dict[Any, tuple[str, str]]) -> list[Change]:
    none = ("", "")
    keys = [key for key in sorted(before.keys() | after.keys()) if before.get(key) != after.get(key)]
    return [Change(field, before.get(k, none)[1], after.get(k, none)[1], after.get(k, before.get(k, none))[0]) for k in keys]


def _pairs(*rows: tuple[str, str, str]) -> list[Change]:
    return [Change(field, was, now) for field, was, now in rows if was != now]


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Every difference between two canonical texts (rules.canonical_text), in the order of the form; undertakings one by one."""
    return [
        *_pairs(
            ("distributor", _names(before["distributor"]), _names(after["distributor"])),
            ("end_user", _names(before["end_user"]), _names(after["end_user"])),
            ("line_of_business", before["end_user"]["line_of_business"], after["end_user"]["line_of_business"]),
        ),
        *_rows("goods", _goods(before), _goods(after)),
        *_pairs(
            ("end_use", before["end_use"], after["end_use"]),
            ("place_of_use", _place(before["place_of_use"]), _place(after["place_of_use"])),
            ("valid", _valid(before), _valid(after)),
            ("unknown_facts", before["unknown_facts"], after["unknown_facts"]),
        ),
        *_rows("clause", _clauses(before), _clauses(after)),
    ]
