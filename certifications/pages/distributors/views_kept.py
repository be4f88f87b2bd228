"""What else is kept of a customer: contacts, papers, and the group it belongs to."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.files.rules import MAX_PAPER_MB
from certifications.flow import cards as flow
from certifications.ledger.ids import new_ulid
from certifications.pages.papers import served
from certifications.parties import card
from certifications.parties.grouping import link_of, live_links
from certifications.parties.models import Customer
from certifications.parties.models_card import Contact, CustomerPaper
from certifications.parties.queries import customers_visible_to, display
from certifications.parties.rules_card import below
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from portal.bodies import takes

from .carding import ask_page, back_to, form_page, own_customer
from .forms_card import ContactForm, CustomerPaperForm, GroupForm


def _contact(customer: Customer, key: str) -> Contact:
    found: Contact = get_object_or_404(Contact, customer=customer, pk=key)
    return found


def _paper(customer: Customer, key: str) -> CustomerPaper:
    return get_object_or_404(CustomerPaper.objects.select_related("blob"), customer=customer, pk=key)


@requires(Permission.EDIT_CUSTOMERS)
def contact_new(request: HttpRequest, pk: str) -> HttpResponse:
    """A further contact."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    form = ContactForm(request.POST or None)
    return form_page(
        request, customer, form, part="contacts", title=_("Add a contact"), button=_("Keep the contact"),
        text=_("Seen by your own people and the manufacturer's compliance team alone."),
        act=lambda: flow.put_contact(customer=customer, by=user, data=form.data_object()),
    )  # fmt: skip


@requires(Permission.EDIT_CUSTOMERS)
def contact(request: HttpRequest, pk: str, key: str) -> HttpResponse:
    """Say something else of a contact."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    held = _contact(customer, key)
    form = ContactForm(request.POST or None, initial=asdict(card.contact_data(held)))
    return form_page(
        request, customer, form, part="contacts", title=_("Change a contact"), button=_("Keep the contact"),
        text=_("Seen by your own people and the manufacturer's compliance team alone."),
        act=lambda: flow.put_contact(customer=customer, by=user, data=form.data_object(), contact=held),
    )  # fmt: skip


@requires(Permission.EDIT_CUSTOMERS)
def contact_remove(request: HttpRequest, pk: str, key: str) -> HttpResponse:
    """Forget a contact."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    held = _contact(customer, key)
    title = _("Remove the contact")
    text = _("%(name)s. Nothing of it stays on record but that there was a contact.") % {"name": held.name}
    return ask_page(
        request, customer, part="contacts", title=title, text=text, action=title,
        act=lambda: flow.remove_contact(customer=customer, contact=held, by=user),
    )  # fmt: skip


@takes(MAX_PAPER_MB)
@requires(Permission.EDIT_CUSTOMERS)
def paper_new(request: HttpRequest, pk: str) -> HttpResponse:
    """File a paper."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    form = CustomerPaperForm(request.POST or None, request.FILES or None, initial={"form_key": new_ulid()})

    def act() -> None:
        given = form.cleaned_data
        flow.file_paper(
            customer=customer,
            by=user,
            data=form.data_object(),
            content=given["file"].read(),
            name=given["file"].name,
            form_key=given["form_key"],
        )

    return form_page(request, customer, form, part="papers", title=_("File a paper"), button=_("Keep the paper"), act=act)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
def paper(request: HttpRequest, pk: str, key: str) -> HttpResponse:
    """The file, to be saved and never shown as a page."""
    customer = own_customer(request, pk)
    held = _paper(customer, key)
    return served(request, blob=held.blob, obj=held, back=back_to(customer, "papers"))


@requires(Permission.EDIT_CUSTOMERS)
def paper_withdraw(request: HttpRequest, pk: str, key: str) -> HttpResponse:
    """A paper that was filed by mistake or no longer counts."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    held = _paper(customer, key)
    title = _("Withdraw the paper")
    text = _("%(title)s. It stays readable, marked as withdrawn, and nobody is reminded of it.") % {"title": held.title}
    return ask_page(
        request, customer, part="papers", title=title, text=text, action=title,
        act=lambda: flow.withdraw_paper(customer=customer, paper=held, by=user),
    )  # fmt: skip


@requires(Permission.EDIT_CUSTOMERS)
def group(request: HttpRequest, pk: str) -> HttpResponse:
    """Put the customer under another, or change which of its sites are covered."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    held = link_of(customer)
    under = below(live_links(customer.organisation_id), customer.pk)
    others = customers_visible_to(user).exclude(pk__in=under).select_related("party").prefetch_related("party__names")
    heads = sorted(((one.pk, display(one.party).title) for one in others), key=lambda row: row[1])
    initial = {"head": held.head_id, "covered": [site.key for site in held.covered.all()]} if held else {}
    sites = list(customer.party.sites.filter(ended_at__isnull=True))
    form = GroupForm(request.POST or None, heads=heads, sites=sites, initial=initial)

    def act() -> None:
        head = customers_visible_to(user).select_related("party").get(pk=form.cleaned_data["head"])
        flow.join_group(member=customer, head=head, by=user, covered=form.sites())

    return form_page(request, customer, form, part="group", title=_("Group"), button=_("Keep the group"), act=act)


@requires(Permission.EDIT_CUSTOMERS)
def group_leave(request: HttpRequest, pk: str) -> HttpResponse:
    """The customer stands alone again."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    title = _("Take it out of the group")
    text = _("Its sites are then no longer covered by declarations for the head. What was declared already stays as it was signed.")
    return ask_page(
        request, customer, part="group", title=title, text=text, action=title, act=lambda: flow.leave_group(member=customer, by=user)
    )
