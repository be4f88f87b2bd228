"""Signatories that were proposed: who is to sign, who proposed and who agreed; agreeing to it, taking it back."""

from collections.abc import Set
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.flow import appointments as flow
from certifications.ledger.listed import listed
from certifications.ledger.moves import NotAllowed
from certifications.pages.agreeing import voided
from certifications.pages.factor import factor_of
from certifications.people.appointing import may_second, may_void, visible_to
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import Membership, User
from certifications.people.models_appointments import Appointment
from certifications.people.permissions import ROLES, Permission, may, requires
from portal.paging import paged

from .views import send

PER_PAGE = 25
BACK = "people:appointments"
sees_appointments = requires(Permission.INVITE_OWN, Permission.SEE_CASES)
decides_appointments = requires(Permission.INVITE_OWN, Permission.AGREE_DELEGATIONS)


def _page(request: HttpRequest, *, error: str = "") -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    found = visible_to(user).select_related("organisation", "proposed_by", "agreed_by", "voided_by", "invitation")
    open_ones = list(found.filter(state=Appointment.State.PROPOSED).order_by("proposed_at", "pk"))
    past = found.exclude(state=Appointment.State.PROPOSED).order_by("-proposed_at", "-pk")
    page = paged(request, past, PER_PAGE)
    # For a distributor the office alone of whoever is none of its own people.
    named = (
        None
        if may(user, Permission.SEE_CASES)
        else set(Membership.objects.filter(organisation=user.organisation).values_list("user_id", flat=True))
    )
    waiting = [
        _row(held, named) | {"own": held.proposed_by_id == user.pk, "may_agree": may_second(user, held), "may_void": may_void(user, held)}
        for held in open_ones
    ]
    mine = [row["held"] for row in waiting if row["may_agree"]]
    context = {
        "waiting": waiting,
        "page": page,
        "rows": [_row(held, named) for held in page],
        "error": error,
        # A passkey answers one question: with two proposals open the code of the app does.
        "passkey": begin(user, mine[0].digest, request.session) if len(mine) == 1 else None,
        "may_propose": may(user, Permission.INVITE_OWN) or may(user, Permission.INVITE_ANY),
    }
    return render(request, "people/appointments.html", context, status=422 if error else 200)


def _row(held: Appointment, named: Set[str] | None) -> dict[str, Any]:
    invitation = getattr(held, "invitation", None)
    return {
        "held": held,
        "roles": listed(str(ROLES[code].word) for code in held.roles if code in ROLES),
        "invitation": invitation,
        "proposed_by": _name(held.proposed_by, named),
        "decided_by": _name(held.agreed_by or held.voided_by, named),
    }


def _name(who: User | None, named: Set[str] | None) -> str:
    if who is None:
        return ""
    return who.name if named is None or who.pk in named else _("The manufacturer's compliance")


@sees_appointments
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What awaits a second person, and what was before."""
    return _page(request)


@decides_appointments
@require_POST
def agree(request: HttpRequest, pk: str) -> HttpResponse:
    """Another person agrees, and the invitation goes out."""
    user: User = request.user  # type: ignore[assignment]
    held = get_object_or_404(visible_to(user), pk=pk)
    try:
        flow.agree(held=held, by=user, send=partial(send, request), **factor_of(request))
    except (NotAllowed, FactorRefused) as error:
        return _page(request, error=str(error))
    messages.success(request, _("Agreed. The invitation is on its way. It works once, for fourteen days."))
    return redirect(BACK)


@decides_appointments
@require_POST
def void(request: HttpRequest, pk: str) -> HttpResponse:
    """Take it back, or refuse it."""
    user: User = request.user  # type: ignore[assignment]
    return voided(request, partial(flow.void, held=get_object_or_404(visible_to(user), pk=pk)), back=BACK)
