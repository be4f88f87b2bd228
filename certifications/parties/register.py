"""The register as of a day, as known at a time: `as_of(valid_on, known_at)` is the one way to ask it.

Two times (architecture.md): a right holds on days, and was known from a moment. What an answer for a past moment says
never changes: terms are added and not altered, and a change of standing counts from when two people had agreed.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Value

from certifications.ledger.days import civil_today
from certifications.ledger.turns import take_turns
from certifications.people.models import User
from certifications.people.permissions import Permission, may

from .models import Party, PartyName
from .models_register import Authorisation, AuthorisationChange, AuthorisationTerms
from .rules import compact
from .rules_register import CHINA, MOST_TIERS, covers, ended_for, standing

STANDINGS = ("authorised", "suspended", "stopped", "not_yet", "ended", "revoked")
SORTS = ("end", "recorded", "number", "name")


@dataclass(frozen=True)
class Entry:
    """One right as the register held it.

    `standing`: authorised, suspended, revoked, ended, not_yet, or stopped (a right above is not in force: `stopped_by`).
    `above`: the terms of the rights above it, the nearest first. `change`: the one that counts, if any.
    """

    terms: AuthorisationTerms
    standing: str
    change: AuthorisationChange | None = None
    above: tuple[AuthorisationTerms, ...] = ()
    stopped_by: "Entry | None" = None

    @property
    def authorisation(self) -> Authorisation:
        return self.terms.authorisation

    @property
    def valid_until(self) -> dt.date:
        """The day on which it ends: its own, or an earlier one of a right above."""
        return min(row.valid_until for row in (self.terms, *self.above))

    def covers(self, line: str, country: str, division: str) -> bool:
        """Whether it and every right above it are about this line and place: no right is wider than the one it comes from."""
        return all(covers(row, line, country, division) for row in (self.terms, *self.above))

    def ended_for(self, line: str, country: str, division: str, on: dt.date) -> dt.date | None:
        """The day on which a risk set ended it, or a right above it, for this line and place."""
        ends = (ended_for(row.risk_ends, line, country, division, on) for row in (self.terms, *self.above))
        return next((end for end in ends if end), None)

    def there(self, line: str, country: str, division: str, on: dt.date) -> "Entry":
        """As it stands for this line and place: ended where a risk set ended it, or a right above it, there."""
        is_over = self.standing == "authorised" and self.ended_for(line, country, division, on) is not None
        return replace(self, standing="ended") if is_over else self


@dataclass(frozen=True)
class Branch:
    """A right with the rights below it."""

    entry: Entry
    below: "tuple[Branch, ...]"


@dataclass(frozen=True)
class Recorded:
    """All that was ever recorded of some parties' rights: terms, those of every right above them, and the changes of both, the oldest first."""

    terms: Sequence[AuthorisationTerms]
    above: Sequence[AuthorisationTerms]
    changes: Sequence[AuthorisationChange]


def recorded_of(party_ids: Iterable[str]) -> Recorded:
    """Everything on record of these parties' rights, to be judged for many days (`Register.judged_of`)."""
    recorded = AuthorisationTerms.objects.select_related("authorisation")
    terms = list(recorded.filter(authorisation__party__in=list(party_ids)))
    above: list[AuthorisationTerms] = []
    known = {row.authorisation_id for row in terms}
    wanted = {row.authorisation.parent_id for row in terms} - {None}
    for _tier in range(MOST_TIERS):
        missing = wanted - known
        if not missing:
            break
        more = list(recorded.filter(authorisation_id__in=missing))
        above += more
        known |= missing
        wanted = {row.authorisation.parent_id for row in more} - {None}
    effective = AuthorisationChange.objects.filter(state=AuthorisationChange.State.EFFECTIVE, authorisation_id__in=known)
    return Recorded(terms, above, list(effective.order_by("agreed_at", "pk")) if known else [])


