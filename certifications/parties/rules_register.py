"""What an authorisation covers, how it stands on a day, and what must be mended before it is recorded. Pure: values in, values out."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.ledger.listed import listed
from certifications.matching import place_of

from .rules import Problem

CHINA = "CN"
# Somewhere in China: no territory but the whole of it holds such a place.
NOT_KNOWN = "??"
EVERYWHERE = (0, 1_000_000)
MOST_DAYS = 366 * 5
# A distributor and three tiers below it. Deeper chains are what diversion looks like, and nobody asked for one yet.
MOST_TIERS = 4
CHANGES: dict[str, tuple[str, ...]] = {
    "suspended": ("evidence", "terms_broken", "report_overdue", "training_ended", "authority", "by_request"),
    "revoked": ("terms_broken", "false_statement", "authority", "by_request", "given_in_error"),
    "authorised": ("resolved", "given_in_error"),
}
CHANGE_REASONS: dict[str, Any] = {
    "evidence": gettext_lazy("Evidence that is being looked into"),
    "terms_broken": gettext_lazy("The terms were not kept"),
    "report_overdue": gettext_lazy("A report is overdue"),
    "training_ended": gettext_lazy("Training ended and was not renewed"),
    "authority": gettext_lazy("An authority asked for it"),
    "by_request": gettext_lazy("The holder asked for it"),
    "false_statement": gettext_lazy("A statement that it rests on is not true"),
    "given_in_error": gettext_lazy("It was recorded in error"),
    "resolved": gettext_lazy("What led to it is resolved"),
}
_NEXT: dict[str, frozenset[str]] = {
    "": frozenset({"suspended", "revoked"}),
    "authorised": frozenset({"suspended", "revoked"}),
    "suspended": frozenset({"authorised", "revoked"}),
    "revoked": frozenset(),
}


class Covering(Protocol):
    """Whatever says lines, countries, divisions and days: terms on record, or terms as typed."""

    @property
    def lines(self) -> Sequence[str]: ...
    @property
    def countries(self) -> Sequence[str]: ...
    @property
    def divisions(self) -> Sequence[str]: ...
    @property
    def valid_from(self) -> dt.date: ...
    @property
    def valid_until(self) -> dt.date: ...


@dataclass(frozen=True)
class TermsData:
    """Terms as typed. `risk_until`: code of a risk set to the day on which the right ends for it."""

    lines: tuple[str, ...]
    countries: tuple[str, ...]
    divisions: tuple[str, ...]
    valid_from: dt.date
    valid_until: dt.date
    conditions: str = ""
    risk_until: Mapping[str, dt.date] = field(default_factory=dict)


@dataclass(frozen=True)
class Risk:
    """A risk set: for these lines (none: all) in these places a right is good for at most so many days."""

    code: str
    title: str
    title_zh: str
    lines: tuple[str, ...]
    countries: tuple[str, ...]
    divisions: tuple[str, ...]
    most_days: int


def within(division: str, territory: str) -> bool:
    """Whether a GB/T 2260 code lies in a territory's: 500000 (Chongqing) holds 500101 and not 540102 (Lhasa).

    A code is three pairs: province, prefecture, county; only whole pairs of zeros say "all of it".
    """
    prefix = territory
    while len(prefix) > 2 and prefix.endswith("00") and len(prefix) % 2 == 0:  # noqa: PLR2004 - two digits are a province
        prefix = prefix[:-2]
    return division.startswith(prefix)


def places(country: str, divisions: Sequence[str]) -> list[str]:
    """What a row means of one country: its divisions in China where it names some, else all of it (one empty code)."""
    return list(divisions) if country == CHINA and divisions else [""]


def covers(row: Covering, line: str, country: str, division: str) -> bool:
    """Whether the row is about this line and place; what is not known (empty) is no reason to say no."""
    if line and line not in row.lines:
        return False
    if country and country not in row.countries:
        return False
    if not division or country != CHINA:
        return True
    return any(not place or within(division, place) for place in places(CHINA, row.divisions))


def _meets(one: str, other: str) -> bool:
    return not one or not other or within(one, other) or within(other, one)


class Placed(Protocol):
    """Whatever says countries, and divisions of China."""

    @property
    def countries(self) -> Sequence[str]: ...
    @property
    def divisions(self) -> Sequence[str]: ...


def share_places(one: Placed, other: Placed) -> bool:
    """Whether any place is in both."""
    return any(
        _meets(here, there)
        for country in set(one.countries) & set(other.countries)
        for here in places(country, one.divisions)
        for there in places(country, other.divisions)
    )


def touches(row: Covering, risk: Risk) -> bool:
    """Whether the row covers anything of the risk set."""
    if risk.lines and not set(risk.lines) & set(row.lines):
        return False
    return share_places(row, risk)


def risk_end(row: TermsData, risk: Risk) -> dt.date:
    """The last day plus one of the row for a risk set that it touches."""
    latest = min(row.valid_until, row.valid_from + dt.timedelta(days=risk.most_days))
    return min(latest, row.risk_until.get(risk.code, latest))


def ended_for(risk_ends: Iterable[Mapping[str, Any]], line: str, country: str, division: str, on: dt.date) -> dt.date | None:
    """The day on which a row ended for this line and place by a risk set, if it has come; a place that is not known is not in one."""
    for end in risk_ends:
        until = dt.date.fromisoformat(end["until"])
        named = country in end["countries"] and (not end["lines"] or line in end["lines"])
        if named and country == CHINA and end["divisions"]:
            named = bool(division) and any(within(division, place) for place in end["divisions"])
        if named and on >= until:
            return until
    return None


class Judged(Covering, Protocol):
    """Terms on record, with the ends that risk sets gave them."""

    @property
    def risk_ends(self) -> Iterable[Mapping[str, Any]]: ...


def holds_throughout(row: Judged, line: str, country: str, division: str, on: dt.date) -> bool:
    """Whether the row is about this line in all of this place, no part of which a risk set has ended; what is not said is not held.

    The strict sister of `covers`: for an answer that somebody relies on.
    """
    if not line or line not in row.lines or country not in row.countries:
        return False
    if country == CHINA and not any(not place or (division and within(division, place)) for place in places(CHINA, row.divisions)):
        return False
    return not any(
        on >= dt.date.fromisoformat(end["until"])
        and country in end["countries"]
        and (not end["lines"] or line in end["lines"])
        and (country != CHINA or any(_meets(division, place) for place in end["divisions"] or [""]))
        for end in row.risk_ends
    )


def standing(row: Covering, on: dt.date, last: str) -> str:
    """How a right stands by itself: authorised, suspended, revoked, ended or not_yet. `last`: what the last change made of it."""
    if last == "revoked":
        return "revoked"
    if on < row.valid_from:
        return "not_yet"
    if on >= row.valid_until:
        return "ended"
    return "suspended" if last == "suspended" else "authorised"


def beyond(row: Placed, above: Placed) -> list[str]:
    """Countries and divisions of the one that do not lie in the other."""
    found = [country for country in row.countries if country not in above.countries]
    if CHINA in row.countries and CHINA in above.countries and above.divisions:
        found += [
            code or CHINA for code in places(CHINA, row.divisions) if not any(code and within(code, held) for held in above.divisions)
        ]
    return found


def outside(row: TermsData, above: Covering) -> list[Problem]:
    """What a right below asks for that the one above does not hold: nothing may be wider or last longer."""
    problems = []
    lines = [line for line in row.lines if line not in above.lines]
    if lines:
        problems.append(Problem("lines", _("The right above does not cover %(what)s; leave it out.") % {"what": listed(lines)}))
    places_out = beyond(row, above)
    if places_out:
        problems.append(
            Problem("divisions", _("The right above does not reach %(what)s; name places inside it.") % {"what": listed(places_out)})
        )
    if row.valid_from < above.valid_from:
        problems.append(
            Problem(
                "valid_from", _("The right above begins on %(day)s; begin on that day or later.") % {"day": date_format(above.valid_from)}
            )
        )
    if row.valid_until > above.valid_until:
        problems.append(
            Problem(
                "valid_until", _("The right above ends on %(day)s; end on that day or before.") % {"day": date_format(above.valid_until)}
            )
        )
    return problems


def check_terms(row: TermsData) -> list[Problem]:
    """What must be mended before terms are recorded, each with its field."""
    problems = []
    if not row.lines:
        problems.append(Problem("lines", _("Choose at least one product line.")))
    if not row.countries:
        problems.append(Problem("countries", _("Choose at least one country, or enter divisions of China.")))
    for country in row.countries:
        if not (len(country) == 2 and country.isascii() and country.isupper()):  # noqa: PLR2004
            problems.append(Problem("countries", _("%(code)s is no country's code; it has two capitals, such as CN.") % {"code": country}))
    for code in row.divisions:
        if not (len(code) == 6 and code.isascii() and code.isdecimal()) or place_of(code) is None:  # noqa: PLR2004
            problems.append(Problem("divisions", _("No division of China has the code %(code)s; look it up by its name.") % {"code": code}))
    if row.valid_until <= row.valid_from:
        problems.append(Problem("valid_until", _("The authorisation ends before it begins; correct one of the dates.")))
    elif (row.valid_until - row.valid_from).days > MOST_DAYS:
        problems.append(Problem("valid_until", _("An authorisation runs for five years at most; choose an earlier end and renew it then.")))
    problems += [
        Problem("risk", _("The end for a risk set lies outside the days of the authorisation; correct it."))
        for until in row.risk_until.values()
        if not row.valid_from < until <= row.valid_until
    ]
    return problems


def possible_changes(last: str) -> frozenset[str]:
    """What may be made of a right after its last change (empty: none yet)."""
    return _NEXT[last]


def check_change(*, last: str, to: str, reason: str, explanation: str, public_reason: str) -> Problem | None:
    """Why a change may not be proposed, by field; None when it may."""
    if to not in possible_changes(last):
        return Problem("to", _("This cannot be done with the authorisation as it stands."))
    if reason not in CHANGES[to]:
        return Problem("reason", _("Choose a reason that belongs to this change."))
    if len(explanation.strip()) < 20:  # noqa: PLR2004
        return Problem("explanation", _("Explain in at least 20 characters what happened and how it is known."))
    if len(public_reason.strip()) < 10:  # noqa: PLR2004
        return Problem("public_reason", _("Write the sentence that the holder reads."))
    return None
