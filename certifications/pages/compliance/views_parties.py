"""A party as compliance knows it, whoever registered it: names, numbers, screening, declarations, rights; and its aliases, by two people."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.declarations.models import Declaration
from certifications.declarations.queries import naming
from certifications.flags.queries import concerns_about
from certifications.flow import aliases as flow
from certifications.flow.timeline import of_party
from certifications.ledger.moves import NotAllowed
from certifications.pages.factor import factor_of
from certifications.pages.rights import row_of
from certifications.parties import aliases
from certifications.parties.alike import alike
from certifications.parties.former import former_of
from certifications.parties.identities import holder_names
from certifications.parties.models import Party
from certifications.parties.models_aliases import PartyAlias, in_force
from certifications.parties.queries import display, parties_visible_to, search_parties
from certifications.parties.register import today
from certifications.parties.rules import clean_name
from certifications.people.factors import FactorRefused, begin, has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to
from certifications.screening.queries import party_state, party_states
from portal.limits import searches
from portal.paging import paged

from .forms_parties import AliasForm, EndAliasForm
from .views_card import cards
from .views_identities import identity_of
from .views_owners import owners_of_party

PER_PAGE, MOST, NEWEST = 25, 20, 8
KINDS = ("end_user", "reseller", "consignee", "distributor", "owner")
ALL_REASONS = aliases.REASONS | aliases.END_REASONS


@requires(Permission.SEE_PARTIES)
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """Every party on record, searched by any name, alias or number."""
    user: User = request.user  # type: ignore[assignment]
    text, kind = request.GET.get("q", "").strip()[:100], request.GET.get("kind", "")
    found = search_parties(parties_visible_to(user), text)
    if kind in KINDS:
        found = found.filter(kind=kind)
    page = paged(request, found.prefetch_related("names", "customers__organisation").order_by("-pk"), PER_PAGE)
    shown = list(page)
    states = party_states(shown)
    rows = [
        {"party": p, "name": display(p), "state": states[p.pk].state, "registered_by": [c.organisation for c in p.customers.all()]}
        for p in shown
    ]
    context = {"page": page, "rows": rows, "q": text, "kind": kind, "kinds": KINDS, "proposals": _awaiting(user)}
    return render(request, "compliance/parties.html", context)


def _awaiting(user: User) -> list[dict[str, Any]]:
    """Proposed aliases of all parties, the oldest first: somebody must act."""
    if not may(user, Permission.CHANGE_ALIASES):
        return []
    found = (
        PartyAlias.objects.filter(state=PartyAlias.State.PROPOSED).select_related("party", "proposed_by").prefetch_related("party__names")
    )
    return [{"alias": a, "name": display(a.party), "own": a.proposed_by_id == user.pk} for a in found.order_by("proposed_at")[:MOST]]


def _party(user: User, pk: str) -> Party:
    found: Party = get_object_or_404(parties_visible_to(user).prefetch_related("names", "identifiers", "sites"), pk=pk)
    return found


@requires(Permission.SEE_PARTIES)
@require_GET
def detail(request: HttpRequest, pk: str) -> HttpResponse:
    """All that is known of one party."""
    user: User = request.user  # type: ignore[assignment]
    return _page(request, _party(user, pk))


def _found_elsewhere(request: HttpRequest) -> dict[str, str]:
    text = request.GET.get("alias", "").strip()[:300]
    return {"text": text, "reason": "evidence"} if text else {}


def _page(request: HttpRequest, party: Party, status: int = 200, **more: Any) -> HttpResponse:
    """The page, with the forms as they were sent where one was refused."""
    user: User = request.user  # type: ignore[assignment]
    acts = party.aliases.select_related("proposed_by", "agreed_by", "voided_by", "ends").order_by("-proposed_at", "-pk")
    told = [{"alias": act, "reason": ALL_REASONS[act.reason], "own": act.proposed_by_id == user.pk} for act in acts]
    proposals = [row for row in told if row["alias"].state == PartyAlias.State.PROPOSED]
    others = [row["alias"] for row in proposals if not row["own"]]
    known = list(in_force().filter(party=party).order_by("pk"))
    context = {
        "party": party,
        "name": display(party),
        "state": party_state(party),
        "customers": party.customers.select_related("organisation", "registered_by").order_by("-registered_at"),
        "cards": cards(party),
        "declarations": Declaration.objects.filter(naming(party.customers.values_list("pk", flat=True)))
        .select_related("organisation")
        .order_by("-created_at")[:MOST],
        "rights": [row_of(entry) for entry in today().of([party.pk])],
        "aliases": known,
        "proposals": proposals,
        "past": [row for row in told if row["alias"].state != PartyAlias.State.PROPOSED],
        "passkey": begin(user, others[0].digest, request.session) if len(others) == 1 else None,
        "passkey_next": has_passkey(user),
        "may_change": may(user, Permission.CHANGE_ALIASES),
        # A name found elsewhere may come with the address, to be proposed as a further one.
        "form": AliasForm(initial=_found_elsewhere(request)),
        "end_form": EndAliasForm(prefix="end", choices=known) if known else None,
        # The newest few; the rest has a page of its own.
        "events": told_to(user, of_party(party)[:NEWEST]),
        **owners_of_party(user, party),
        **identity_of(user, party),
        "former": former_of(party),
        "shared": _shared(user, party),
        **more,
    }
    return render(request, "compliance/party.html", context, status=status)


def _shared(user: User, party: Party) -> list[dict[str, Any]]:
    """Whoever is on record under the same number or name, and the cases in which a concern about one of them was confirmed."""
    others = parties_visible_to(user).filter(pk__in=alike([party.pk]).get(party.pk, ())).prefetch_related("names").order_by("pk")
    holders = holder_names([other.pk for other in others])
    return [
        {
            "party": other,
            "name": display(other),
            "holders": holders[other.pk],
            "cases": concerns_about(other.pk),
            "state": party_state(other),
        }
        for other in others
    ]


@requires(Permission.CHANGE_ALIASES)
def propose(request: HttpRequest, pk: str) -> HttpResponse:
    """Propose a further name."""
    user: User = request.user  # type: ignore[assignment]
    party = _party(user, pk)
    form = AliasForm(request.POST)
    return _proposed(request, party, form, "form") if request.method == "POST" else redirect("compliance:party", pk=pk)


@requires(Permission.CHANGE_ALIASES)
def propose_end(request: HttpRequest, pk: str) -> HttpResponse:
    """Propose that an alias ends."""
    user: User = request.user  # type: ignore[assignment]
    party = _party(user, pk)
    form = EndAliasForm(request.POST, prefix="end", choices=list(in_force().filter(party=party).order_by("pk")))
    return _proposed(request, party, form, "end_form") if request.method == "POST" else redirect("compliance:party", pk=pk)


def _proposed(request: HttpRequest, party: Party, form: AliasForm | EndAliasForm, name: str) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    more: dict[str, Any] = {name: form}
    if form.is_valid():
        words = form.words()
        try:
            flow.propose(party=party, by=user, **words, **factor_of(request))
        except FactorRefused as error:
            form.add_error(None, str(error))
            # The passkey's question over exactly what was just typed.
            digest = aliases.alias_digest(
                party=party, **words | {"text": words["ends"].text if words["ends"] else clean_name(words["text"])}
            )
            more["passkey"] = begin(user, digest, request.session)
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            messages.success(request, _("Proposed. Another person must agree before anything changes."))
            return redirect("compliance:party", pk=party.pk)
    return _page(request, party, status=422, **more)


@requires(Permission.CHANGE_ALIASES)
@require_POST
def agree(request: HttpRequest, pk: str) -> HttpResponse:
    """Another person agrees; the party is screened by all its names at once."""
    user: User = request.user  # type: ignore[assignment]
    party = _party(user, pk)
    alias = get_object_or_404(PartyAlias, party=party, pk=request.POST.get("alias", ""))
    try:
        flow.agree(alias=alias, by=user, **factor_of(request))
    except (NotAllowed, FactorRefused) as error:
        messages.error(request, str(error))
        return _page(request, party, status=422)
    messages.success(request, _("Done. The party is screened by all its names now."))
    return redirect("compliance:party", pk=pk)


@requires(Permission.CHANGE_ALIASES)
@require_POST
def void(request: HttpRequest, pk: str) -> HttpResponse:
    """Take a proposed alias back, or refuse it."""
    user: User = request.user  # type: ignore[assignment]
    party = _party(user, pk)
    alias = get_object_or_404(PartyAlias, party=party, pk=request.POST.get("alias", ""))
    try:
        flow.void(alias=alias, by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The proposal is withdrawn."))
    return redirect("compliance:party", pk=pk)
