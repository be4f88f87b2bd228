"""Absences: a substitute is named or an absence ended, and whom it concerns is told."""

import datetime as dt

from django.db import transaction

from certifications.mail.actions import send_later, tell_all
from certifications.people import leave
from certifications.people.models import User
from certifications.people.models_leave import Substitution


def name_substitute(*, person: User, substitute: User, role: str, starts_on: dt.date, ends_on: dt.date, by: User) -> Substitution:
    """Name a substitute; the substitute is told, and the person where somebody else did it. Raises NotAllowed."""
    with transaction.atomic():
        made = leave.name_substitute(person=person, substitute=substitute, role=role, starts_on=starts_on, ends_on=ends_on, by=by)
        days = {"starts_on": starts_on, "ends_on": ends_on}
        send_later(to_user=substitute, template="substitute_named", context={"name": person.name, **days})
        if by.pk != person.pk:
            send_later(to_user=person, template="absence_recorded", context={"name": substitute.name, **days})
    return made


def end_substitution(*, held: Substitution, by: User) -> None:
    """End an absence at once; the other side is told. Raises NotAllowed, StaleState."""
    with transaction.atomic():
        leave.end_substitution(held=held, by=by)
        tell_all((held.person, held.substitute), template="substitution_ended", context={"name": held.person.name}, but=by)