@dataclass(frozen=True)
class Register:
    """The register of a day as known at a time; None: as known now."""

    valid_on: dt.date
    known_at: dt.datetime | None

    def known(self) -> QuerySet[AuthorisationTerms]:
        """The terms of every right as known, one row each, whatever their days."""
        rows = AuthorisationTerms.objects.select_related("authorisation")
        # Not by a join on the successor: PostgreSQL then expects one row where there are thousands, and sorts them all.
        later = AuthorisationTerms.objects.filter(supersedes=OuterRef("pk"))
        if self.known_at is None:
            return rows.filter(~Exists(later))
        return rows.filter(~Exists(later.filter(recorded_at__lte=self.known_at)), recorded_at__lte=self.known_at)

    def of(self, parties: Iterable[str] | QuerySet[Party]) -> list[Entry]:
        """Everything that these parties (ids, or a queryset) hold or held, in the order of its end, the last first."""
        return self.judged(self.held_by(parties))

    def held_by(self, parties: Iterable[str] | QuerySet[Party]) -> QuerySet[AuthorisationTerms]:
        """The same as rows, not judged yet."""
        held = parties if isinstance(parties, QuerySet) else list(parties)
        return self.known().filter(authorisation__party__in=held).order_by("-valid_until", "-pk")

    def one(self, authorisation: Authorisation) -> Entry | None:
        """One right; None when it was not on record at the time."""
        return next(iter(self.judged(self.known().filter(authorisation=authorisation))), None)

    def judged(
        self,
        rows: Iterable[AuthorisationTerms],
        *,
        above: Sequence[AuthorisationTerms] = (),
        changes: Sequence[AuthorisationChange] | None = None,
    ) -> list[Entry]:
        """How each row stands, with every right above it. Two queries, and one more for each tier above.

        Fewer where `with_these` was read before: the rights right `above` and the `changes` of all of them.
        """
        found = list(rows)
        tiers: dict[str, AuthorisationTerms] = {row.authorisation_id: row for row in (*above, *found)}
        wanted = {row.authorisation.parent_id for row in tiers.values()} - {None}
        for _tier in range(MOST_TIERS):
            missing = wanted - tiers.keys()
            if not missing:
                break
            more = list(self.known().filter(authorisation_id__in=missing))
            tiers |= {row.authorisation_id: row for row in more}
            wanted = {row.authorisation.parent_id for row in more} - {None}
            changes = None
        known = self._changes(tiers) if changes is None else changes
        last = {change.authorisation_id: change for change in known}
        judged: dict[str, Entry] = {}
        # What comes from a right that was not on record then was not one either.
        whole = [row for row in found if row.authorisation.parent_id is None or row.authorisation.parent_id in tiers]
        return [self._entry(row, tiers, last, judged) for row in whole]

    def judged_of(self, recorded: Recorded) -> list[Entry]:
        """`of` the parties of what was read before, in the same order."""
        rows = sorted(self._known_among(recorded.terms), key=lambda row: (row.valid_until, row.pk), reverse=True)
        changes = [
            change
            for change in recorded.changes
            if change.holds_from <= self.valid_on and (self.known_at is None or (change.agreed_at and change.agreed_at <= self.known_at))
        ]
        return self.judged(rows, above=self._known_among(recorded.above), changes=changes)

    def _known_among(self, rows: Iterable[AuthorisationTerms]) -> list[AuthorisationTerms]:
        """`known` among terms of which all that took their place are at hand."""
        recorded = [row for row in rows if self.known_at is None or row.recorded_at <= self.known_at]
        gone = {row.supersedes_id for row in recorded}
        return [row for row in recorded if row.pk not in gone]

    def with_these(self, rows: Sequence[AuthorisationTerms]) -> tuple[QuerySet[AuthorisationTerms], QuerySet[AuthorisationChange]]:
        """What `judged` asks for besides: the rights right above these, and the changes of both."""
        above = {row.authorisation.parent_id for row in rows if row.authorisation.parent_id is not None}
        return self.known().filter(authorisation_id__in=above), self._changes({*above, *(row.authorisation_id for row in rows)})

    def _changes(self, ids: Iterable[str]) -> QuerySet[AuthorisationChange]:
        return self._counting().filter(authorisation_id__in=list(ids)).order_by("agreed_at", "pk")

    def _counting(self) -> QuerySet[AuthorisationChange]:
        """Changes that two people agreed to, whose day has come."""
        changes = AuthorisationChange.objects.filter(state=AuthorisationChange.State.EFFECTIVE, holds_from__lte=self.valid_on)
        return changes if self.known_at is None else changes.filter(agreed_at__lte=self.known_at)

    def _entry(
        self,
        row: AuthorisationTerms,
        tiers: dict[str, AuthorisationTerms],
        last: dict[str, AuthorisationChange],
        judged: dict[str, Entry],
    ) -> Entry:
        key = row.authorisation_id
        if key in judged:
            return judged[key]
        change = last.get(key)
        word = standing(row, self.valid_on, change.to if change else "")
        parent_id = row.authorisation.parent_id
        above: Entry | None = None
        if parent_id is not None and parent_id in tiers:
            above = self._entry(tiers[parent_id], tiers, last, judged)
        stopped_by = None
        if above is not None and word == "authorised" and above.standing != "authorised":
            word, stopped_by = "stopped", above.stopped_by or above
        chain = (above.terms, *above.above) if above is not None else ()
        judged[key] = Entry(row, word, change, chain, stopped_by)
        return judged[key]

    def tree(self, roots: Iterable[Authorisation]) -> list[Branch]:
        """The rights given, each with everything below it."""
        tops = [root.pk for root in roots]
        tiers, level = list(tops), list(tops)
        for _tier in range(MOST_TIERS):
            level = list(Authorisation.objects.filter(parent_id__in=level).values_list("pk", flat=True))
            tiers += level
        rows = self.known().filter(authorisation_id__in=tiers).select_related("authorisation__party", "authorisation__parent__party")
        names = ("authorisation__party__names", "authorisation__parent__party__names")
        entries = self.judged(rows.prefetch_related(*names).order_by("authorisation__number"))
        below: dict[str | None, list[Entry]] = defaultdict(list)
        for entry in entries:
            below[entry.authorisation.parent_id].append(entry)

        def branch(entry: Entry) -> Branch:
            return Branch(entry, tuple(branch(child) for child in below[entry.terms.authorisation_id]))

        return [branch(entry) for entry in entries if entry.terms.authorisation_id in tops]

    # What the page of the register asks for

    def _whose_last(self, *words: str) -> QuerySet[AuthorisationChange]:
        """Ids of rights whose last change that counts is one of these."""
        later = self._counting().filter(authorisation_id=OuterRef("authorisation_id"), agreed_at__gt=OuterRef("agreed_at"))
        return self._counting().filter(~Exists(later), to__in=words)

    def _is_stopped(self) -> Exists:
        return Exists(self._whose_last("suspended", "revoked").filter(authorisation_id=OuterRef("authorisation_id")))

    def _above_in_force(self) -> Func:
        """PostgreSQL's own answer for the rights above (migrations/sql/register.sql), the same as `judged`; null without any."""
        moment = "infinity" if self.known_at is None else self.known_at.isoformat()
        given = (F("authorisation__parent_id"), Value(self.valid_on), Value(moment))
        return Func(*given, function="portal_in_force", template="%(function)s(%(expressions)s::timestamptz)", output_field=BooleanField())

    def with_standing(self, word: str) -> QuerySet[AuthorisationTerms]:
        """Rows of one standing; of every standing for a word that is none."""
        rows = self.known()
        own = rows.filter(valid_from__lte=self.valid_on, valid_until__gt=self.valid_on)
        below = Q(authorisation__parent__isnull=False)
        match word:
            case "authorised":
                return own.filter(~self._is_stopped()).filter(~below | Q(self._above_in_force()))
            case "stopped":
                return own.filter(below, ~self._is_stopped()).exclude(self._above_in_force())
            case "suspended":
                return own.filter(authorisation__in=self._whose_last("suspended").values("authorisation"))
            case "not_yet":
                return rows.filter(valid_from__gt=self.valid_on).exclude(
                    authorisation__in=self._whose_last("revoked").values("authorisation")
                )
            case "ended":
                return rows.filter(valid_until__lte=self.valid_on).exclude(
                    authorisation__in=self._whose_last("revoked").values("authorisation")
                )
            case "revoked":
                return rows.filter(authorisation__in=self._whose_last("revoked").values("authorisation"))
        return rows


