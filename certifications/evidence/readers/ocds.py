"""Reads OCDS 1.1 release packages and record packages: what was awarded, line by line, from packages as they are really published.

Releases of one contracting process (ocid) are laid over one another, the newest last, so that an award and its later contract are
one line. Only an award that is said to be active is proposed as one. Must not know Django or the catalogue's rows.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from .mentions import OURS, Lexicon
from .ocds_faults import Faults, check_package, check_releases
from .ocds_lines import lines_of
from .ocds_parts import Award, Named, Process, buyer_name, identifier_of, in_role, key_of, obj, objects, suppliers_of, words_of
from .packages import MAX_LINES, MAX_SKIPPED, STAGE_MARK, Line, NotJson, Package, Skipped, Text, cut, strict_json
from .types import Unreadable

READER: Final = "ocds-package 1.0.0"
_LIVE: Final = {"active", "terminated"}
_OWN: Final = {"award", "contract", "amendment"}


def read_ocds(text: str, lexicon: Lexicon) -> Package:
    """What the package says of awards that name products of the lexicon. Raises Unreadable for what is no package."""
    try:
        data = strict_json(text)
    except NotJson as problem:
        raise Unreadable(problem.code, **problem.params) from None
    if isinstance(data, dict) and "ocid" in data and "releases" not in data and "records" not in data:
        data = {"releases": [data]}
    kind = "record-package" if isinstance(data, dict) and isinstance(data.get("records"), list) else "release-package"
    if not isinstance(data, dict) or (kind == "release-package" and not isinstance(data.get("releases"), list)):
        raise Unreadable("not_ocds")
    faults, skipped = Faults(), Skips()
    check_package(data, kind, faults)
    releases = list(_releases(data, kind, faults, skipped))
    check_releases(releases, faults)
    notes: set[str] = set()
    awards = [award for process in _processes(releases, faults) for award in _awards(process, lexicon, faults, skipped, notes)]
    awards.sort(key=lambda award: award.rank)
    written, named = Text(), Named()
    lines: list[Line] = []
    for award in awards:
        if len(lines) >= MAX_LINES:
            notes.add("too_many")
            break
        lines += lines_of(award, written, faults, named)
    if named.left_out:
        notes.add("bidders_left_out")
    if not lines:
        notes.add("nothing")
    version = cut(data.get("version"), 20)
    if version and not version.startswith("1.1"):
        notes.add("old_version")
    publisher = data.get("publisher")
    return Package(
        reader=READER,
        title=cut(publisher.get("name") if isinstance(publisher, dict) else "", 200),
        releases=len(releases),
        lines=tuple(lines[:MAX_LINES]),
        skipped=tuple(skipped.kept),
        counts=dict(skipped.counts),
        faults=tuple(faults.kept),
        fault_count=faults.count,
        notes=tuple(sorted(notes)),
        version=version,
        text=written.whole(),
    )


class Skips:
    """Collects what is not proposed: all of it counted, the first kept."""

    def __init__(self) -> None:
        self.kept: list[Skipped] = []
        self.counts: Counter[str] = Counter()

    def add(self, where: str, why: str, *, title: str = "", buyer: str = "") -> None:
        """One of them; `why` as in packages.SKIPPED."""
        self.counts[why] += 1
        if len(self.kept) < MAX_SKIPPED:
            self.kept.append(Skipped(where[:300], title[:300], buyer[:300], why))


def _releases(data: dict[str, Any], kind: str, faults: Faults, skipped: Skips) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each release that is one, with its number and path: of records the compiled one, else those that are embedded."""
    number = 0
    if kind == "release-package":
        for i, release in enumerate(data["releases"]):
            if isinstance(release, dict):
                yield i, f"releases[{i}]", release
            else:
                faults.add(i, "", f"releases[{i}]", "not_an_object")
                skipped.add(f"releases[{i}]", "broken")
        return
    for i, record in enumerate(data["records"]):
        where = f"records[{i}]"
        if not isinstance(record, dict):
            faults.add(number, "", where, "not_an_object")
            skipped.add(where, "broken")
            number += 1
            continue
        compiled, embedded = record.get("compiledRelease"), record.get("releases")
        if isinstance(compiled, dict):
            yield number, f"{where}.compiledRelease", {"ocid": record.get("ocid"), **compiled}
            number += 1
            continue
        whole = [(j, one) for j, one in objects(embedded) if one.keys() & {"tender", "awards", "contracts", "ocid"}]
        for j, one in whole:
            yield number, f"{where}.releases[{j}]", one
            number += 1
        if not whole:
            skipped.add(where, "linked")


def _processes(releases: list[tuple[int, str, dict[str, Any]]], faults: Faults) -> list[Process]:
    found: dict[str, Process] = {}
    for number, path, release in sorted(releases, key=lambda one: cut(one[2].get("date"), 40)):
        ocid = cut(release.get("ocid"), 100)
        process = found.setdefault(ocid or path, Process(ocid))
        process.take(number, path, release)
        _references(release, number, path, ocid, faults)
    return sorted(found.values(), key=lambda process: process.number)


