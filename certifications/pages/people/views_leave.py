"""Absences: who stands in for whom, named by oneself or by whoever looks after the people."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from certifications.flow import leave as flow
from certifications.ledger.days import civil_today
from certifications.ledger.listed import mark
from certifications.ledger.moves import NotAllowed
from certifications.people import leave
from certifications.people.models import User
from certifications.people.permissions import ROLES, signed_in
from certifications.people.queries import live, manageable
from portal.forms import DayField

MOST = 100


class LeaveForm(forms.Form):
    """Who is away in which role, from when to when, and who stands in."""

    role = forms.ChoiceField(label=gettext_lazy("Who is away, in which role"))
    substitute = forms.ChoiceField(
        label=gettext_lazy("Who stands in"), help_text=gettext_lazy("Somebody who holds the same role, or all of its rights.")
    )
    starts_on = DayField(label=gettext_lazy("First day away"))
    ends_on = DayField(label=gettext_lazy("First day back"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = live().filter(organisation__in=manageable(user)) | live().filter(user=user)
        self.held = {one.pk: one for one in held.select_related("user", "organisation").order_by("user__name", "role").distinct()}
        people: dict[str, User] = {}
        for person in {one.user_id: one.user for one in self.held.values()}.values():
            people |= {one.pk: one for one in leave.candidates(person)}
        self.people = people
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose")),
            *((pk, f"{one.user.name}{mark(',')}{ROLES[one.role].word}") for pk, one in self.held.items() if one.role in ROLES),
        ]
        self.fields["substitute"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a person")),
            *((one.pk, one.name) for one in sorted(people.values(), key=lambda one: one.name)),
        ]


def _rows(user: User) -> list[dict[str, Any]]:
    today = civil_today()
    found = leave.visible_to(user).filter(ended_at__isnull=True, ends_on__gt=today).select_related("person", "substitute", "organisation")
    return [
        {"held": one, "role": ROLES[one.role].word, "now": one.starts_on <= today}
        for one in found.distinct().order_by("starts_on", "pk")[:MOST]
    ]


@signed_in
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Absences of today and later that concern the person, or its people."""
    user: User = request.user  # type: ignore[assignment]
    return render(request, "people/leave.html", {"rows": _rows(user), "several": manageable(user).exists()})


@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Name a substitute."""
    user: User = request.user  # type: ignore[assignment]
    form = LeaveForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        data, held = form.cleaned_data, form.held[form.cleaned_data["role"]]
        try:
            flow.name_substitute(
                person=held.user,
                substitute=form.people[data["substitute"]],
                role=held.role,
                starts_on=data["starts_on"],
                ends_on=data["ends_on"],
                by=user,
            )
        except NotAllowed as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, str(refusal))
        else:
            messages.success(request, _("On record. In that time mail and cases of the role go to the substitute."))
            return redirect("people:leave")
    return render(request, "people/leave_new.html", {"form": form}, status=422 if form.is_bound else 200)


@signed_in
def end(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask, then end an absence at once."""
    user: User = request.user  # type: ignore[assignment]
    held = get_object_or_404(leave.visible_to(user).select_related("person", "substitute").distinct(), pk=pk)
    if request.method == "POST":
        try:
            flow.end_substitution(held=held, by=user)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Ended. Mail and cases are with the person again."))
        return redirect("people:leave")
    context = {
        "title": _("End this absence?"),
        "text": _("%(substitute)s no longer stands in for %(person)s, from now on.")
        % {"substitute": held.substitute.name, "person": held.person.name},
        "action": _("End the absence"),
        "back_url": reverse("people:leave"),
    }
    return render(request, "components/confirm.html", context)
