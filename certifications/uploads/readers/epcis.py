"""EPCIS 2.0 documents (JSON, JSON-LD) as a table: one row for each thing of each event, in columns that are always the same.

Every field is handed over as it was written; what is missing or no text becomes a cell that the kind of upload refuses by row and column.
Contexts are never fetched. Packages are opened by the aggregations that stand before them in the same document.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from .gs1 import item_of, package_of, place_of, step_of
from .types import MAX_CELL, MAX_ROWS, Reading, Unreadable

HEADER: Final = (
    "event", "item", "event_id", "type", "action", "step", "time", "zone", "product", "lot", "serial", "quantity", "unit", "since", "since_name", "to",
    "to_name", "place", "place_name", "invoice", "order", "package", "declared",
)  # fmt: skip
DECLARATION: Final = "errorDeclaration"  # in the place of a thing
# Where the things of an event stand, by its type: lists of EPCs, lists of quantities.
ITEMS: Final = {
    "ObjectEvent": (("epcList",), ("quantityList",)),
    "AggregationEvent": (("childEPCs",), ("childQuantityList",)),
    "AssociationEvent": (("childEPCs",), ("childQuantityList",)),
    "TransactionEvent": (("epcList",), ("quantityList",)),
    "TransformationEvent": (("inputEPCList", "outputEPCList"), ("inputQuantityList", "outputQuantityList")),
}
# Whose it was says more than where it lay.
SIDES: Final = ("owning_party", "possessing_party", "location")
# Units of counting (UNECE Recommendation 20): each, piece, one.
PIECES: Final = frozenset({"", "EA", "H87", "C62", "NAR"})
MOST_NESTED: Final = 6  # packages within packages
LONGEST: Final = 400  # characters of a cell


class Number(str):  # noqa: SLOT000 - a mark, not a store
    """A number as it was written, so that no digit of it is lost."""


@dataclass
class Thing:
    """One EPC or quantity of an event: where it stands, its identifier, and how many."""

    where: str
    uri: str
    quantity: str = "1"
    unit: str = ""
    package: str = ""


@dataclass
class _Document:
    """What the events of a document share: names of places, what packages hold so far, which events were declared wrong."""

    names: dict[str, str] = field(default_factory=dict)
    packages: dict[str, list[Thing]] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)


def epcis_table(content: bytes) -> tuple[Reading, list[tuple[int, list[str]]]]:
    """As reader.read_table. Raises Unreadable."""
    document = _parsed(content)
    events = _events_of(document)
    held = _Document(_names_of(document))
    for event in events:
        if isinstance(event, dict) and event.get("errorDeclaration") is not None and _text(event.get("eventID")):
            held.wrong[_text(event.get("eventID"))] = _declared(event)
    rows: list[tuple[int, list[str]]] = []
    for number, event in enumerate(events, start=1):
        for cells in _rows_of(number, event, held):
            if len(rows) >= MAX_ROWS:
                raise Unreadable("too_many_rows", rows=f"{MAX_ROWS:,}")
            rows.append((len(rows) + 1, [cells.get(name, "")[:MAX_CELL] for name in HEADER]))
    if not rows:
        raise Unreadable("no_events")
    return Reading(format="json", header=HEADER, header_rows=(), count=len(rows), encoding="utf-8", left_out={}), rows


# The document


def _parsed(content: bytes) -> Any:
    try:
        text = content.decode("utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("encoding") from None
    try:
        return json.loads(text, parse_float=Number, parse_int=Number, parse_constant=_refuse, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise Unreadable("not_json", line=str(error.lineno), column=str(error.colno)) from None
    except (ValueError, RecursionError):
        raise Unreadable("json_twice") from None


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _events_of(document: Any) -> list[Any]:
    if not isinstance(document, dict):
        raise Unreadable("not_epcis")
    version = _text(document.get("schemaVersion"))
    if version and not version.startswith("2."):
        raise Unreadable("epcis_version", version=version[:20])
    if _text(document.get("type")) in ITEMS:
        return [document]
    body = document.get("epcisBody")
    results = body.get("queryResults") if isinstance(body, dict) else None
    inner = results.get("resultsBody") if isinstance(results, dict) else body
    events = inner.get("eventList") if isinstance(inner, dict) else None
    if isinstance(events, dict):
        return [events]
    if not isinstance(events, list):
        raise Unreadable("not_epcis")
    return events


def _names_of(document: dict[str, Any]) -> dict[str, str]:
    """By identifier, and by GLN: the names that the master data in the header give to places and parties."""
    found: dict[str, str] = {}
    header = document.get("epcisHeader")
    master = header.get("epcisMasterData") if isinstance(header, dict) else None
    for vocabulary in _dicts(master.get("vocabularyList") if isinstance(master, dict) else None):
        for element in _dicts(vocabulary.get("vocabularyElementList")):
            uri = _text(element.get("id"))
            for attribute in _dicts(element.get("attributes")):
                if _text(attribute.get("id")).endswith(("mda#name", "mda:name")) and (name := _text(attribute.get("attribute"))):
                    found[uri] = name
                    if gln := place_of(uri):
                        found.setdefault(gln, name)
    return found


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


# One event


def _rows_of(number: int, event: Any, held: _Document) -> Iterator[dict[str, str]]:
    if not isinstance(event, dict):
        yield {"event": str(number), "type": _text(event) or "?"}
        return
    cells = _facts(number, event, held)
    if event.get("errorDeclaration") is not None:
        yield {**cells, "item": DECLARATION, "declared": _declared(event)}
        return
    things = list(_things(event))
    if event.get("type") == "AggregationEvent":
        _packed(event, things, held)
    empty = True
    # One by one: packages within packages can be more than any table holds, and whoever counts the rows stops here.
    for thing in (inner for one in things for inner in _opened(one, held)):
        empty = False
        yield {**cells, **_item(thing), "item": thing.where}
    if empty:
        yield cells


def _facts(number: int, event: dict[str, Any], held: _Document) -> dict[str, str]:
    """Every field of an event that its rows share."""
    place = _id(event.get("bizLocation")) or _id(event.get("readPoint"))
    since, to = (_side(event.get(f"{side}List"), side) for side in ("source", "destination"))
    papers = {
        step_of(_text(row.get("type"))): _text(row.get("bizTransaction")).rpartition("/")[2].rpartition(":")[2]
        for row in _dicts(event.get("bizTransactionList"))
    }
    cells = {
        "event": str(number),
        "event_id": _text(event.get("eventID")),
        "type": _text(event.get("type")),
        "action": _text(event.get("action")),
        "step": step_of(_text(event.get("bizStep"))),
        "time": _text(event.get("eventTime")),
        "zone": _text(event.get("eventTimeZoneOffset")),
        "since": place_of(since) or since,
        "to": place_of(to) or to,
        "place": place_of(place) or place,
        "invoice": papers.get("inv", ""),
        "order": papers.get("po", papers.get("desadv", "")),
        "declared": held.wrong.get(_text(event.get("eventID")), ""),
    }
    return cells | {f"{name}_name": _name(uri, held) for name, uri in (("since", since), ("to", to), ("place", place))}


def _name(uri: str, held: _Document) -> str:
    return held.names.get(uri) or held.names.get(place_of(uri) or "", "")


def _side(value: Any, key: str) -> str:
    """The source or destination that says most, by SIDES."""
    found = {step_of(_text(one.get("type"))): _text(one.get(key)) for one in _dicts(value)}
    return next((found[side] for side in SIDES if found.get(side)), "")


def _things(event: dict[str, Any]) -> Iterator[Thing]:
    """The EPCs and quantities of an event, each with its place. What is no text or no object is handed over as it stands."""
    epcs, quantities = ITEMS.get(_text(event.get("type")), (("epcList", "childEPCs"), ("quantityList", "childQuantityList")))
    for name in epcs:
        listed = event.get(name)
        for place, one in enumerate(listed if isinstance(listed, list) else [] if listed is None else [listed]):
            yield Thing(f"{name}[{place}]", _text(one) or "?")
    for name in quantities:
        listed = event.get(name)
        for place, one in enumerate(listed if isinstance(listed, list) else [] if listed is None else [listed]):
            row = one if isinstance(one, dict) else {}
            unit = _text(row.get("uom"))
            quantity = row.get("quantity")
            written = str(quantity) if isinstance(quantity, Number) else json.dumps(quantity) if quantity is not None else ""
            yield Thing(f"{name}[{place}]", _text(row.get("epcClass")) or "?", written, "" if unit in PIECES else unit)


def _packed(event: dict[str, Any], things: list[Thing], held: _Document) -> None:
    """Remember what a package holds; DELETE takes it out again."""
    package = package_of(_text(event.get("parentID")))
    if not package:
        return
    inside = held.packages.setdefault(package, [])
    if event.get("action") == "DELETE":
        gone = {thing.uri for thing in things}
        held.packages[package] = [thing for thing in inside if thing.uri not in gone] if things else []
    else:
        had = {thing.uri for thing in inside}
        inside += [thing for thing in things if thing.uri not in had]


def _opened(thing: Thing, held: _Document, depth: int = 0) -> Iterator[Thing]:
    """The things in a package, as far as the document says what it holds; itself where it does not."""
    package = package_of(thing.uri)
    inside = held.packages.get(package) if package and depth < MOST_NESTED else None
    if not inside:
        yield thing
        return
    for place, one in enumerate(inside):
        # Each thing of a package has a place of its own: by it and the event's ID, it is known when it comes again.
        yield from _opened(Thing(f"{thing.where}/{place}", one.uri, one.quantity, one.unit, package or ""), held, depth + 1)


def _item(thing: Thing) -> dict[str, str]:
    item = item_of(thing.uri)
    cells = {"quantity": thing.quantity, "unit": thing.unit, "package": thing.package}
    return cells | ({"product": item.gtin, "lot": _text(item.lot), "serial": _text(item.serial)} if item else {"product": thing.uri})


def _declared(event: dict[str, Any]) -> str:
    """When and why an event was declared wrong, and which events stand in its place."""
    told = event.get("errorDeclaration")
    if not isinstance(told, dict):
        return "?"
    others = told.get("correctiveEventIDs")
    listed = [_text(one) for one in others] if isinstance(others, list) else []
    return " ".join(filter(None, [_text(told.get("declarationTime")), step_of(_text(told.get("reason"))), *listed]))[:LONGEST] or "?"


def _id(value: Any) -> str:
    return _text(value.get("id")) if isinstance(value, dict) else _text(value)


def _text(value: Any) -> str:
    """A text without what no cell holds; what is no text as JSON, so that it is seen and refused."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return " ".join("".join(c for c in text if c == " " or c.isprintable()).split())[:LONGEST]
