"""Sites of a customer and the laboratories on them: added, changed, ended."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from certifications.flow import cards as flow
from certifications.parties import card
from certifications.parties.models import Customer, Site
from certifications.parties.models_card import Laboratory
from certifications.people.models import User
from certifications.people.permissions import Permission, requires

from .carding import ask_page, form_page, own_customer
from .forms_card import LaboratoryForm, SiteForm

PART = "sites"


def _site(customer: Customer, key: str) -> Site:
    found: Site = get_object_or_404(Site, party=customer.party_id, key=key)
    return found


def _laboratory(customer: Customer, key: str) -> Laboratory:
    return get_object_or_404(Laboratory.objects.select_related("site"), site__party=customer.party_id, pk=key)


@requires(Permission.EDIT_CUSTOMERS)
def new(request: HttpRequest, pk: str) -> HttpResponse:
    """A further site."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    form = SiteForm(request.POST or None, initial={"country": customer.party.country})
    return form_page(
        request, customer, form, part=PART, title=_("Add a site"), button=_("Keep the site"),
        act=lambda: flow.add_site(customer=customer, by=user, data=form.data_object()),
    )  # fmt: skip


@requires(Permission.EDIT_CUSTOMERS)
def edit(request: HttpRequest, pk: str, key: str) -> HttpResponse:
    """Say something else of a site."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    site = _site(customer, key)
    registered = site == card.registered_site(customer.party_id)
    form = SiteForm(request.POST or None, registered=registered, initial=asdict(card.site_data(site)))
    text = _("This is the registered address; where it is stands on the customer itself.") if registered else ""
    return form_page(
        request, customer, form, part=PART, title=_("Change a site"), button=_("Keep the site"), text=text,
        act=lambda: flow.change_site(customer=customer, site=site, by=user, data=form.data_object()),
    )  # fmt: skip


@requires(Permission.EDIT_CUSTOMERS)
def end(request: HttpRequest, pk: str, key: str) -> HttpResponse:
    """The customer is no longer there; or, of a site that ended, it is there after all."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    site = _site(customer, key)
    # What was asked is what is done: a page that was open while a colleague did the same is refused below.
    again = request.POST.get("again") == "1" if request.method == "POST" else not site.is_live
    title = _("Take the site up again") if again else _("End the site")
    text = (
        _("It is offered again as a place of use, and stands in new declarations.")
        if again
        else _("It stays on record and its names stay screened, but it is no longer offered as a place of use.")
    )
    return ask_page(
        request, customer, part=PART, title=title, text=f"{site}. {text}", action=title, danger=not again, fields={"again": "1" if again else ""},
        act=lambda: flow.end_site(customer=customer, site=site, by=user, again=again),
    )  # fmt: skip


@requires(Permission.EDIT_CUSTOMERS)
def laboratory_new(request: HttpRequest, pk: str, key: str) -> HttpResponse:
    """A further laboratory on a site."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    site = _site(customer, key)
    form = LaboratoryForm(request.POST or None)
    return form_page(
        request, customer, form, part=PART, title=_("Add a laboratory"), button=_("Keep the laboratory"), text=_("On the site: %(site)s") % {"site": site},
        act=lambda: flow.put_laboratory(customer=customer, site=site, by=user, data=form.data_object()),
    )  # fmt: skip


@requires(Permission.EDIT_CUSTOMERS)
def laboratory(request: HttpRequest, pk: str, key: str) -> HttpResponse:
    """Say something else of a laboratory."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    held = _laboratory(customer, key)
    form = LaboratoryForm(request.POST or None, initial=asdict(card.laboratory_data(held)))
    return form_page(
        request, customer, form, part=PART, title=_("Change a laboratory"), button=_("Keep the laboratory"), text=_("On the site: %(site)s") % {"site": held.site},
        act=lambda: flow.put_laboratory(customer=customer, site=held.site, by=user, data=form.data_object(), laboratory=held),
    )  # fmt: skip


@requires(Permission.EDIT_CUSTOMERS)
def laboratory_end(request: HttpRequest, pk: str, key: str) -> HttpResponse:
    """It no longer works there."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    held = _laboratory(customer, key)
    title = _("End the laboratory")
    text = _("%(name)s. It stays on record and its name stays screened.") % {"name": held.name}
    return ask_page(
        request, customer, part=PART, title=title, text=text, action=title,
        act=lambda: flow.end_laboratory(customer=customer, laboratory=held, by=user),
    )  # fmt: skip
