"""OpenSanctions as published: entities.ftm.json (one FollowTheMoney entity a line) and targets.simple.csv.

Format: https://www.opensanctions.org/docs/entities/ and https://www.opensanctions.org/docs/bulk/. The entities file is larger
than 100 MB, so it is read line by line. It holds targets and what is linked to them (addresses, owners, sanctions, family);
only targets are listed parties, the rest is counted.
"""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from django.utils.translation import gettext as _

from .base import ListUnreadable, Notes, Once, RawEntry, ReliedOn, day_of, entry
from .text import Lines, rows

# What makes an entity a target where the flag is missing (https://www.opensanctions.org/docs/topics/).
TOPICS = {"sanction", "sanction.counter", "export.control", "export.risk", "debarment"}
NAMES = ("name", "alias", "previousName", "weakAlias", "abbreviation")
NUMBERS = {
    "uscCode": "USCC",
    "leiCode": "LEI",
    "registrationNumber": "Registration",
    "idNumber": "Id",
    "taxNumber": "Tax",
    "vatCode": "VAT",
    "innCode": "INN",
    "ogrnCode": "OGRN",
    "swiftBic": "BIC",
    "dunsCode": "DUNS",
    "imoNumber": "IMO",
    "passportNumber": "Passport",
    "icijId": "ICIJ",
}
COLUMNS = (
    "id", "schema", "name", "aliases", "birth_date", "countries", "addresses", "identifiers", "sanctions", "phones", "emails",
    "program_ids", "dataset", "first_seen", "last_seen", "last_change",
)  # fmt: skip
REQUIRED = {"id", "schema", "name", "aliases", "identifiers", "sanctions", "dataset"}
# Things that no party can be, whatever lists them.
NO_PARTY = {"CryptoWallet", "Security", "Sanction", "Address", "Passport", "Identification", "Ownership", "Position", "Occupancy"}


def read_ftm(stream: BinaryIO, notes: Notes) -> Iterator[RawEntry]:
    """Targets of entities.ftm.json. Raises ListUnreadable with the line."""
    once, relied, latest, targets = Once(), ReliedOn("name", "topics"), "", 0
    aliases = ReliedOn("alias")
    lines = Lines(stream)
    for line in lines:
        if not line.strip():
            continue
        row = _object(line, lines.number)
        latest = max(latest, str(row.get("last_seen") or row.get("last_change") or ""))
        properties = row["properties"]
        if row["schema"] in NO_PARTY or not _is_target(row, properties):
            notes.ignored += 1
            continue
        targets += 1
        once(row["id"])
        relied.saw(properties)
        aliases.saw(properties)
        yield _target(row, properties, lines.number)
    if not lines.is_ended:
        raise ListUnreadable(_("Line %(n)d, the last, has no line break; the file was cut off. Download it again.") % {"n": lines.number})
    if not targets:
        raise ListUnreadable(_("The file holds no target; this is not the list, or its shape changed."))
    relied.check(notes)
    aliases.check(notes, least=200)
    notes.dated = day_of(latest)


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        row: dict[str, Any] = _DECODER.decode(line)
    except _Fault as fault:
        raise ListUnreadable(_("Line %(n)d: %(f)s; the file is damaged.") % {"n": number, "f": fault}) from fault
    except json.JSONDecodeError as error:
        raise ListUnreadable(
            _("The JSON breaks off or is damaged at line %(l)d, column %(c)d; download the list again.") % {"l": number, "c": error.colno}
        ) from error
    except RecursionError as error:
        raise ListUnreadable(_("Line %(n)d is nested far too deep; this is not the published file.") % {"n": number}) from error
    wants = {"id": str, "schema": str, "properties": dict}
    for key, kind in wants.items():
        if not isinstance(row, dict) or not isinstance(row.get(key), kind):
            raise ListUnreadable(_("Line %(n)d has no %(k)s; this is not an entity of OpenSanctions.") % {"n": number, "k": key})
    for name, values in row["properties"].items():
        if not isinstance(values, list):
            raise ListUnreadable(_("Line %(n)d: the property %(p)s is no list; the shape changed.") % {"n": number, "p": name[:40]})
    return row


class _Fault(Exception):
    """A row that the standard library would take without a word."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Fault(_("the same key stands twice"))
    return made


def _no_constant(word: str) -> NoReturn:
    raise _Fault(_("%(w)s is no value") % {"w": word})


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)


def _is_target(row: dict[str, Any], properties: dict[str, Any]) -> bool:
    return row.get("target") is True or not TOPICS.isdisjoint(map(str, properties.get("topics", ())))


def _target(row: dict[str, Any], properties: dict[str, Any], number: int) -> RawEntry:
    def values(*names: str) -> list[str]:
        return [value for name in names for value in properties.get(name, ()) if isinstance(value, str)]

    named = values("name")
    # The caption is the publisher's choice among the names; it comes first, and stands in where there is no name.
    caption = str(row.get("caption") or "")
    names = [caption, *values(*NAMES)] if caption in named or not named else values(*NAMES)
    return entry(
        entry_id=row["id"],
        schema=row["schema"][:20],
        names=names,
        where=_("Line %(n)d") % {"n": number},
        programme=", ".join(values("programId", "program") or map(str, row.get("datasets", ()))),
        citation="; ".join(values("sourceUrl")),
        requirement=", ".join(values("topics")),
        policy=" ".join(values("notes")),
        numbers=[(label, value) for name, label in NUMBERS.items() if name in properties for value in values(name)],
        addresses=[*values("address"), *(code.upper() for code in values("country", "jurisdiction"))],
    )


def read_simple_csv(stream: BinaryIO, notes: Notes) -> Iterator[RawEntry]:
    """Rows of targets.simple.csv; lists inside a cell are joined with ";"."""
    once, lines, latest = Once(), Lines(stream), ""
    for row in rows(lines, delimiter=",", required=REQUIRED, known=COLUMNS, notes=notes):
        if row["schema"] in NO_PARTY:
            notes.ignored += 1
            continue
        once(row["id"])
        latest = max(latest, row.get("last_seen", ""))
        yield entry(
            entry_id=row["id"],
            schema=row["schema"][:20],
            names=[row["name"], *row["aliases"].split(";")],
            where=_("Line %(n)d") % {"n": lines.number},
            programme=row.get("program_ids", "").replace(";", ", ") or row["dataset"].replace(";", ", "),
            citation=row["sanctions"].replace(";", "; "),
            numbers=[("", number) for number in row["identifiers"].split(";")],
            addresses=[*row.get("addresses", "").split(";"), *row.get("countries", "").upper().split(";")],
        )
    notes.dated = day_of(latest)
