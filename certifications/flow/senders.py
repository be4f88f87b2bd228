"""How a sender of goods stood on the register for the place where they were received. Reads only."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from certifications.parties.models import Party
from certifications.parties.register import as_of
from certifications.parties.rules_register import CHINA, NOT_KNOWN, places
from certifications.parties.sellers import SellerAnswer, seller_of_party
from certifications.people.models import Organisation
from certifications.resolution import queries as names
from certifications.resolution.engine import Asked

from .facts import end_of
from .halves import Distributors
from .resolution import seller_answer

# Of several places the weakest standing counts.
WEAKEST = ("never", "unanswered", "revoked", "suspended", "lapsed", "entered_later", "elsewhere", "authorised")


@dataclass(frozen=True)
class Place:
    """Where goods were received: a country, and in China divisions. `known_by`: established, rights, or "" where it is not known."""

    country: str
    divisions: tuple[str, ...]
    known_by: str


class Places:
    """Where a receiver is: where it is established, else where it has rights for the line on the day, as known then."""

    def __init__(self, receiver: Organisation) -> None:
        self._party: Party | None = Party.objects.filter(organisation=receiver).prefetch_related("sites").first()
        party = self._party
        self._country = (party.country if party is not None else "") or receiver.country or CHINA
        sites = [site.division for site in party.sites.all() if site.is_live] if party is not None else []
        self._established = next((one for one in (party.division if party is not None else "", *sites) if one), "")
        self._of_rights: dict[tuple[str, dt.date], Place] = {}

    def of(self, line: str, on: dt.date) -> Place:
        """For goods of a line on a day."""
        if self._country != CHINA:
            return Place(self._country, (), "established")
        if self._established:
            return Place(CHINA, (self._established,), "established")
        if (line, on) not in self._of_rights:
            self._of_rights[line, on] = self._by_rights(line, on)
        return self._of_rights[line, on]

    def _by_rights(self, line: str, on: dt.date) -> Place:
        held = as_of(on, end_of(on)).of([self._party.pk]) if self._party is not None else []
        rights = [one for one in held if one.standing == "authorised" and one.covers(line, CHINA, "")]
        divisions = {place for one in rights for place in places(CHINA, one.terms.divisions)}
        if not divisions or "" in divisions:
            return Place(CHINA, (), "")
        return Place(CHINA, tuple(sorted(divisions)), "rights")


def standing_of(
    asked: Asked, told: names.Resolved, firms: Distributors, places_of: Places, *, line: str, on: dt.date
) -> tuple[SellerAnswer, Place]:
    """How the sender stood on the day there, as known then: what was recorded later is for people to judge, or back-dating would launder.

    Where the place is not known, only a right for the whole country counts: one for some divisions is a question (elsewhere).
    """
    place = places_of.of(line, on)
    wanted = place.divisions or (NOT_KNOWN if place.country == CHINA else "",)
    when: dict[str, Any] = {"line": line, "country": place.country, "valid_on": on, "known_at": end_of(on)}
    answers = [_answer(asked, told, firms, division=division, **when) for division in wanted]
    return min(answers, key=lambda answer: WEAKEST.index(answer.kind)), place


def _answer(asked: Asked, told: names.Resolved, firms: Distributors, **when: Any) -> SellerAnswer:
    """An account of the portal is known by the very name of the account too, unless a number is written or a person said that it is another."""
    firm = firms.named(asked.name, "") if not told.standing.bound and not asked.code else None
    party = getattr(firm, "party", None)
    if party is not None and party.pk not in told.refused:
        return seller_of_party(party=party, best_name=firm.name if firm else "", **when)
    return seller_answer(told, **when)
