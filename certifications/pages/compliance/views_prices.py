"""Who sees prices: how it is, what is proposed, and what was before."""

from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from certifications.flow import prices as flow
from certifications.ledger.listed import listed
from certifications.pages.agreeing import agreed, proposed, voided
from certifications.people import prices
from certifications.people.factors import begin, has_passkey
from certifications.people.models import User
from certifications.people.models_prices import PriceSight
from certifications.people.permissions import ROLES, Permission, may, requires
from certifications.people.queries import independent

BACK = "compliance:prices"
MOST = 50


class PricesForm(forms.Form):
    """Which roles see prices."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Who is to see prices"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen switches prices off for everybody."),
    )
    explanation = forms.CharField(label=gettext_lazy("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.must = frozenset({"roles"})
        self.fields["roles"].choices = [(code, ROLES[code].word) for code in prices.MAY_BE_GIVEN]  # type: ignore[attr-defined]


def _words(held: PriceSight | None) -> str:
    return listed(str(ROLES[code].word) for code in (held.roles if held else []) if code in ROLES) or _("nobody")


def _page(request: HttpRequest, form: PricesForm | None = None, **more: Any) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    rows = list(PriceSight.objects.select_related("proposed_by", "agreed_by", "voided_by").order_by("-proposed_at", "-pk")[:MOST])
    proposal = next((row for row in rows if row.state == PriceSight.State.PROPOSED), None)
    acts = may(user, Permission.AGREE_PRICES)
    agrees = proposal is not None and acts and independent(proposal.proposed_by, user)
    context = {
        "now": _words(prices.in_force()),
        "proposal": proposal,
        "proposed": _words(proposal) if proposal else "",
        "past": [{"held": row, "roles": _words(row)} for row in rows if row is not proposal],
        "may_agree": agrees,
        "may_void": proposal is not None and acts,
        "form": form or (PricesForm() if acts and proposal is None else None),
        "passkey": begin(user, proposal.digest, request.session) if agrees and proposal is not None else None,
        "passkey_next": has_passkey(user),
        **more,
    }
    return render(request, "compliance/prices.html", context, status=422 if more else 200)


@requires(Permission.SEE_CASES)
def index(request: HttpRequest) -> HttpResponse:
    """How it is; POST proposes a change."""
    user: User = request.user  # type: ignore[assignment]
    if request.method != "POST" or not may(user, Permission.AGREE_PRICES):
        return _page(request)
    return proposed(request, PricesForm(request.POST), propose=flow.propose, digest=prices.prices_digest, page=_page, back=BACK)


@requires(Permission.AGREE_PRICES)
@require_POST
def agree(request: HttpRequest, pk: str) -> HttpResponse:
    """Another person agrees."""
    return agreed(request, partial(flow.agree, held=get_object_or_404(PriceSight, pk=pk)), page=_page, back=BACK)


@requires(Permission.AGREE_PRICES)
@require_POST
def void(request: HttpRequest, pk: str) -> HttpResponse:
    """Take it back, or refuse it."""
    return voided(request, partial(flow.void, held=get_object_or_404(PriceSight, pk=pk)), back=BACK)
