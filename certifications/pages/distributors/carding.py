"""What every page of a customer's card shares: finding the customer, a form that does one thing, a question before one that ends."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from certifications.ledger.moves import NotAllowed
from certifications.pages.rights import put
from certifications.parties.models import Customer
from certifications.parties.queries import customers_visible_to, display
from certifications.people.models import User


def own_customer(request: HttpRequest, pk: str) -> Customer:
    """One of the user's own customers, or 404 alike for what is another's and what does not exist."""
    user: User = request.user  # type: ignore[assignment]
    found = customers_visible_to(user).select_related("party").prefetch_related("party__names")
    return get_object_or_404(found, pk=pk)


def back_to(customer: Customer, part: str = "") -> str:
    """The customer's page, at a part of it."""
    return reverse("distributors:customer", args=[customer.pk]) + (f"#{part}" if part else "")


def form_page(
    request: HttpRequest, customer: Customer, form: forms.Form, *, act: Callable[[], Any], part: str, title: str, button: str, **more: Any
) -> HttpResponse:
    """Show the form; sent and right, do `act` and go back to the part of the card. What is refused stands beside its field."""
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except NotAllowed as error:
            put(form, error)
        else:
            messages.success(request, _("Kept."))
            return redirect(back_to(customer, part))
    context = {
        "form": form,
        "customer": customer,
        "name": display(customer.party),
        "title": title,
        "button": button,
        "back_url": back_to(customer, part),
        "has_file": form.is_multipart(),
        **more,
    }
    return render(request, "distributors/card_form.html", context, status=422 if form.errors else 200)


def ask_page(
    request: HttpRequest,
    customer: Customer,
    *,
    act: Callable[[], Any],
    part: str,
    title: str,
    text: str,
    action: str,
    danger: bool = True,
    fields: dict[str, str] | None = None,
) -> HttpResponse:
    """Ask once more; sent, with the hidden `fields`, do `act`."""
    if request.method == "POST":
        try:
            act()
        except NotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Done."))
        return redirect(back_to(customer, part))
    context = {"title": title, "text": text, "action": action, "back_url": back_to(customer, part), "danger": danger, "fields": fields}
    return render(request, "components/confirm.html", context)
