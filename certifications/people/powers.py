"""What a signatory may sign, as the delegations on record say; a limit that is passed is named.

Whoever has no delegation on record signs by office, in the role that is written under the text. From the first one that two
people agreed to, a person signs within those in force alone: one that ended leaves no power behind.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.ledger.days import civil_today
from certifications.ledger.listed import listed
from certifications.ledger.moves import NotAllowed

from .models import User
from .models_delegations import Delegation
from .permissions import Permission, may

KINDS: dict[str, Any] = {
    "declarations": gettext_lazy("Sign declarations"),
    "statements": gettext_lazy("Compare an end user's signed statement"),
    "terms": gettext_lazy("Accept terms for resellers"),
    "stock": gettext_lazy("Confirm the opening stock"),
}
STANDINGS = ("waiting", "approval", "in_force", "not_yet", "over", "ended", "voided")


def standing(held: Delegation, on: dt.date) -> str:
    """How a delegation stands on a day: one of STANDINGS. Only `in_force` gives a power."""
    if held.state == Delegation.State.VOIDED:
        return "voided"
    if held.state == Delegation.State.PROPOSED:
        return "approval" if held.accepted_at else "waiting"
    if held.ended_from is not None and held.ended_from <= on:
        return "ended"
    if on < held.valid_from:
        return "not_yet"
    return "over" if held.valid_until <= on else "in_force"


def of_standing(found: QuerySet[Delegation], word: str, on: dt.date) -> QuerySet[Delegation]:
    """The same asked of the database; every row for a word that is none."""
    effective, ended = Q(state=Delegation.State.EFFECTIVE), Q(ended_from__isnull=False, ended_from__lte=on)
    asked = {
        "voided": Q(state=Delegation.State.VOIDED),
        "waiting": Q(state=Delegation.State.PROPOSED, accepted_at__isnull=True),
        "approval": Q(state=Delegation.State.PROPOSED, accepted_at__isnull=False),
        "ended": effective & ended,
        "not_yet": effective & ~ended & Q(valid_from__gt=on),
        "over": effective & ~ended & Q(valid_from__lte=on, valid_until__lte=on),
        "in_force": effective & ~ended & Q(valid_from__lte=on, valid_until__gt=on),
    }
    return found.filter(asked[word]) if word in asked else found


def visible_to(user: User) -> QuerySet[Delegation]:
    """Every one for compliance; a distributor's own for its administrator; one's own for a signatory."""
    if may(user, Permission.SEE_CASES):
        return Delegation.objects.all()
    if user.organisation is not None and may(user, Permission.MANAGE_DELEGATIONS):
        return Delegation.objects.filter(organisation=user.organisation)
    return Delegation.objects.filter(delegate=user)


@dataclass(frozen=True)
class Powers:
    """The agreed delegations of one person, the newest first, and the day on which they are asked."""

    held: tuple[Delegation, ...]
    on: dt.date

    def under(self, kind: str, *, lines: Collection[str], most: Decimal | None = None) -> Delegation | None:
        """The delegation that covers the act; None for who signs by office. Raises NotAllowed (power), naming the limit.

        `lines` are the product lines that the act is about, `most` the largest quantity of one product in its own unit.
        """
        if not self.held:
            return None
        problems = []
        for one in self.held:
            problem = self._problem(one, kind, lines, most)
            if not problem:
                return one
            problems.append(problem)
        raise NotAllowed(problems[0], "power")

    def _problem(self, one: Delegation, kind: str, lines: Collection[str], most: Decimal | None) -> str:
        told: dict[str, Any] = {"n": one.number}
        match standing(one, self.on):
            case "not_yet":
                return _("Your delegation %(n)s begins on %(day)s.") % {**told, "day": date_format(one.valid_from, "DATE_FORMAT")}
            case "over":
                return _("Your delegation %(n)s ended on %(day)s. Ask your administrator for a new one.") % {
                    **told,
                    "day": date_format(one.valid_until, "DATE_FORMAT"),
                }
            case "ended":
                day = date_format(one.ended_from, "DATE_FORMAT")
                return _("Your delegation %(n)s was ended from %(day)s on. Ask your administrator for a new one.") % {**told, "day": day}
        if kind not in one.kinds:
            return _("Your delegation %(n)s does not cover this act: %(act)s.") % {**told, "act": KINDS[kind]}
        beyond = sorted(set(lines) - set(one.lines)) if one.lines else []
        if beyond:
            return _("Your delegation %(n)s does not cover the product line %(line)s.") % {**told, "line": listed(beyond)}
        if one.most is not None and most is not None and most > one.most:
            limits = {"limit": number_format(one.most.normalize()), "asked": number_format(most.normalize())}
            return _("Your delegation %(n)s ends at %(limit)s units of one product in one declaration; this one has %(asked)s.") % {
                **told,
                **limits,
            }
        return ""


def powers_of(user: User, *, lock: bool = False) -> Powers:
    """What the person was given. `lock` keeps an end of it waiting until the transaction is over."""
    held = Delegation.objects.filter(delegate=user, state=Delegation.State.EFFECTIVE).select_related("paper").order_by("-valid_from", "-pk")
    if lock:
        held = held.select_for_update(of=("self",), no_key=True)
    today = civil_today()
    # One in force first: what is named where none covers the act is the limit of that one.
    return Powers(tuple(sorted(held, key=lambda one: standing(one, today) != "in_force")), today)


def printed(held: Delegation | None) -> dict[str, str]:
    """What is kept and printed beside a signature: values, not keys. Empty for who signs by office."""
    if held is None:
        return {}
    return {
        "id": held.pk,
        "number": held.number,
        "by": held.delegator_name,
        "role": held.delegator_role,
        "dated": held.signed_on.isoformat(),
        "until": held.valid_until.isoformat(),
        "paper": held.paper.sha256,
    }
