"""Owners: what a statement must hold, what the shares on record add up to, and how far listed owners reach. Pure.

Sources of the computation: OFAC's guidance of 13 August 2014 on entities owned 50 % or more by blocked persons (its questions 398 to
402: aggregated, direct and indirect, an entity that is reached counts as a blocked person itself), and the affiliates rule of BIS,
90 FR 47201. Which of them holds on a day is data (catalogue.ownership).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from .rules import Problem, clean_name, identifier_problems, name_problems

HUNDRED = Decimal(100)
KINDS = ("company", "person", "public")
SOURCES = ("registry", "document", "statement")
LEAST_SAID, MOST_SAID = 5, 300  # characters
# Circles of cross-holdings are walked until nothing moves; what still moves then lies between the low and the high answer.
ROUNDS = 400
_STILL = Decimal("1e-12")


@dataclass(frozen=True)
class OwnerData:
    """An owner as typed; `is_unknown`: the owners are not known, and every field of an owner is empty. `share` in percent."""

    source: str
    source_text: str
    as_of: dt.date
    valid_from: dt.date
    is_unknown: bool = False
    native_name: str = ""
    latin_name: str = ""
    kind: str = ""
    country: str = ""
    uscc: str = ""
    lei: str = ""
    other_number: str = ""
    share: Decimal | None = None
    is_direct: bool = True
    through: str = ""
    source_link: str = ""
    valid_until: dt.date | None = None


def check_owner(data: OwnerData, newest: dt.date) -> list[Problem]:
    """What must be mended before the statement is kept. `newest`: the latest day that has begun anywhere."""
    problems = [] if data.is_unknown else _check_named(data)
    if data.source not in SOURCES:
        problems.append(Problem("source", _("Choose where this is known from.")))
    if not LEAST_SAID <= len(data.source_text.strip()) <= MOST_SAID:
        problems.append(
            Problem("source_text", _("Name the source: the register and its number, the paper and its date, or who stated it."))
        )
    if data.source_link and not data.source_link.startswith(("https://", "http://")):
        problems.append(Problem("source_link", _("A link begins with https://; leave it empty where there is none.")))
    if data.as_of > newest:
        problems.append(Problem("as_of", _("The source speaks of a day that is still to come; correct the date.")))
    if data.valid_until is not None and data.valid_until <= data.valid_from:
        problems.append(Problem("valid_until", _("It ends before it begins; correct one of the dates.")))
    return problems


def _check_named(data: OwnerData) -> list[Problem]:
    problems = name_problems(data.native_name, data.latin_name)
    if data.kind not in KINDS:
        problems.append(Problem("kind", _("Choose whether the owner is a company, a person or a public body.")))
    if len(data.country) != 2:  # noqa: PLR2004
        problems.append(Problem("country", _("Choose the owner's country.")))
    if data.share is not None and not 0 < data.share <= HUNDRED:
        problems.append(Problem("share", _("A share is more than 0 and at most 100 percent; leave it empty where it is not known.")))
    if data.through and data.is_direct:
        problems.append(Problem("through", _("Only an indirect owner holds through somebody; clear this, or choose indirect.")))
    if not data.is_direct and len(clean_name(data.through)) < 2:  # noqa: PLR2004
        problems.append(Problem("through", _("Name the company through which the owner holds the share.")))
    return problems + identifier_problems(uscc=data.uscc, lei=data.lei)


@dataclass(frozen=True)
class Holding:
    """One statement. `owner` empty: not known. `share` in percent, None: not known. `has_end`: a person or public body owns the share.

    `source`: who states it. Two sources that state one owner speak of one share.
    """

    party: str
    owner: str
    share: Decimal | None
    is_direct: bool = True
    has_end: bool = False
    valid_from: dt.date = dt.date.min
    valid_until: dt.date | None = None
    source: str = ""

    def holds_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


def too_much(held: Iterable[Holding], new: Holding) -> tuple[dt.date, Decimal] | None:
    """The first day on which the direct shares with the new one come to more than 100 percent, and their sum; None when they never do."""
    together = [one for one in (*held, new) if one.is_direct and one.share is not None]
    days = sorted({max(one.valid_from, new.valid_from) for one in together})
    for day in days:
        total = sum((one.share for one in together if one.share is not None and one.holds_on(day)), Decimal(0))
        if total > HUNDRED and new.holds_on(day):
            return day, total
    return None


class Known(StrEnum):
    """How much of a party's ownership is on record. Never asked is no better than not known."""

    NOT_STATED = "not_stated"
    UNKNOWN = "unknown"
    PARTLY = "partly"
    WHOLE = "whole"


def known(held: Collection[Holding]) -> Known:
    """Of the statements on one party that hold on the day."""
    if not held:
        return Known.NOT_STATED
    named = [one for one in held if one.owner]
    if not named:
        return Known.UNKNOWN
    return Known.WHOLE if shares_of(held) >= HUNDRED and all(one.owner for one in held) else Known.PARTLY


