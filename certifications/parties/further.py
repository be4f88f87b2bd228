"""Names by which a party is compared beside its own: agreed aliases, its sites and laboratories, members whose sites it covers, and what it
was called before.

What ended is compared still: whoever ends a site clears nothing by it.
"""

from collections.abc import Iterable

from django.db.models import CharField, F, IntegerField, QuerySet, Value
from django.db.models.functions import Cast

from .models import Site
from .models_aliases import in_force
from .models_card import CoveredSite, Laboratory
from .models_former import FormerKey


def _rows(found: QuerySet, party: str, text: str, rank: int, key: str) -> QuerySet:  # type: ignore[type-arg]
    """(party, text, rank, key) of each row that has a text."""
    return (
        found.exclude(**{text: ""})
        .order_by()
        .annotate(
            whose=F(party),
            said=F(text),
            rank=Value(rank, IntegerField()),
            place=Cast(key, CharField()),
        )
        .values_list("whose", "said", "rank", "place")
    )


def further_names(parties: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """(party, name) in a stable order, of these parties or of all. One query."""
    of_covered = CoveredSite.objects.filter(link__ended_at__isnull=True)
    sources = (
        (in_force(), "party_id", "text", 0, "pk"),
        (Site.objects.all(), "party_id", "native_name", 1, "pk"),
        (Site.objects.all(), "party_id", "latin_name", 2, "pk"),
        (Laboratory.objects.all(), "site__party_id", "name", 3, "pk"),
        (of_covered, "link__head__party_id", "site__native_name", 4, "site__pk"),
        (of_covered, "link__head__party_id", "site__latin_name", 5, "site__pk"),
        (of_covered, "link__head__party_id", "site__party__names__text", 6, "site__party__names__pk"),
        (FormerKey.objects.filter(kind__in=FormerKey.NAMES), "party_id", "text", 7, "pk"),
    )
    wanted = None if parties is None else list(parties)
    narrowed = [
        _rows(found if wanted is None else found.filter(**{f"{party}__in": wanted}), party, text, rank, key)
        for found, party, text, rank, key in sources
    ]
    rows = narrowed[0].union(*narrowed[1:], all=True)
    return [(party, text) for party, text, _rank, _place in sorted(rows, key=lambda row: row[2:])]
