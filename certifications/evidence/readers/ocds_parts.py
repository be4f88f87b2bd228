"""Parts of an OCDS package as the reader goes about them: objects that may be anything, processes, awards, names and numbers.

Must not decide what is proposed.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from .packages import MAX_BIDDERS, cut

MAX_NAMED: Final = 1_000_000  # characters of the names of other bidders, in all lines together
_WITHHELD: Final = re.compile(r"(?:withheld|redacted|confidential|not disclosed|undisclosed|n/?a|保密|不公开|不予公开)\.?", re.IGNORECASE)


def objects(value: Any) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a list with their numbers; what is none is left out."""
    return [(i, one) for i, one in enumerate(value) if isinstance(one, dict)] if isinstance(value, list) else []


def obj(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


@dataclass
class Process:
    """One contracting process: the newest word of its releases on each part. Parts come with (release number, path)."""

    ocid: str
    number: int = 0
    path: str = ""
    buyer: dict[str, Any] = field(default_factory=dict)
    tender: dict[str, Any] = field(default_factory=dict)
    date: Any = None
    parties: dict[str, dict[str, Any]] = field(default_factory=dict)
    awards: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)
    contracts: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)

    def take(self, number: int, path: str, release: dict[str, Any]) -> None:
        """Lay a newer release over it."""
        self.number, self.path = number, path
        self.buyer = obj(release.get("buyer")) or self.buyer
        self.tender = {**self.tender, **obj(release.get("tender"))}
        self.date = release.get("date") or self.date
        for _i, party in objects(release.get("parties")):
            self.parties[key_of(party.get("id"), cut(party.get("name")))] = party
        for name, into in (("awards", self.awards), ("contracts", self.contracts)):
            for i, one in objects(release.get(name)):
                key = key_of(one.get("id"), f"{path}.{name}[{i}]")
                into[key] = ({**into[key][0], **one} if key in into else one, f"{path}.{name}[{i}]")


def key_of(value: Any, otherwise: str) -> str:
    """An id as text; publishers write the same one as number and as text."""
    return cut(value, 100) or otherwise


def identifier_of(*said: dict[str, Any]) -> str:
    """The registration number that the first of them has, as "SCHEME number"; "" where none has."""
    for one in said:
        found = obj(one.get("identifier"))
        if number := cut(found.get("id"), 60):
            return f"{cut(found.get('scheme'), 18)} {number}".strip()
    return ""


@dataclass
class Award:
    """One award that is proposed, with everything that its lines need. `rank`: 0 our own names, 1 known words, 2 a code alone, 3 nothing."""

    process: Process
    award: dict[str, Any]
    path: str
    contract: dict[str, Any]
    contract_path: str
    stage: str
    rank: int
    words: dict[str, str]
    items: list[tuple[str, dict[str, Any], dict[str, str]]]
    text: str
    several: bool


def suppliers_of(award: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """Who won, as far as it is named: a word that stands for silence is no name."""
    found = [(i, one) for i, one in objects(award.get("suppliers")) if cut(one.get("name"))]
    return [(i, one) for i, one in found if not _WITHHELD.fullmatch(cut(one.get("name")))]


def in_role(process: Process, role: str) -> list[dict[str, Any]]:
    """The parties that have a role."""
    return [one for one in process.parties.values() if isinstance(one.get("roles"), list) and role in one["roles"]]


def buyer_name(process: Process) -> str:
    buyers = in_role(process, "buyer")
    said = (process.buyer, *buyers, obj(process.tender.get("procuringEntity")))
    return next((name for name in (cut(one.get("name")) for one in said) if name), "")


def agency_of(process: Process, buyer: str) -> str:
    """Who managed the procurement, where it is another than the buyer."""
    entity = obj(process.tender.get("procuringEntity"))
    known = process.parties.get(cut(entity.get("id"), 100), {})
    name = cut(entity.get("name")) or cut(known.get("name"))
    return "" if name == buyer else name


def bidders_of(process: Process, award: dict[str, Any]) -> tuple[str, ...]:
    """Who bid and did not get this award, each once, by name: the tenderers of the tender, and parties of that role."""
    won = {cut(one.get("name")) for _i, one in suppliers_of(award)}
    said = [one for _i, one in objects(process.tender.get("tenderers"))]
    said += in_role(process, "tenderer")
    names = [cut(one.get("name")) or cut(process.parties.get(cut(one.get("id"), 100), {}).get("name")) for one in said]
    return tuple(name for name in dict.fromkeys(names) if name and name not in won and not _WITHHELD.fullmatch(name))[:MAX_BIDDERS]


def published_of(award: dict[str, Any], contract: dict[str, Any]) -> Any:
    """When the notice was published, as its own entry among the documents says; None where there is none."""
    for part, kind in ((award, "awardNotice"), (contract, "contractNotice")):
        for _i, one in objects(part.get("documents")):
            if one.get("documentType") == kind and one.get("datePublished"):
                return one["datePublished"]
    return None


class Named:
    """How much room is left for the names of other bidders: each line of an award repeats them all."""

    def __init__(self) -> None:
        self.left = MAX_NAMED
        self.left_out = False

    def take(self, names: tuple[str, ...], lines: int) -> tuple[str, ...]:
        """The names, for so many lines; none where there is no room for them all."""
        size = sum(map(len, names)) * max(lines, 1)
        if size > self.left:
            self.left_out = True
            return ()
        self.left -= size
        return names


def delivery_of(item: dict[str, Any]) -> str:
    """Where an item is delivered, by the extension for places: its address, else the place's description."""
    return address_of({"address": item.get("deliveryAddress")}) or cut(obj(item.get("deliveryLocation")).get("description"))


# Of an item, by the ids that our own packages give them; a publisher's own attributes are other things.
NUMBERS: Final = ("catalogue_no", "lot", "serial")


def numbers_of(item: dict[str, Any]) -> dict[str, Any]:
    """Catalogue number, lot and serial number of an item, as far as it has them."""
    said = {cut(one.get("id"), 40): cut(one.get("value"), 60) for _i, one in objects(item.get("attributes"))}
    return {name: said.get(name, "") for name in NUMBERS}


def address_of(party: dict[str, Any]) -> str:
    address = obj(party.get("address"))
    parts = (cut(address.get(name), 120) for name in ("streetAddress", "locality", "region", "postalCode", "countryName"))
    return ", ".join(part for part in parts if part)[:300]


def words_of(item: dict[str, Any]) -> str:
    said = [item.get("description"), obj(item.get("classification")).get("description")]
    said += [one.get("description") for _i, one in objects(item.get("additionalClassifications"))]
    return "\n".join(dict.fromkeys(cut(one, 1000) for one in said if one))