def as_of(valid_on: dt.date, known_at: dt.datetime | None = None) -> Register:
    """The register of `valid_on` (a civil day) as known at `known_at` (None: now).

    Waits for whoever is writing to it: what they record under an earlier time than `known_at` is seen, now and ever after.
    """
    if known_at is not None:
        take_turns("register", shared=True)
    return Register(valid_on, known_at)


def today() -> Register:
    """The register of today as known now."""
    return as_of(civil_today())


def wider_places(division: str) -> list[str]:
    """The codes of every territory that holds a division, itself among them; none for none."""
    held = {division, f"{division[:4]}00", f"{division[:2]}0000", division[:2], division[:4]}
    return sorted(held) if division else []


def covering(rows: QuerySet[AuthorisationTerms], line: str, country: str, division: str) -> QuerySet[AuthorisationTerms]:
    """Rows about a line and a place by themselves (with the rights above: there.py); a division means any row that holds it, and rows about the whole of China."""
    if line:
        rows = rows.filter(lines__contains=[line])
    if division:
        country = CHINA
        rows = rows.filter(Q(divisions=[]) | Q(divisions__overlap=wider_places(division)))
    return rows.filter(countries__contains=[country]) if country else rows


def search(rows: QuerySet[AuthorisationTerms], text: str) -> QuerySet[AuthorisationTerms]:
    """By number, or by any name or registration number of the holder."""
    if not text:
        return rows
    holders = Party.objects.filter(Q(names__text__icontains=text) | Q(identifiers__value__iexact=compact(text)))
    return rows.filter(Q(authorisation__number__icontains=text) | Q(authorisation__party__in=holders.values("pk")))


