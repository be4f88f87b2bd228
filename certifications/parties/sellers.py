"""How a seller stood on the register on a day: what the rules of flags and releases ask. Who is meant by a name: resolution."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import QuerySet

from .models import Party
from .register import Entry, Register, as_of, territory_of
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


def _answer(register: Register, party: Party, line: str, country: str, division: str) -> SellerAnswer:
    """With the kind as one of _ORDER, or never."""
    answers = []
    for entry in register.of([party.pk]):
        row = entry.terms
        ended = entry.ended_for(line, country, division, register.valid_on)
        answers.append(
            SellerAnswer(
                kind=_kind(entry, line, country, division, register.valid_on),
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
) -> SellerAnswer:
    """The standing of one known party: its best authorisation decides.

    Where none held as known then, but one does as known now, it was entered later: a person looks, nothing is cleared.
    """
    answer = _answer(as_of(valid_on, known_at), party, line, country, division)
    if known_at is not None and answer.kind in _NONE_HELD:
        now = _answer(as_of(valid_on), party, line, country, division)
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
