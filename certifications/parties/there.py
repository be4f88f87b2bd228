"""Which rights stand how for a line and a place: in PostgreSQL what `sellers` answers of one party, so that lists and checks agree.

No right is wider than the one it comes from, and a risk set ends a right for its places alone; neither shows in the row itself.
"""

from typing import Any

from django.db.models import BooleanField, Exists, F, Func, JSONField, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from .models_register import AuthorisationTerms
from .register import Register, covering, wider_places
from .rules_register import CHINA, MOST_TIERS


class _OverThere(Func):
    """Whether one of the ends in `risk_ends` has come for a line and a place: rules_register.ended_for."""

    function = "jsonb_path_exists"
    template = "%(function)s(%(expressions)s)"
    output_field = BooleanField()


def _is_over(held: Register, line: str, country: str, division: str) -> Combinable | None:
    """Of a row's own ends; None where nothing can be over, since no country is asked about."""
    if not country:
        return None
    steps = ["@.until <= $day", "@.countries[*] == $country", "(@.lines.size() == 0 || @.lines[*] == $line)"]
    if country == CHINA:
        steps.append("(@.divisions.size() == 0 || @.divisions[*] == $places[*])")
    path = f"$[*] ? ({' && '.join(steps)})"
    asked = {"day": held.valid_on.isoformat(), "country": country, "line": line, "places": wider_places(division)}
    return _OverThere(F("risk_ends"), Func(Value(path), template="%(expressions)s::jsonpath"), Value(asked, output_field=JSONField()))


def standing_there(held: Register, word: str, line: str, country: str, division: str) -> QuerySet[AuthorisationTerms]:
    """Rows of one standing (of every one for a word that is none) about a line and a place, each of them empty for any.

    With the rights above them: a row is left out where one above is not about it, and has ended where a risk set ended it or one above.
    """
    if not (line or country or division):
        return held.with_standing(word)
    country = CHINA if division else country
    asked: dict[str, Any] = {"line": line, "country": country, "division": division}
    over = _is_over(held, **asked)
    reaches, has_ended = Q(), Q(over) if over is not None else Q(pk__in=[])
    for tier in range(1, MOST_TIERS):
        path = f"authorisation{'__parent' * tier}"
        above = held.known().filter(authorisation=OuterRef(path))
        reaches &= Q(**{f"{path}__isnull": True}) | Exists(covering(above, **asked))
        if over is not None:
            has_ended |= Exists(above.filter(over))
    if word == "authorised":
        rows = held.with_standing(word).exclude(has_ended)
    elif word == "ended":
        own, by_risk = (Q(pk__in=held.with_standing(one).values("pk")) for one in ("ended", "authorised"))
        rows = held.known().filter(own | by_risk & has_ended)
    else:
        rows = held.with_standing(word)
    return covering(rows, **asked).filter(reaches)