def ordered(rows: QuerySet[AuthorisationTerms], sort: str) -> QuerySet[AuthorisationTerms]:
    """In one of SORTS; the earliest end first where the word is none of them."""
    if sort == "recorded":
        return rows.order_by("-recorded_at", "-pk")
    if sort == "number":
        return rows.order_by("authorisation__number")
    if sort == "name":
        first = PartyName.objects.filter(party_id=OuterRef("authorisation__party_id")).order_by("position", "pk")
        return rows.annotate(holder=Subquery(first.values("text")[:1])).order_by(F("holder").asc(nulls_last=True), "pk")
    return rows.order_by("valid_until", "pk")


def visible_to(user: User) -> QuerySet[Authorisation]:
    """Compliance sees every right; a distributor its own and everything below its own; nobody else any."""
    if may(user, Permission.SEE_REGISTER):
        return Authorisation.objects.all()
    party = getattr(user.organisation, "party", None) if user.organisation else None
    if party is None or not may(user, Permission.SEE_OWN_DECLARATIONS):
        return Authorisation.objects.none()
    mine, path = Q(party=party), ""
    for _tier in range(MOST_TIERS - 1):
        path += "parent__"
        mine |= Q(**{f"{path}party": party})
    return Authorisation.objects.filter(mine)


def own_terms(user: User) -> QuerySet[AuthorisationTerms]:
    """Everything that the user's own organisation holds or held, as rows of today's register."""
    return today().held_by(Party.objects.filter(organisation=user.organisation) if user.organisation else Party.objects.none())


def still_told(entries: list[Entry]) -> list[Entry]:
    """Of what somebody holds or held: what holds and what is to come; where that is nothing, what was held last."""
    return [entry for entry in entries if entry.standing not in {"ended", "revoked"}] or entries[:1]


def territory_of(row: Any) -> str:
    """Lines, countries and divisions in one phrase, for a flag's record."""
    return ", ".join([*row.lines, *row.countries, *row.divisions])


def changes_of(authorisations: QuerySet[Authorisation]) -> QuerySet[AuthorisationChange]:
    """Every change of standing that two people agreed to, the newest first."""
    agreed = AuthorisationChange.objects.filter(authorisation__in=authorisations, state=AuthorisationChange.State.EFFECTIVE)
    return agreed.select_related("authorisation__party", "proposed_by", "agreed_by").order_by("-agreed_at", "-pk")


def history(authorisations: QuerySet[Authorisation]) -> "QuerySet[AuthorisationTerms]":
    """Everything that was ever recorded of these rights, the newest first."""
    rows = AuthorisationTerms.objects.filter(authorisation__in=authorisations)
    return rows.select_related("authorisation__party", "recorded_by", "supersedes").order_by("-recorded_at", "-pk")