def _references(release: dict[str, Any], number: int, path: str, ocid: str, faults: Faults) -> None:
    """Faults that no schema sees: organisations that nothing ties to a party or a number."""
    parties = {cut(party.get("id"), 100): party for _i, party in objects(release.get("parties"))}
    said = [(f"{path}.buyer", obj(release.get("buyer")))] if obj(release.get("buyer")) else []
    for i, award in objects(release.get("awards")):
        said += [(f"{path}.awards[{i}].suppliers[{j}]", one) for j, one in objects(award.get("suppliers"))]
    for where, one in said:
        key = cut(one.get("id"), 100)
        if not key:
            faults.add(number, ocid, f"{where}.id", "no_reference")
        elif key not in parties:
            faults.add(number, ocid, f"{where}.id", "unknown_party", key)
        if not identifier_of(one, parties.get(key, {})):
            faults.add(number, ocid, where, "no_identifier", one.get("name"))


def _awards(process: Process, lexicon: Lexicon, faults: Faults, skipped: Skips, notes: set[str]) -> Iterator[Award]:
    title, buyer = cut(process.tender.get("title") or process.tender.get("description")), buyer_name(process)
    awards = dict(process.awards)
    by_award: dict[str, list[tuple[dict[str, Any], str]]] = {}
    for contract, path in process.contracts.values():
        by_award.setdefault(key_of(contract.get("awardID"), ""), []).append((contract, path))
    for key in [key for key in by_award if key not in awards]:
        # A contract whose award is not in the package: of its supplier only the parties speak.
        for contract, path in by_award.pop(key):
            faults.add(process.number, process.ocid, f"{path}.awardID", "no_such_award", key)
            suppliers = in_role(process, "supplier")
            award = {"status": "active", "suppliers": suppliers if len(suppliers) == 1 else []}
            awards[path] = (award, path)
            by_award[path] = [(contract, path)]
    if not awards:
        skipped.add(process.path, "no_award", title=title, buyer=buyer)
    for key, (award, path) in awards.items():
        contracts = by_award.get(key, [])
        stage, why = _stage(award, contracts)
        if why:
            skipped.add(path, why, title=cut(award.get("title")) or title, buyer=buyer)
            continue
        live = next(((c, p) for c, p in contracts if cut(c.get("status"), 20).lower() in _LIVE), ({}, ""))
        found = _weigh(process, award, path, live, lexicon)
        if found is None:
            skipped.add(path, "not_ours", title=cut(award.get("title")) or title, buyer=buyer)
            continue
        if not stage:
            notes.add("not_active")
        if found.rank >= 2:
            notes.add("undisclosed")
        if found.several:
            notes.add("several_suppliers")
        if not suppliers_of(award):
            notes.add("supplier_withheld")
        yield replace(found, stage=stage)


def _stage(award: dict[str, Any], contracts: list[tuple[dict[str, Any], str]]) -> tuple[str, str]:
    """(kind of line, why it is skipped). Empty kind: the package does not say that the award is in force, so a person chooses."""
    status = cut(award.get("status"), 20).lower()
    if status in {"cancelled", "unsuccessful"}:
        return "", status
    states = {cut(contract.get("status"), 20).lower() for contract, _path in contracts}
    if states == {"cancelled"}:
        return "", "cancelled"
    if status == "pending":
        return "candidate", ""
    if status != "active":
        return "", ""
    own = cut(award.get("statusDetails"), 40)
    if own.removeprefix(STAGE_MARK) in _OWN and own.startswith(STAGE_MARK):
        return own.removeprefix(STAGE_MARK), ""
    return ("contract" if states & _LIVE else "award"), ""


def _weigh(process: Process, award: dict[str, Any], path: str, live: tuple[dict[str, Any], str], lexicon: Lexicon) -> Award | None:
    """The award with what speaks for it; None where its words are known and none of them is of the lexicon."""
    contract, contract_path = live
    texts = [cut(one.get(name), 2000) for one in (award, contract, process.tender) for name in ("title", "description")]
    text = next((t for t in texts if t), "")
    words = lexicon.families("\n".join(texts))
    items, place = next(
        ((objects(one.get("items")), p) for one, p in ((award, path), (contract, contract_path), (process.tender, f"{process.path}.tender"))
         if objects(one.get("items"))), ([], "")
    )  # fmt: skip
    weighed = [(f"{place}.items[{i}]", one, lexicon.families(words_of(one))) for i, one in items]
    codes = any(_has_code(one, lexicon) for one in (process.tender, *(one for _i, one in items)))
    ours = [row for row in weighed if row[2]]
    everything = {**words, **{word: family for row in ours for word, family in row[2].items()}}
    described = bool(text) or any(words_of(one) for _i, one in items)
    if everything:
        rank = 0 if OURS in everything.values() else 1
    elif codes or not described:
        rank = 2 if codes else 3
    else:
        return None
    several = len(suppliers_of(award)) > 1
    return Award(process, award, path, contract, contract_path, "", rank, everything, [] if several else ours, text, several)


def _has_code(one: dict[str, Any], lexicon: Lexicon) -> bool:
    found = [obj(one.get("classification")), *(c for _i, c in objects(one.get("additionalClassifications")))]
    return any(lexicon.has_code(cut(c.get("scheme"), 20), cut(c.get("id"), 30)) for c in found)
