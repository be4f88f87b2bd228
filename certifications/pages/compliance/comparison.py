"""Declared beside found: one row per feature, conflicts first. Reads only what is on record; decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from certifications.evidence.models import EvidenceLine
from certifications.flags.models import Case, Flag
from certifications.ledger.listed import listed
from certifications.matching import compare
from certifications.parties.models import Party
from certifications.parties.queries import display
from certifications.resolution.models import NameUse
from certifications.resolution.queries import of_objects
from certifications.screening.models import Finding

ORDER = ("conflict", "similar", "match", "missing", "none")
HOLD, REVIEW = 0.85, 0.70
Told = dict[str, Any]


@dataclass(frozen=True)
class Feature:
    """One row: what was declared or registered, what was found, and how they compare."""

    label: str
    left: str
    right: str
    result: str


@dataclass(frozen=True)
class Comparison:
    """A table with its two headings, and the signed rows that add up to the score, where there is one."""

    left_title: str
    right_title: str
    features: list[Feature]
    score: str = ""
    rows: tuple[dict[str, Any], ...] = ()
    source: str = ""


def same_words(left: str, right: str) -> str:
    """How two texts compare by the register's measure."""
    return _words(left, right, "register")


def _words(left: str, right: str, calibration: str) -> str:
    if not left or not right:
        return "missing"
    score = float(compare(left, right, calibration=calibration).score)
    return "match" if score >= HOLD else "similar" if score >= REVIEW else "conflict"


def _exact(left: str, right: str) -> str:
    if not left or not right:
        return "missing"
    return "match" if left.strip().upper() == right.strip().upper() else "conflict"


def compared(case: Case) -> list[Comparison]:
    """Tables for every screening finding and every evidence line of the case."""
    tables = [_finding(flag) for flag in case.flags.all() if flag.rule == "LIST" and flag.inputs.get("finding_id")]
    seen: set[str] = set()
    for flag in case.flags.all():
        if flag.line_id and flag.line_id not in seen:
            seen.add(flag.line_id)
            tables.append(_line(flag, case))
    return [table for table in tables if table is not None]


def ordered(features: list[Feature]) -> list[Feature]:
    """Conflicts first; a feature that neither side states is left out."""
    return sorted((f for f in features if f.left or f.right), key=lambda f: ORDER.index(f.result))


def _finding(flag: Flag) -> Comparison | None:
    finding = Finding.objects.select_related("party").filter(pk=flag.inputs["finding_id"]).first()
    if finding is None:
        return None
    shown = display(finding.party)
    features = [
        Feature(_("Name compared"), finding.party_name, finding.matched_name, _words(finding.party_name, finding.matched_name, "list"))
    ]
    entry = finding.explanation.get("entry", {})
    for label, left, right in (
        (_("Other names"), listed(n for n in shown.names if n != finding.party_name), listed(entry.get("names", [])[:6])),
        (_("Identifier"), listed(i.value for i in finding.party.identifiers.all()), listed(map(str, entry.get("identifiers", [])))),
        (_("Address"), listed(s.address for s in finding.party.sites.all()), listed(list(map(str, entry.get("addresses", [])))[:3])),
    ):
        features.append(Feature(label, left, right, "missing" if not left or not right else "similar"))
    listing = finding.explanation.get("list", {})
    return Comparison(
        left_title=_("Registered party"),
        right_title=str(listing.get("title", finding.list_code)),
        features=ordered(features),
        score=f"{finding.score:.2f}",
        rows=tuple(finding.explanation.get("rows", [])),
        source=str(entry.get("citation", "")),
    )


def _line(flag: Flag, case: Case) -> Comparison:
    line = flag.line
    assert line is not None  # noqa: S101 - the caller asked
    seller = flag.party or next((f.party for f in case.flags.all() if f.line_id == line.pk and f.party), None)
    if seller is not None:
        return _with_party(line, seller)
    best = next((str(f.inputs.get("best", "")) for f in case.flags.all() if f.line_id == line.pk and f.inputs.get("best")), "")
    features = [
        Feature(_("Supplier"), best, line.seller, _words(best, line.seller, "register") if best else "none"),
        Feature(_("Registration number"), "", line.seller_uscc, "none"),
        Feature(_("Address"), "", line.seller_address, "none"),
    ]
    return Comparison(
        left_title=_("Nearest name on the register"),
        right_title=_("Named in the notice"),
        features=ordered(features),
    )


def _with_party(line: Any, party: Party) -> Comparison:
    shown = display(party)
    codes = listed(i.value for i in party.identifiers.all())
    places = listed(s.address for s in party.sites.all())
    name = shown.native or shown.latin
    features = [
        Feature(_("Supplier"), name, line.seller, _words(name, line.seller, "register")),
        Feature(_("Registration number"), codes, line.seller_uscc, _exact(codes, line.seller_uscc)),
        Feature(_("Address"), places, line.seller_address, "similar" if places and line.seller_address else "missing"),
    ]
    return Comparison(
        left_title=_("On the register"),
        right_title=_("Named in the notice"),
        features=ordered(features),
    )


def names_of(lines: Sequence[EvidenceLine]) -> list[list[Told]]:
    """For each line whom its names mean: the reported name, and the parties that it is bound to."""
    held = of_objects(NameUse.Kind.EVIDENCE_LINE, [line.pk for line in lines])
    return [
        [
            {"reported": held[line.pk][role], "parties": [c for c in held[line.pk][role].candidates.all() if c.is_bound]}
            for role in ("seller", "buyer")
            if role in held.get(line.pk, {})
        ]
        for line in lines
    ]


def names_in(case: Case) -> list[Told]:
    """The same of a case: each name once, and whether a grave flag stands that the rules would not raise of it any more."""
    lines = list({flag.line.pk: flag.line for flag in case.flags.all() if flag.line is not None}.values())
    found: dict[str, Told] = {}
    for told in (one for some in names_of(lines) for one in some):
        found.setdefault(told["reported"].pk, told)
    unregistered = any(flag.rule == "S01" and flag.state == Flag.State.OPEN for flag in case.flags.all())
    for told in found.values():
        told["is_gone"] = unregistered and told["reported"].role == "seller" and told["reported"].state == "bound"
    return list(found.values())
