"""Who acts for an organisation: members, invitations, the end of a role, and the page behind an invitation's link."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from certifications.flow import appointments
from certifications.flow.leaving import Work, end_role, open_work, powers_that_end
from certifications.ledger.listed import listed, mark
from certifications.ledger.moves import NotAllowed
from certifications.mail.actions import send_later
from certifications.pages.factor import factor_of
from certifications.people import actions
from certifications.people.appointing import appointment_digest
from certifications.people.factors import FactorRefused, begin, has_passkey
from certifications.people.models import Invitation, Membership, Organisation, User
from certifications.people.models_appointments import SIGNATORY
from certifications.people.models_delegations import Delegation
from certifications.people.permissions import ROLES, Permission, public, requires
from certifications.people.queries import manageable, open_invitations
from portal.limits import limited, mails_out


class InviteForm(forms.Form):
    """Whom to invite to what."""

    organisation = forms.ModelChoiceField(label=gettext_lazy("Organisation"), queryset=Organisation.objects.none())
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    roles = forms.MultipleChoiceField(label=gettext_lazy("Roles"), widget=forms.CheckboxSelectMultiple)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=[("en", "English"), ("zh-hans", "简体中文")])
    explanation = forms.CharField(
        label=gettext_lazy("Who it is"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("For a signatory: name and function, for the second person who must agree before the invitation goes out."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisations = manageable(user)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
        kinds = set(organisations.values_list("kind", flat=True))
        self.fields["roles"].choices = [  # type: ignore[attr-defined]
            (role.code, f"{role.word}{mark(':')}{role.sentence}") for role in ROLES.values() if role.side in kinds and not role.by_name
        ]
        if len(organisations) == 1:
            self.fields["organisation"].initial = organisations[0]


class WelcomeForm(forms.Form):
    """What a new person sets."""

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=gettext_lazy("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), max_length=200
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email, name=self.cleaned_data.get("name", "")))
        return password


class SuccessorsForm(forms.Form):
    """Who goes on with each kind of open work. Nobody in particular means everybody who may."""

    def __init__(self, *args: Any, work: list[Work], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in work:
            people = [(person.pk, person.name) for person in one.candidates]
            self.fields[one.permission.value] = forms.ChoiceField(
                label=f"{one.title}{mark(':')}{one.count}",
                choices=[("", _("Everybody who may go on with it")), *people],
                required=False,
                help_text=_("Moves at once, with the end of the role; whom you choose is told by mail."),
            )
        self.must = frozenset(self.fields)


looks_after_people = requires(Permission.INVITE_OWN, Permission.INVITE_ANY)


@looks_after_people
def people(request: HttpRequest) -> HttpResponse:
    """Members and open invitations of every organisation that the user looks after."""
    user: User = request.user  # type: ignore[assignment]
    organisations = [
        {
            "organisation": organisation,
            "memberships": [
                {"m": m, "word": ROLES[m.role].word}
                for m in organisation.memberships.filter(ended_at__isnull=True).select_related("user").order_by("user__name", "role")
            ],
            "invitations": open_invitations(organisation),
        }
        for organisation in manageable(user)
    ]
    return render(request, "people/people.html", {"organisations": organisations})


@looks_after_people
@mails_out
def invite(request: HttpRequest) -> HttpResponse:
    """Send an invitation; for a signatory, propose one, with a second factor."""
    user: User = request.user  # type: ignore[assignment]
    form = InviteForm(request.POST or None, user=user)
    passkey = None
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        try:
            if SIGNATORY in words["roles"]:
                appointments.propose(by=user, **words, **factor_of(request))
                messages.success(request, _("Proposed. The invitation goes out when another person has agreed."))
                return redirect("people:appointments")
            made, token = actions.invite(by=user, **{name: value for name, value in words.items() if name != "explanation"})
        except FactorRefused as error:
            form.add_error(None, str(error))
            passkey = begin(user, appointment_digest(**words), request.session)
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            send(request, made, token)
            messages.success(request, _("The invitation is on its way. It works once, for fourteen days."))
            return redirect("people:own")
    context = {"form": form, "passkey": passkey, "passkey_next": has_passkey(user)}
    return render(request, "people/invite.html", context, status=422 if form.is_bound else 200)


def send(request: HttpRequest, made: Invitation, token: str) -> None:
    """Mail the link to whoever is invited, in the language that was chosen for them."""
    with override(made.language), timezone.override(dt.UTC):
        until = date_format(timezone.localtime(made.expires_at), "DATETIME_FORMAT") + " UTC"
    send_later(
        template="invitation",
        to_email=made.email,
        language=made.language,
        context={
            "organisation": made.organisation.name,
            "until": until,
            "link": request.build_absolute_uri(reverse("people:welcome", args=[token])),
        },
    )


@looks_after_people
@require_POST
def revoke(request: HttpRequest, pk: str) -> HttpResponse:
    """Take an invitation back."""
    user: User = request.user  # type: ignore[assignment]
    invitation = get_object_or_404(Invitation, pk=pk, organisation__in=manageable(user))
    try:
        actions.revoke(by=user, invitation=invitation)
    except NotAllowed as error:
        messages.error(request, str(error))
    return redirect("people:own")


@looks_after_people
def end(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask, then end a role and the person's sessions."""
    user: User = request.user  # type: ignore[assignment]
    membership = get_object_or_404(
        Membership.objects.select_related("user", "organisation"), pk=pk, organisation__in=manageable(user), ended_at__isnull=True
    )
    work, powers = open_work(membership), powers_that_end(membership)
    form = SuccessorsForm(request.POST if request.method == "POST" else None, work=work) if work else None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            handed = end_role(membership=membership, by=user, successors=form.cleaned_data if form is not None else {})
        except NotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The role has ended, and with it every session of that person."))
            if handed:
                told = ngettext("%(n)d open case went back to the queue.", "%(n)d open cases went back to the queue.", handed)
                messages.info(request, told % {"n": handed})
        return redirect("people:own")
    context = {
        "title": _("End this role?"),
        "text": _("%(name)s will no longer be %(role)s, and is signed out everywhere at once.")
        % {"name": membership.user.name, "role": ROLES[membership.role].word}
        + _what_ends(powers),
        "form": form or "",
        "action": _("End the role"),
        "back_url": reverse("people:own"),
        "danger": True,
    }
    return render(request, "components/confirm.html", context, status=422 if request.method == "POST" else 200)


