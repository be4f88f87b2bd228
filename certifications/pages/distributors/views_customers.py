"""Customers of one distributor: its own, and nobody else's, in every list, count and message."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.declarations.models import Declaration
from certifications.declarations.queries import naming
from certifications.flow import customers as flow
from certifications.ledger.actions import opened
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.pages.cards import card_of
from certifications.pages.owners import owners_context
from certifications.parties import owners, queries
from certifications.parties.actions import Incomplete
from certifications.parties.former import former_of
from certifications.parties.models import Customer, Party
from certifications.parties.models_card import CustomerPaper
from certifications.parties.rules import compact, warnings_of
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.screening.queries import party_states
from portal.exports import csv_response
from portal.limits import exports, searches_screened
from portal.lists import between, kept_of, page_of
from portal.words import word_for

from .forms import CustomerForm
from .forms_lists import CustomersForm

Keep = Callable[[list[Customer]], list[Customer]]

MOST_ROWS = 20_000


def _clear(parties: Iterable[Party]) -> set[str]:
    """Those that are shown to be clear, with everybody who owns them."""
    return owners.shown_clear(parties, civil_today(), lambda some: {pk: state.state == "clear" for pk, state in party_states(some).items()})


def _rows(customers: Any) -> list[dict[str, Any]]:
    page = list(customers)
    clear = _clear(c.party for c in page)
    return [
        # A hit and a wait look the same to the distributor, here as on the customer's own page, of itself or of an owner.
        {"customer": c, "name": queries.display(c.party), "screened": "clear" if c.party_id in clear else "waiting"}
        for c in page
    ]


def _listed(user: User, request: HttpRequest) -> tuple[CustomersForm, QuerySet[Customer], Keep | None]:
    """(what is asked for, the customers that it finds, and of some of them those that stand as asked)"""
    form = CustomersForm(request.GET)
    found = queries.search_customers(queries.customers_visible_to(user), form.get("q"))
    if form.get("kind"):
        found = found.filter(party__kind=form.get("kind"))
    wanted = form.get("screened")

    def keep(some: list[Customer]) -> list[Customer]:
        clear = _clear(one.party for one in some)
        return [one for one in some if (one.party_id in clear) == (wanted == "clear")]

    # Where somebody stands follows from runs, lists, their age and owners: it is asked of rows and kept in no column.
    return form, between(found, "registered_at", form).select_related("party"), keep if wanted else None


@requires(Permission.SEE_OWN_DECLARATIONS)
@searches_screened
def index(request: HttpRequest) -> HttpResponse:
    """The list, searched, narrowed and sorted."""
    user: User = request.user  # type: ignore[assignment]
    form, found, keep = _listed(user, request)
    listed = page_of(request, form, visible=queries.customers_visible_to(user), found=found, keep=keep)
    prefetch_related_objects(listed.rows, "party__names", "party__identifiers")
    context = {"listed": listed, "rows": _rows(listed.rows), "may_edit": may(user, Permission.EDIT_CUSTOMERS)}
    return render(request, "distributors/customers.html", context)


@requires(Permission.SEE_OWN_DECLARATIONS)
@exports("customers")
def export(request: HttpRequest) -> HttpResponse:
    """One's own customers as they are searched, narrowed and sorted, as CSV."""
    user: User = request.user  # type: ignore[assignment]
    form, found, keep = _listed(user, request)
    customers, is_cut = kept_of(form.ordered(found), keep, MOST_ROWS)
    prefetch_related_objects(customers, "party__names", "party__identifiers", "party__sites")
    rows = []
    for customer in customers:
        shown, party = queries.display(customer.party), customer.party
        codes = {i.scheme: i.value for i in party.identifiers.all()}
        site = next(iter(party.sites.all()), None)
        rows.append(
            [
                shown.native,
                shown.latin,
                codes.get("uscc", ""),
                codes.get("lei", ""),
                site.address if site else "",
                party.country,
                party.division,
                party.line_of_business,
                word_for("partykind", party.kind).text,
                timezone.localtime(customer.registered_at).date().isoformat(),
            ]
        )
    head = [
        _("Name"), _("Latin name"), "USCC", "LEI", _("Address"), _("Country"), _("Division"), _("Line of business"), _("Kind"), _("Registered"),
    ]  # fmt: skip
    if user.organisation is not None:
        opened(what="export", obj=user.organisation, by=user, data={"of": "customers", "rows": len(rows)})
    return csv_response("customers.csv", head, rows, is_cut=is_cut)


