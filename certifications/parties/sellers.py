"""How a seller stood on the register on a day: what the rules of flags and releases ask. Who is meant by a name: resolution."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from .models import Party
from .register import Entry, Recorded, Register, as_of, recorded_of, territory_of
from .rules_register import NOT_KNOWN, holds_throughout

# The best answer of several decides. Of a right that was stopped and was for another place or line, it is said that it was stopped, where
# no right that is in force is for another one.
_STOPPED_ELSEWHERE = {"suspended there": "suspended", "revoked there": "revoked"}
_ORDER = ("authorised", "suspended", "revoked", "elsewhere", *_STOPPED_ELSEWHERE, "lapsed")
_NONE_HELD = frozenset({"never", "lapsed", "elsewhere", *_STOPPED_ELSEWHERE})


@dataclass(frozen=True)
class SellerAnswer:
    """The register's answer for a seller on a date.

    `kind`: never (no party matches, or none that was on record), unanswered (one is like it, and nobody said yet whether it is), lapsed, suspended, revoked, elsewhere (territory or
    line), entered_later (recorded after `known_at`: a person decides), authorised. `score` is the likeness of the nearest
    name, 0 to 1.
    """

    kind: str
    party_id: str = ""
    best_name: str = ""
    score: Decimal | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    recorded_at: dt.datetime | None = None
    territory: str = ""


def _kind(entry: Entry, line: str, country: str, division: str, on: dt.date) -> str:
    """One of _ORDER."""
    decides = entry.stopped_by or entry
    if decides.standing in {"ended", "not_yet"}:
        return "lapsed"
    if decides.standing != "authorised":
        return decides.standing if entry.covers(line, country, division) else f"{decides.standing} there"
    if not entry.covers(line, country, division):
        return "elsewhere"
    if entry.ended_for(line, country, division, on):
        return "lapsed"
    # Somewhere in the country: a risk set may have ended it in that very place.
    everywhere = division != NOT_KNOWN or all(holds_throughout(row, line, country, "", on) for row in (entry.terms, *entry.above))
    return "authorised" if everywhere else "elsewhere"


def kind_among(entries: Iterable[Entry], line: str, country: str, division: str, on: dt.date) -> str:
    """How a party with these rights (of `Register.of`) stands for a line and a place on the day: as SellerAnswer.kind."""
    kinds = (_kind(entry, line, country, division, on) for entry in entries)
    kind = min(kinds, key=_ORDER.index, default="never")
    return _STOPPED_ELSEWHERE.get(kind, kind)


class Rights:
    """What some parties hold or held, on any day and as known at any time: read once, however many are asked about and for however many days."""

    def __init__(self, party_ids: Iterable[str]) -> None:
        self._parties = sorted(set(party_ids))
        self._recorded: Recorded | None = None
        self._has_waited = False
        self._judged: dict[tuple[dt.date, dt.datetime | None], dict[str, list[Entry]]] = {}

    def of(self, party_id: str, valid_on: dt.date, known_at: dt.datetime | None) -> list[Entry]:
        """As `Register.of` that party alone."""
        key = (valid_on, known_at)
        if key not in self._judged:
            register = Register(valid_on, known_at)
            if self._recorded is None or (known_at is not None and not self._has_waited):
                # Read behind the turn that `as_of` waits for: whatever is being recorded under an earlier time is among it.
                register = as_of(valid_on, known_at)
                self._recorded, self._has_waited = recorded_of(self._parties), known_at is not None
            held: defaultdict[str, list[Entry]] = defaultdict(list)
            for entry in register.judged_of(self._recorded):
                held[entry.authorisation.party_id].append(entry)
            self._judged[key] = held
        return self._judged[key].get(party_id, [])


def _answer(party: Party, entries: Iterable[Entry], *, line: str, country: str, division: str, on: dt.date) -> SellerAnswer:
    """With the kind as one of _ORDER, or never."""
    answers = []
    for entry in entries:
        row = entry.terms
        ended = entry.ended_for(line, country, division, on)
        answers.append(
            SellerAnswer(
                kind=_kind(entry, line, country, division, on),
                party_id=party.pk,
                valid_from=row.valid_from,
                valid_until=min(filter(None, (entry.valid_until, ended))),
                recorded_at=row.recorded_at,
                territory=territory_of(row),
            )
        )
    return min(answers, key=lambda answer: _ORDER.index(answer.kind), default=SellerAnswer(kind="never", party_id=party.pk))


def seller_of_party(
    *,
    party: Party,
    line: str,
    country: str,
    division: str,
    valid_on: dt.date,
    known_at: dt.datetime | None,
    best_name: str = "",
    score: Decimal | None = None,
    rights: Rights | None = None,
) -> SellerAnswer:
    """The standing of one known party: its best authorisation decides. `rights`: where those of many parties, it among them, are read.

    Where none held as known then, but one does as known now, it was entered later: a person looks, nothing is cleared.
    """
    held = rights or Rights([party.pk])
    asked: dict[str, Any] = {"line": line, "country": country, "division": division, "on": valid_on}
    answer = _answer(party, held.of(party.pk, valid_on, known_at), **asked)
    if known_at is not None and answer.kind in _NONE_HELD:
        now = _answer(party, held.of(party.pk, valid_on, None), **asked)
        if now.kind == "authorised":
            answer = replace(now, kind="entered_later")
        elif answer.kind == "never" and now.kind == "lapsed":
            # Registered since, and not for that day: "not on the register" would be said of somebody who is on it.
            answer = now
    return replace(answer, kind=_STOPPED_ELSEWHERE.get(answer.kind, answer.kind), best_name=best_name, score=score)


def best_of(answers: Iterable[SellerAnswer]) -> SellerAnswer:
    """The answer that decides, of several parties that one name is bound to."""
    order = ("authorised", "entered_later", "suspended", "revoked", "elsewhere", "lapsed", "never")
    return min(answers, key=lambda answer: order.index(answer.kind), default=SellerAnswer(kind="never"))


def registered_sellers() -> QuerySet[Party]:
    """Parties that ever held an authorisation, whenever it was recorded."""
    return Party.objects.filter(authorisations__isnull=False).distinct().prefetch_related("names", "identifiers")
