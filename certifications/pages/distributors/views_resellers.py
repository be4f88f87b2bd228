"""Resellers below a distributor: nominate, accept the inherited terms hop by hop, file signed papers, take back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.files.rules import MAX_PAPER_MB
from certifications.flow import resellers as flow
from certifications.ledger.ids import new_ulid
from certifications.ledger.listed import mark
from certifications.ledger.moves import NotAllowed
from certifications.pages.factor import factor_of
from certifications.pages.places import line_words, reach_words
from certifications.pages.rights import compared, put
from certifications.parties import nominating
from certifications.parties.models import Party
from certifications.parties.models_register import Authorisation
from certifications.parties.models_resellers import Nomination
from certifications.parties.queries import display
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from portal.bodies import takes
from portal.templatetags.kit import main_name

from .forms_resellers import AcceptedPaperForm, NominateForm, WithdrawForm


@requires(Permission.NOMINATE_RESELLERS)
def new(request: HttpRequest) -> HttpResponse:
    """Nominate a reseller below a right of one's own tree."""
    user: User = request.user  # type: ignore[assignment]
    held = flow.parents(user)
    parents = [
        (
            row.terms.authorisation_id,
            f"{whose}{mark(',')}{number}{mark(':')}{line_words(row.terms.lines)}{mark(';')}{reach_words(row.terms)}{mark(';')}{days}",
        )
        for row in held
        for whose, number in [(main_name(display(row.authorisation.party)), row.authorisation.number)]
        for days in [f"{date_format(row.terms.valid_from)} – {date_format(row.valid_until)}"]
    ]
    resellers = [
        (customer.party_id, main_name(display(customer.party)))
        for customer in flow.candidates(user).select_related("party").prefetch_related("party__names")
    ]
    form = NominateForm(request.POST or None, parents=parents, resellers=resellers, initial={"form_key": new_ulid()})
    if request.method == "POST" and form.is_valid():
        try:
            made = flow.nominate(
                parent=Authorisation.objects.get(pk=form.cleaned_data["parent"]),
                party=Party.objects.get(pk=form.cleaned_data["party"]),
                by=user,
                data=form.data_given(),
                form_key=form.cleaned_data["form_key"],
            )
        except NotAllowed as error:
            put(form, error)
        else:
            messages.success(request, _("Nominated. Now the terms are accepted hop by hop, and then compliance decides."))
            return redirect("distributors:nomination", number=made.number)
    context = {"form": form, "parents": parents, "resellers": resellers}
    return render(request, "distributors/nominate.html", context, status=422 if form.errors else 200)


def _nomination(user: User, number: str) -> Nomination:
    found = flow.visible_to(user).select_related("parent__party", "party", "organisation", "decided_by", "authorisation")
    return get_object_or_404(found, number=number)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """What is asked for, the inherited terms, who accepted, and whose turn it is."""
    user: User = request.user  # type: ignore[assignment]
    return _page(request, _nomination(user, number))


def _page(request: HttpRequest, held: Nomination, status: int = 200, **forms: Any) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    hops = nominating.hops(held)
    waiting = next((hop for hop in hops if hop.is_next and held.status == Nomination.Status.OPEN), None)
    own = held.organisation == user.organisation
    mine = bool(waiting and waiting.party.organisation and waiting.party.organisation == user.organisation)
    context = {
        "held": held,
        "name": display(held.party),
        "rows": compared(None, nominating.terms_of(held)),
        "hops": [{"hop": hop, "name": display(hop.party), "inherited": held.inherited[: hop.number + 1]} for hop in hops],
        "waiting": waiting,
        "waiting_name": display(waiting.party) if waiting else None,
        "may_accept": mine and may(user, Permission.ACCEPT_TERMS),
        "may_file": bool(waiting and waiting.party.organisation is None and own and may(user, Permission.NOMINATE_RESELLERS)),
        "may_withdraw": own and held.status in {"open", "accepted"} and may(user, Permission.NOMINATE_RESELLERS),
        "passkey": begin(user, held.digest, request.session) if mine and may(user, Permission.ACCEPT_TERMS) else None,
        "paper_form": AcceptedPaperForm(),
        "withdraw_form": WithdrawForm(),
        **forms,
    }
    return render(request, "distributors/nomination.html", context, status=status)


@requires(Permission.ACCEPT_TERMS)
def accept(request: HttpRequest, number: str) -> HttpResponse:
    """A signatory accepts for the hop whose turn it is."""
    user: User = request.user  # type: ignore[assignment]
    held = _nomination(user, number)
    if request.method != "POST":  # asked after whose it is: to a stranger it is not there, however it is asked for
        return HttpResponseNotAllowed(["POST"])
    try:
        flow.accept(
            nomination=held,
            by=user,
            **factor_of(request),
        )
    except (NotAllowed, FactorRefused) as error:
        return _page(request, held, status=422, error=str(error))
    messages.success(request, _("Accepted. The next hop is asked now."))
    return redirect("distributors:nomination", number=number)


@takes(MAX_PAPER_MB)
@requires(Permission.NOMINATE_RESELLERS)
def file_paper(request: HttpRequest, number: str) -> HttpResponse:
    """File the paper on which a holder without accounts accepted."""
    user: User = request.user  # type: ignore[assignment]
    held = _nomination(user, number)
    if request.method != "POST":  # asked after whose it is: to a stranger it is not there, however it is asked for
        return HttpResponseNotAllowed(["POST"])
    form = AcceptedPaperForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            flow.accept_by_paper(
                nomination=held,
                by=user,
                content=file.read(),
                name=file.name,
                signed_name=form.cleaned_data["signed_name"],
                signed_on=form.cleaned_data["signed_on"],
            )
        except NotAllowed as error:
            put(form, error)
        else:
            messages.success(request, _("The acceptance is filed."))
            return redirect("distributors:nomination", number=number)
    return _page(request, held, status=422, paper_form=form)


@requires(Permission.NOMINATE_RESELLERS)
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take a nomination back."""
    user: User = request.user  # type: ignore[assignment]
    held = _nomination(user, number)
    if request.method != "POST":  # asked after whose it is: to a stranger it is not there, however it is asked for
        return HttpResponseNotAllowed(["POST"])
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            flow.withdraw(nomination=held, by=user, reason=form.cleaned_data["reason"])
        except NotAllowed as error:
            put(form, error)
        else:
            messages.success(request, _("The nomination is withdrawn."))
            return redirect("distributors:nomination", number=number)
    return _page(request, held, status=422, withdraw_form=form)