def _save(request: HttpRequest, form: CustomerForm, customer: Customer | None) -> HttpResponse | None:
    """Register or change; None when the form comes back with its errors."""
    user: User = request.user  # type: ignore[assignment]
    if not form.is_valid():
        return None
    data = form.data_object()
    names, code = (data.native_name, data.latin_name), data.uscc
    if customer is not None:
        # Whether it is another customer's is asked of what is new of it; what it was registered with was answered then.
        before = queries.data_of(customer)
        names = tuple(name for name in names if name not in {before.native_name, before.latin_name})
        code = code if compact(code) != compact(before.uscc) else ""
    alike = [] if request.POST.get("not_a_duplicate") else queries.likely_duplicates(user, names, code)
    alike = [one for one in alike if customer is None or one.pk != customer.pk]
    try:
        same_form = Customer.objects.filter(form_key=form.cleaned_data["form_key"], organisation=user.organisation)
        if alike and (customer is not None or not same_form.exists()):
            form.duplicates = [{"customer": c, "name": queries.display(c.party)} for c in alike]  # type: ignore[attr-defined]
            form.add_error(
                None, _("You have a customer like this already. Look at it; if this is another one, tick the box below and save again.")
            )
            return None
        if customer is None:
            customer = flow.register_customer(by=user, data=data, form_key=form.cleaned_data["form_key"])
        else:
            flow.edit_customer(customer=customer, by=user, data=data)
    except Incomplete as error:
        for problem in error.problems:
            form.add_error(problem.field, problem.message)
        return None
    except NotAllowed as error:
        form.add_error(None, str(error))
        return None
    for warning in warnings_of(data):
        messages.warning(request, warning.message)
    messages.success(request, _("The customer is saved."))
    return redirect("distributors:customer", pk=customer.pk)


@requires(Permission.EDIT_CUSTOMERS)
def new(request: HttpRequest) -> HttpResponse:
    """Register a customer."""
    form = CustomerForm(request.POST or None, initial={"form_key": new_ulid(), "country": "CN"})
    saved = _save(request, form, None) if request.method == "POST" else None
    return saved or render(request, "distributors/customer_form.html", {"form": form}, status=422 if form.is_bound else 200)


def _customer(request: HttpRequest, pk: str) -> Customer:
    user: User = request.user  # type: ignore[assignment]
    customers = queries.customers_visible_to(user).select_related("party", "registered_by")
    return get_object_or_404(customers.prefetch_related("party__names", "party__identifiers", "party__sites"), pk=pk)


@requires(Permission.SEE_OWN_DECLARATIONS)
def detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One customer; its screening in words: never a list, never a score."""
    user: User = request.user  # type: ignore[assignment]
    customer = _customer(request, pk)
    context = {
        "customer": customer,
        "name": queries.display(customer.party),
        "former": former_of(customer.party),
        # A hit and a wait look the same to the distributor: what was found is between compliance and the list.
        "checked": customer.party_id in _clear([customer.party]),
        **owners_context(customer),
        "declarations": Declaration.objects.filter(naming([customer.pk])).order_by("-created_at")[:20],
        "may_edit": may(user, Permission.EDIT_CUSTOMERS),
        "card": card_of(customer, customer_url=_url, paper_url=_paper_url),
    }
    return render(request, "distributors/customer.html", context)


def _url(customer: Customer) -> str:
    return reverse("distributors:customer", args=[customer.pk])


def _paper_url(paper: CustomerPaper) -> str:
    return reverse("distributors:paper", args=[paper.customer_id, paper.pk])


@requires(Permission.EDIT_CUSTOMERS)
def edit(request: HttpRequest, pk: str) -> HttpResponse:
    """Change a customer; it is screened again."""
    customer = _customer(request, pk)
    initial = asdict(queries.data_of(customer))
    initial |= {"form_key": new_ulid(), "other_names": "\n".join(initial["other_names"])}
    form = CustomerForm(request.POST or None, initial=initial)
    saved = _save(request, form, customer) if request.method == "POST" else None
    return saved or render(
        request, "distributors/customer_form.html", {"form": form, "customer": customer}, status=422 if form.is_bound else 200
    )