def shares_of(held: Iterable[Holding]) -> Decimal:
    """What the direct shares on record add up to, in percent; of one owner the most that a source states."""
    return sum(_largest(one for one in held if one.owner and one.is_direct).values(), Decimal(0))


def _largest(held: Iterable[Holding]) -> dict[str, Decimal]:
    """By owner the largest share that one source states of it, in percent; what one source states in several rows is added up."""
    told: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for one in held:
        if one.share is not None:
            told[one.owner, one.source] += one.share
    found: dict[str, Decimal] = {}
    for (owner, _source), share in told.items():
        found[owner] = max(share, found.get(owner, Decimal(0)))
    return found


def _unknown_part(held: Sequence[Holding]) -> Decimal:
    """How much of a party nobody is known to own, 0 to 1.

    Who says that the owners are not known says it beside the shares that it names itself; another's shares do not answer it.
    """
    rest = max(Decimal(0), HUNDRED - shares_of(held))
    for source in {one.source for one in held if not one.owner}:
        named = shares_of(one for one in held if one.source == source)
        rest = max(rest, HUNDRED - named if named < HUNDRED else HUNDRED)
    return rest / HUNDRED


class Chain(StrEnum):
    """How an indirect share counts: not at all, multiplied along the chain, or whole once a company on the way is itself reached."""

    DIRECT = "direct"
    MULTIPLY = "multiply"
    CASCADE = "cascade"


@dataclass(frozen=True)
class Terms:
    """What a rule of ownership asks: from how many percent, with or without adding listed owners up, and how chains count."""

    threshold: Decimal
    is_aggregated: bool
    chain: Chain


@dataclass(frozen=True)
class Reach:
    """How much of a party listed owners hold: `low` as far as is on record, `high` if all that is not known were theirs. Percent."""

    low: Decimal
    high: Decimal
    is_reached: bool
    # Whether what is not known could reach the threshold: never a pass.
    is_open: bool


def reach(party: str, holdings: Iterable[Holding], listed: Collection[str], terms: Terms) -> Reach:
    """How far `listed` owners reach into `party` through statements that all hold on the day.

    A share of more than the whole (statements that contradict one another) counts as the whole. Circles are walked to their
    least and greatest consistent answer.
    """
    of: defaultdict[str, list[Holding]] = defaultdict(list)
    for one in holdings:
        of[one.party].append(one)
    # Where one statement says person and another company, or owners of it are on record, somebody may stand behind it.
    ends = {one.owner for one in holdings_in(of) if one.has_end} - {one.owner for one in holdings_in(of) if not one.has_end} - set(of)
    if terms.is_aggregated:
        sides = [frozenset(listed)]
    else:
        # One owner at a time, and one that nobody knows.
        sides = [frozenset({owner}) for owner in sorted(listed)] or [frozenset()]
    low = max(_walk(party, of, side, ends, terms, unknown=Decimal(0)) for side in sides)
    high = max(_walk(party, of, side, ends, terms, unknown=Decimal(1)) for side in sides)
    low, high = low * HUNDRED, max(low, high) * HUNDRED
    is_reached = low >= terms.threshold
    return Reach(low, high, is_reached, not is_reached and high >= terms.threshold)


def holdings_in(of: Mapping[str, Sequence[Holding]]) -> Iterable[Holding]:
    """All of them again."""
    return (one for held in of.values() for one in held)


def _walk(
    party: str, of: Mapping[str, Sequence[Holding]], side: frozenset[str], ends: set[str], terms: Terms, *, unknown: Decimal
) -> Decimal:
    """The share (0 to 1) of `side` in the party, with `unknown` (0 or 1) for whatever nobody knows: from there it settles."""
    value = dict.fromkeys(of, unknown)
    counts_chains = terms.chain != Chain.DIRECT
    shares = {
        owned: [
            *_largest(one for one in held if one.owner and one.is_direct).items(),
            *(_largest(one for one in held if one.owner and not one.is_direct).items() if counts_chains else ()),
        ]
        for owned, held in of.items()
    }
    rest = {owned: unknown * _unknown_part(held) for owned, held in of.items()}

    def worth(owner: str) -> Decimal:
        if owner in side:
            return Decimal(1)
        if owner in ends or terms.chain == Chain.DIRECT:
            return Decimal(0)
        share = value.get(owner, unknown)
        return share if terms.chain == Chain.MULTIPLY else Decimal(share * HUNDRED >= terms.threshold)

    for _round in range(ROUNDS):
        moved = Decimal(0)
        for owned, held_by in shares.items():
            theirs = sum((worth(owner) * share for owner, share in held_by), Decimal(0)) / HUNDRED
            now = min(Decimal(1), theirs + rest[owned])
            moved = max(moved, abs(now - value[owned]))
            value[owned] = now
        if moved <= _STILL:
            break
    return value.get(party, unknown)
