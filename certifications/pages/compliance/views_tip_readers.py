"""Who reads tips: who does now, who is proposed, and what was before. Named by two people; the tips themselves are not here."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from certifications.flow import tips as flow
from certifications.pages.agreeing import agreed, proposed, voided
from certifications.people import tip_readers
from certifications.people.factors import begin, has_passkey
from certifications.people.models import User
from certifications.people.models_tips import TipReader
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import independent

from .forms_tips import ReaderForm

BACK = "compliance:tip-readers"
MOST = 50


def _page(request: HttpRequest, form: ReaderForm | None = None, **more: Any) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    rows = list(TipReader.objects.select_related("reader", "proposed_by", "agreed_by").order_by("-proposed_at", "-pk")[:MOST])
    acts = may(user, Permission.NAME_TIP_READERS)
    proposals = []
    for row in rows:
        if row.state == TipReader.State.PROPOSED:
            agrees = acts and row.reader_id != user.pk and independent(row.proposed_by, user)
            passkey = begin(user, row.digest, request.session) if agrees else None
            proposals.append({"held": row, "may_agree": agrees, "passkey": passkey})
    context = {
        "readers": tip_readers.readers(),
        "proposals": proposals,
        "past": [row for row in rows if row.state != TipReader.State.PROPOSED],
        "may_void": acts,
        "form": form or (ReaderForm(by=user) if acts else None),
        "passkey_next": has_passkey(user),
        **more,
    }
    return render(request, "compliance/tip_readers.html", context, status=422 if more else 200)


@requires(Permission.SEE_CASES)
def index(request: HttpRequest) -> HttpResponse:
    """Who reads tips; POST proposes somebody."""
    user: User = request.user  # type: ignore[assignment]
    if request.method != "POST" or not may(user, Permission.NAME_TIP_READERS):
        return _page(request)
    return proposed(
        request, ReaderForm(request.POST, by=request.user), propose=flow.propose, digest=tip_readers.reader_digest, page=_page, back=BACK
    )


@requires(Permission.NAME_TIP_READERS)
@require_POST
def agree(request: HttpRequest, pk: str) -> HttpResponse:
    """Another person agrees."""
    return agreed(request, partial(flow.agree, held=get_object_or_404(TipReader, pk=pk)), page=_page, back=BACK)


@requires(Permission.NAME_TIP_READERS)
@require_POST
def void(request: HttpRequest, pk: str) -> HttpResponse:
    """Take it back, or refuse it."""
    return voided(request, partial(flow.void, held=get_object_or_404(TipReader, pk=pk)), back=BACK)