def _what_ends(powers: list[Delegation]) -> str:
    """The powers to sign that end with the role, in a sentence; empty when none."""
    if not powers:
        return ""
    numbers = listed(power.number for power in powers)
    return " " + ngettext("The delegation %(n)s ends with it.", "The delegations %(n)s end with it.", len(powers)) % {"n": numbers}


@public
@never_cache
@limited("welcome", 10, 3600, free=("GET", "HEAD"))
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation's link. Opening it changes nothing; sending the form consumes it.

    The token stays out of every other site's log by the policy of all pages, `same-origin`. With `no-referrer` a browser
    posts `Origin: null`, and the protection of forms refuses each one of this page.
    """
    invitation = actions.open_invitation(token)
    if invitation is None:
        return render(request, "people/expired.html", status=410)
    form = WelcomeForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and form.is_valid():
        try:
            actions.accept(token=token, name=form.cleaned_data["name"], password=form.cleaned_data["password"])
        except NotAllowed as error:
            form.add_error(None, str(error))
        except (ValidationError, PermissionDenied) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your account is ready. Sign in with your address and password."))
            return redirect("account_login")
    context = {"form": form, "invitation": invitation, "rules": password_validators_help_texts(), "now": timezone.now()}
    return render(request, "people/welcome.html", context, status=422 if form.is_bound else 200)
