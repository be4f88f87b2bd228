"""What the pages of one small thing that two people decide have in common: propose it, agree to it, take it back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from certifications.ledger.moves import NotAllowed
from certifications.pages.factor import factor_of
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import User

Page = Callable[..., HttpResponse]


def proposed(
    request: HttpRequest, form: forms.Form, *, propose: Callable[..., Any], digest: Callable[..., str], page: Page, back: str
) -> HttpResponse:
    """Propose what a form says, with a second factor; the page again, nothing typed lost, where that is refused."""
    user: User = request.user  # type: ignore[assignment]
    more: dict[str, Any] = {"refused": True}
    if form.is_valid():
        words = form.cleaned_data
        try:
            propose(by=user, **words, **factor_of(request))
        except FactorRefused as error:
            form.add_error(None, str(error))
            more["passkey"] = begin(user, digest(**words), request.session)
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            messages.success(request, _("Proposed. Another person must agree before anything changes."))
            return redirect(back)
    return page(request, form, **more)


def agreed(request: HttpRequest, act: Callable[..., Any], *, page: Page, back: str) -> HttpResponse:
    """Another person agrees, with a second factor."""
    try:
        act(by=request.user, **factor_of(request))
    except (NotAllowed, FactorRefused) as error:
        return page(request, error=str(error))
    messages.success(request, _("Done. It counts from now on."))
    return redirect(back)


def voided(request: HttpRequest, act: Callable[..., Any], *, back: str) -> HttpResponse:
    """Take it back, or refuse it."""
    try:
        act(by=request.user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The proposal is withdrawn."))
    return redirect(back)
