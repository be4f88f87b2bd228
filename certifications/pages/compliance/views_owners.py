"""Owners of parties as compliance knows them: whoever stated them, and what compliance found itself, which no distributor sees."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.flow import owners as flow
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.pages.owners import HEAD, OwnerForm, cells, initial_dates, row_of, standing, with_names
from certifications.pages.rights import put
from certifications.parties.models import Party
from certifications.parties.models_owners import Ownership
from certifications.parties.queries import display, parties_visible_to
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.screening.queries import party_states
from portal.exports import csv_response, first_of
from portal.limits import exports

MOST_ROWS = 100_000


def owners_of_party(user: User, party: Party) -> dict[str, Any]:
    """What the party's page shows: its owners and whom it owns, by everybody, with the screening of each."""
    rows = list(
        Ownership.objects.filter(Q(party=party) | Q(owner=party))
        .select_related("owner", "party", "organisation", "recorded_by", "ended_by", "let_go_by")
        .prefetch_related("owner__names", "owner__identifiers", "party__names")
        .order_by("-pk")
    )
    states = party_states({row.owner.pk: row.owner for row in rows if row.owner}.values())
    names = {row.party_id: display(row.party).title for row in rows}
    told = [
        {**row_of(row, names=names), "state": states[row.owner_id].state if row.owner_id else "", "own": row.let_go_by_id == user.pk}
        for row in rows
    ]
    return {
        "owners": [one for one in told if one["row"].party_id == party.pk],
        "owns": [one for one in told if one["row"].owner_id == party.pk],
        "owners_standing": standing(party.pk, rows, civil_today()),
        "may_edit_owners": may(user, Permission.EDIT_OWNERS),
    }


def _party(user: User, pk: str) -> Party:
    found: Party = get_object_or_404(parties_visible_to(user).prefetch_related("names"), pk=pk)
    return found


@requires(Permission.EDIT_OWNERS)
def new(request: HttpRequest, pk: str) -> HttpResponse:
    """State an owner that compliance found: a new one by name, or a party on record."""
    user: User = request.user  # type: ignore[assignment]
    party = _party(user, pk)
    initial = {"form_key": new_ulid(), "of": party.pk, **initial_dates()}
    of = [(party.pk, display(party).title)]
    form = OwnerForm(request.POST if request.method == "POST" else None, of=of, on_record=True, initial=initial)
    if form.is_valid():
        key = form.cleaned_data["owner"].strip().upper()
        owner = parties_visible_to(user).filter(pk=key).first() if key else None
        if key and owner is None:
            form.add_error("owner", _("No party has this key; copy it from the end of the address of the party's page."))
        else:
            try:
                flow.state(party=party, by=user, data=form.data_given(), form_key=form.cleaned_data["form_key"], owner=owner)
            except NotAllowed as error:
                put(form, error)
            else:
                messages.success(request, _("Kept. The owner is screened, and no distributor sees it."))
                return redirect("compliance:party", pk=pk)
    return render(
        request, "compliance/owner_form.html", {"form": form, "party": party, "name": display(party)}, status=422 if form.errors else 200
    )


@requires(Permission.EDIT_OWNERS)
@require_POST
def end(request: HttpRequest, pk: str) -> HttpResponse:
    """End a statement, or let go one that was ended and counts on."""
    user: User = request.user  # type: ignore[assignment]
    party = _party(user, pk)
    row = get_object_or_404(Ownership, party=party, pk=request.POST.get("ownership", ""))
    act = flow.let_go if row.held else flow.end
    try:
        done = act(ownership=row, by=user, reason=request.POST.get("reason", ""))
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        text = _("Kept with your reason. It counts on until a second person lets it go as well.") if done.held else ""
        messages.success(request, text or _("Ended. It stays on record with your reason."))
    return redirect("compliance:party", pk=pk)


@requires(Permission.SEE_PARTIES)
@require_GET
@exports("owners")
def export(request: HttpRequest) -> HttpResponse:
    """Every statement on record as CSV, with who made it."""
    rows, is_cut = first_of(with_names(Ownership.objects.all()), MOST_ROWS)
    lines = [[*cells(row, row.party), row.organisation.name if row.organisation else "", row.party_id, row.owner_id or ""] for row in rows]
    head = [*HEAD, _("Stated by"), _("Key of the party"), _("Key of the owner")]
    return csv_response("owners.csv", head, lines, is_cut=is_cut)
