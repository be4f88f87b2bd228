"""What rules are given and what they return. Pure values."""

import contextlib
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from django.utils.formats import date_format

from certifications.ledger.listed import listed


class Severity(StrEnum):
    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


def blocks(severity: str) -> bool:
    """An open flag of severity high or above blocks (architecture.md, 'The flow')."""
    return Severity(severity).rank >= Severity.HIGH.rank


def worst(severities: Iterable[str]) -> Severity:
    """The highest of them; info for none."""
    return max((Severity(s) for s in severities), key=lambda s: s.rank, default=Severity.INFO)


@dataclass(frozen=True)
class Fired:
    """One rule that fired, with everything its sentence needs, kept for years."""

    rule: str
    version: int
    severity: Severity
    inputs: dict[str, Any]
    thresholds: dict[str, Any] = field(default_factory=dict)

    def capped(self, at: Severity) -> "Fired":
        """The same at no more than `at`, remembering why."""
        if self.severity.rank <= at.rank:
            return self
        return replace(self, severity=at, inputs={**self.inputs, "capped_from": self.severity.value})


@dataclass(frozen=True)
class SellerFacts:
    """The register's answer for a seller on a date.

    `kind`: never, unanswered, lapsed, suspended, revoked, elsewhere, entered_later, authorised (parties.sellers.SellerAnswer).
    """

    kind: str
    party_id: str = ""
    best_name: str = ""
    score: str = ""
    valid_from: str = ""
    valid_until: str = ""
    recorded_at: str = ""
    territory: str = ""


@dataclass(frozen=True)
class NameFacts:
    """What a name itself says: classes and divisions with the characters that gave each."""

    name: str
    classes: tuple[str, ...] = ()
    divisions: tuple[str, ...] = ()
    reasons: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class LineFacts:
    """One confirmed evidence line and what the register and the declarations hold about it."""

    stage: str
    seller_name: str
    seller_withheld: bool
    seller: SellerFacts | None
    buyer: NameFacts
    product: str
    # Our product by catalogue number; "" where the notice does not disclose or name it.
    catalogue_number: str
    happened_on: dt.date
    source: str
    project_no: str
    quantity: Decimal | None
    covering_declarations: Sequence[str] = ()
    # Certificates from before the programme that name buyer and product: shown, and no reason to say nothing.
    old_certificates: Sequence[str] = ()
    region_divisions: tuple[str, ...] = ()
    controlled_prefixes: tuple[str, ...] = ("65", "54")


@dataclass(frozen=True)
class ScreeningFacts:
    """The state of one party's screening: clear, hit, waiting, stale, failed; with undecided findings.

    Of an owner also `listed`: people confirmed every finding on it, and what that means is a question of how much it owns.
    """

    party_id: str
    name: str
    role: str
    state: str
    reasons: tuple[str, ...] = ()
    findings: tuple[dict[str, Any], ...] = ()
    # Numbers of cases elsewhere in which people confirmed a grave concern about the party.
    concerns: tuple[str, ...] = ()


@dataclass(frozen=True)
class PolicyFacts:
    """A policy that is about the declaration: its number, its title, what it asks for, and the least level of the end user's word if that is it."""

    number: str
    title: str
    effect: str
    level: str = ""


@dataclass(frozen=True)
class NamedFacts:
    """A party that a declaration names: what its name says, and where it is and receives or uses the goods."""

    name: NameFacts
    divisions: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeclarationFacts:
    """A signed declaration: the distributor's standing on the day, the end user's name, the parties' screening."""

    number: str
    seller_name: str
    seller: SellerFacts
    buyer: NameFacts
    product: str
    happened_on: dt.date
    parties: Sequence[ScreeningFacts] = ()
    # Who stands above the parties on the day.
    owners: Sequence[ScreeningFacts] = ()
    region_divisions: tuple[str, ...] = ()
    controlled_prefixes: tuple[str, ...] = ("65", "54")
    source: str = ""
    policies: Sequence[PolicyFacts] = ()
    # What is known of the owners of the parties; of those alone of whom it matters.
    owned: Sequence["OwnedFacts"] = ()
    # Everybody else whom the goods reach: further end users, the purchaser, consignees, the forwarder.
    others: Sequence[NamedFacts] = ()
    # The version in play: what people decided under a policy they decided of this text.
    version: int = 0


@dataclass(frozen=True)
class ReceiptFacts:
    """Goods of one product that a distributor reports another one sent it in a month, from the day on which the sender stood so first.

    `seller`: how the sender stood on the register that day, for the place where the goods were received: `divisions`, known by where the
    receiver is `established`, by its `rights`, or not at all (`place_known_by` ""). `month`: as 2026-10. `source`: the number of the upload
    that said so first. `shown`: who else than the receiver says that the sender had or sent the goods: sender, shipment (of the very unit,
    by the manufacturer), or "" for nobody.
    """

    receiver: str
    sender: str
    seller: SellerFacts
    product: str
    product_id: str
    quantity: Decimal
    happened_on: dt.date
    month: str
    source: str
    divisions: tuple[str, ...] = ()
    place_known_by: str = ""
    shown: str = ""


@dataclass(frozen=True)
class ReportFacts:
    """A month (as 2026-10) of which a distributor has reported nothing, when its report was due, and the day on which that is asked."""

    distributor: str
    distributor_id: str
    month: str
    due_on: dt.date
    today: dt.date


@dataclass(frozen=True)
class RuleReach:
    """How far a rule of ownership reaches into a party on the day. Shares in percent, as text with what was measured."""

    number: str
    name: str
    authority: str
    valid_from: dt.date
    valid_until: dt.date | None
    threshold: str
    low: str
    high: str
    is_reached: bool
    is_open: bool


@dataclass(frozen=True)
class OwnedFacts:
    """Who owns a party on the day: its owners that people confirmed as listed (name, share or empty, entry), and every rule in force.

    `known`: not_stated, unknown, partly, whole. `is_open`: what is not known could reach a threshold. `holding` is one word for all
    that a decision on it rests on.
    """

    party_id: str
    name: str
    role: str
    date: dt.date
    known: str
    is_open: bool
    listed: tuple[tuple[str, str, str], ...]
    rules: tuple[RuleReach, ...]
    holding: str


FactsT_contra = TypeVar("FactsT_contra", LineFacts, DeclarationFacts, ReceiptFacts, ReportFacts, contravariant=True)


class Rule(Protocol, Generic[FactsT_contra]):
    """A rule: `evaluate` returns nothing, one or several; `explain` turns stored inputs into a sentence."""

    id: str
    version: int

    def evaluate(self, facts: FactsT_contra) -> list[Fired]: ...

    def title(self) -> str: ...

    def explain(self, inputs: dict[str, Any]) -> str: ...

    def clears(self) -> str: ...


def said(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as a sentence names them: days in the reader's language, divisions by name with their code."""
    words = dict(inputs)
    for name in ("date", "valid_from", "valid_until", "recorded_at"):
        day, space, clock = str(inputs.get(name, "")).partition(" ")
        with contextlib.suppress(ValueError):
            words[name] = date_format(dt.date.fromisoformat(day), "DATE_FORMAT") + space + clock
    if "divisions" in inputs:
        words["region"] = listed(division_words(code) for code in inputs["divisions"])
    return words


def division_words(code: str) -> str:
    """A division's names in both languages and its code; the bare code where the table lacks it."""
    # The models know the rules' names, and every process the models; few ever name a division.
    from certifications.matching import place_of

    place = place_of(code)
    return f"{place.latin} {place.name}, {code}" if place else code
