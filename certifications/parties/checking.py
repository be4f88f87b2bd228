"""The public question: is a seller of exactly this name authorised for this line in this place today?

One answer of two. Whoever is not known, written otherwise, suspended, or authorised for something else or elsewhere is
all the same; nothing is suggested and nothing listed. Counted by day, without what was asked.
"""

import datetime as dt
from collections import Counter

from django.db import transaction
from django.db.models import Exists, F, Func, OuterRef, Sum, TextField, Value
from django.db.models.lookups import Exact

from certifications.ledger.days import civil_today

from .models import Party, PartyName
from .models_checks import CheckCount
from .register import today
from .rules import clean_name
from .rules_register import holds_throughout

# A former or short name may be another firm's by now.
KINDS = (PartyName.Kind.OFFICIAL, PartyName.Kind.ENGLISH, PartyName.Kind.ALIAS)


class Folded(Func):
    """A name without what does not count: width, case, kinds of brackets, spaces (migrations/sql/public_check.sql, with its index)."""

    function = "portal_folded_name"
    output_field = TextField()


def named(name: str) -> "list[str]":
    """Ids of the parties that ever held an authorisation and go by exactly this name, in whatever script."""
    wanted = Folded(Value(clean_name(name), output_field=TextField()))
    same = PartyName.objects.filter(Exact(Folded("text"), wanted), party=OuterRef("pk"), kind__in=KINDS)
    return list(Party.objects.filter(Exists(same), authorisations__isnull=False).distinct().values_list("pk", flat=True))


def is_authorised(*, name: str, line: str, country: str, division: str = "") -> bool:
    """Whether one right of the name holds today for the line in the whole of the place, and so does every right above it.

    `division`: a GB/T 2260 code; without one the whole country is asked about.
    """
    register = today()
    return any(
        entry.standing == "authorised"
        and all(holds_throughout(row, line, country, division, register.valid_on) for row in (entry.terms, *entry.above))
        for entry in register.of(named(name))
    )


@transaction.atomic
def check(*, name: str, line: str, country: str, division: str = "") -> bool:
    """`is_authorised`, and the day's count of the answer grows by one."""
    found = is_authorised(name=name, line=line, country=country, division=division)
    answer = CheckCount.Answer.AUTHORISED if found else CheckCount.Answer.NONE
    row, _made = CheckCount.objects.get_or_create(day=civil_today(), answer=answer)
    CheckCount.objects.filter(pk=row.pk).update(number=F("number") + 1)
    return found


def counts_since(day: dt.date) -> Counter[str]:
    """By answer how many checks there were from `day` on."""
    rows = CheckCount.objects.filter(day__gte=day).values_list("answer").annotate(n=Sum("number"))
    return Counter(dict(rows))
