"""The catalogue: what is sold, what is said of it from which day on, and who said it."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.catalogue.models import Product
from certifications.catalogue.products import data_of
from certifications.catalogue.queries import search_products
from certifications.flow import catalogue as flow
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.pages.places import line_words
from certifications.pages.rights import put
from certifications.people.factors import has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from portal.exports import csv_response
from portal.limits import exports, searches
from portal.paging import paged

from .forms_catalogue import CatalogueForm, ProductForm
from .proposing import product_words, proposed
from .views_proposals import awaiting

PER_PAGE = 25
_ORDER = {"name": ("name", "pk"), "line": ("line", "catalogue_number"), "changed": ("-changed_at", "pk")}


def _asked(request: HttpRequest) -> tuple[CatalogueForm, QuerySet[Product]]:
    form = CatalogueForm(request.GET or None)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = search_products(wanted.get("q", "").strip())
    if wanted.get("line"):
        found = found.filter(line=wanted["line"])
    if wanted.get("sold"):
        found = found.filter(is_current=wanted["sold"] == "yes")
    found = found.annotate(to_come=Count("versions", filter=Q(versions__from_date__gt=civil_today()), distinct=True))
    return form, found.order_by(*_ORDER.get(wanted.get("sort", ""), ("catalogue_number",))).prefetch_related("units", "equivalent__group")


@requires(Permission.SEE_CATALOGUE)
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """Every catalogue number, searched, sorted."""
    user: User = request.user  # type: ignore[assignment]
    form, found = _asked(request)
    page = paged(request, found, PER_PAGE)
    context = {
        "form": form if form.is_bound else CatalogueForm(),
        "page": page,
        "rows": [{"product": product, "line": line_words([product.line])} for product in page],
        "may_edit": may(user, Permission.EDIT_CATALOGUE),
        "waiting": awaiting(user),
    }
    return render(request, "compliance/catalogue.html", context, status=422 if form.is_bound and form.errors else 200)


@requires(Permission.SEE_CATALOGUE)
@require_GET
@exports("catalogue")
def export(request: HttpRequest) -> HttpResponse:
    """The same as CSV, as it stands today."""
    _form, found = _asked(request)
    head = [
        "catalogue_number", "name", "name_zh", "line", "unit", "unit_zh", "further_units", "samples_per_unit", "classification", "may_be_declared",
        "version", "equivalence_group",
    ]  # fmt: skip
    rows = [
        [
            product.catalogue_number,
            *(product.name, product.name_zh, product.line, product.unit, product.unit_zh),
            "; ".join(f"{unit.name} = {unit.factor.normalize():f}" for unit in product.units.all()),
            product.samples_per_unit,
            product.classification,
            "yes" if product.is_current else "no",
            product.version_number,
            product.equivalent.group.name if hasattr(product, "equivalent") else "",
        ]
        for product in found
    ]
    return csv_response(f"catalogue-{timezone.now():%Y%m%d}.csv", head, rows)


def _rows(product: Product) -> list[dict[str, Any]]:
    """Its versions, the newest first, each with what differs from the one before."""
    versions = list(product.versions.select_related("recorded_by", "proposal__agreed_by"))
    return [
        {
            "version": version,
            "in_force": version.number == product.version_number,
            "facts": product_words(data_of(version), data_of(before) if before else None),
        }
        for version, before in zip(versions, [*versions[1:], None], strict=True)
    ]


@requires(Permission.SEE_CATALOGUE)
@require_GET
def detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One number: what is said of it today, what is to come, and what was said before."""
    user: User = request.user  # type: ignore[assignment]
    product = get_object_or_404(Product.objects.prefetch_related("units"), pk=pk)
    group = getattr(product, "equivalent", None)
    context = {
        "product": product,
        "line": line_words([product.line]),
        "rows": _rows(product),
        "today": civil_today(),
        "group": group.group if group else None,
        "others": group.group.members.exclude(product=product).select_related("product") if group else [],
        "waiting": [
            row for row in awaiting(user) if row["proposal"].kind == "product" and row["proposal"].subject == product.catalogue_number
        ],
        "may_edit": may(user, Permission.EDIT_CATALOGUE),
    }
    return render(request, "compliance/product.html", context)


@requires(Permission.EDIT_CATALOGUE)
def new(request: HttpRequest) -> HttpResponse:
    """A new catalogue number."""
    form = ProductForm(request.POST or None, is_new=True, initial={"from_date": civil_today()})
    return _proposing(request, form, None)


@requires(Permission.EDIT_CATALOGUE)
def version(request: HttpRequest, pk: str) -> HttpResponse:
    """Say something else of a product from a day on: filled in with what was said last."""
    product = get_object_or_404(Product, pk=pk)
    last = product.versions.first()
    initial: dict[str, Any] = {**data_of(last).__dict__, "from_date": None} if last else {}
    form = ProductForm(request.POST or None, is_fixed=flow.is_declared(product), initial=initial)
    return _proposing(request, form, product)


def _proposing(request: HttpRequest, form: ProductForm, product: Product | None) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    context: dict[str, Any] = {"form": form, "product": product, "passkey_next": has_passkey(user)}
    if form.is_valid():
        number = product.catalogue_number if product else form.cleaned_data["catalogue_number"].strip()
        data = form.data_given()
        try:
            flow.check_product(number, data)
            if proposed(request, form, kind="product", subject=number, content=data.content(), more=context):
                messages.success(request, _("Proposed. Another person must agree before anything changes."))
                return redirect("compliance:catalogue-proposals")
        except NotAllowed as error:
            put(form, error)
    return render(request, "compliance/product_form.html", context, status=422 if form.errors else 200)
