"""A distributor's opening stock: entered by form or by file, corrected with a reason, confirmed by whoever signs for it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certifications.catalogue.models import Product
from certifications.flow import first_day as flow
from certifications.ledger.actions import opened
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.pages.factor import factor_of
from certifications.pages.first_day import stock_csv
from certifications.pages.rights import put
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import User
from certifications.people.models_delegations import Delegation
from certifications.people.permissions import Permission, may, requires
from certifications.programme import queries
from certifications.programme.actions import stock_power
from certifications.programme.models import StockCount
from portal.limits import exports, searches
from portal.paging import paged

from .forms_first_day import CorrectionForm, StockForm

PER_PAGE = 50


def _page(request: HttpRequest, form: StockForm | None = None, status: int = 200) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    text = request.GET.get("q", "").strip()[:100]
    rows = queries.search_stock(queries.counting(queries.stock_visible_to(user)), text).select_related(
        "product", "recorded_by", "supersedes"
    )
    page = paged(request, rows.order_by("product__catalogue_number", "lot", "serial"), PER_PAGE)
    state = queries.stock_state(user.organisation.pk if user.organisation else "")
    may_confirm = may(user, Permission.CONFIRM_STOCK) and state.word == "open"
    power, no_power = _power(user) if may_confirm else (None, "")
    context: dict[str, Any] = {
        "page": page,
        "q": text,
        "state": state,
        "form": form or StockForm(initial={"counted_on": civil_today()}),
        "may_edit": may(user, Permission.EDIT_STOCK),
        "may_confirm": may_confirm and not text,
        "power": power,
        "no_power": no_power,
        "passkey": begin(user, state.digest, request.session) if may_confirm and not no_power else None,
    }
    return render(request, "distributors/stock.html", context, status=status)


def _power(user: User) -> tuple[Delegation | None, str]:
    """(the delegation under which the person would confirm, why it may not)."""
    try:
        return stock_power(user), ""
    except NotAllowed as refusal:
        return None, str(refusal)


@requires(Permission.SEE_OWN_DECLARATIONS)
@searches
def index(request: HttpRequest) -> HttpResponse:
    """The rows that count; POST adds one."""
    user: User = request.user  # type: ignore[assignment]
    if request.method != "POST" or not may(user, Permission.EDIT_STOCK):
        return _page(request)
    form = StockForm(request.POST)
    if form.is_valid():
        product = get_object_or_404(Product, pk=form.cleaned_data["product"])
        try:
            flow.count_stock(by=user, product=product, data=form.data_given())
        except NotAllowed as error:
            put(form, error)
        else:
            messages.success(request, _("The row is recorded."))
            return redirect("distributors:stock")
    return _page(request, form, 422)


@requires(Permission.SEE_OWN_DECLARATIONS)
@exports("stock")
def export(request: HttpRequest) -> HttpResponse:
    """Every row that ever counted, as CSV."""
    user: User = request.user  # type: ignore[assignment]
    rows = queries.stock_visible_to(user)
    if user.organisation is not None:
        opened(what="export", obj=user.organisation, by=user, data={"of": "stock"})
    return stock_csv(rows)


@requires(Permission.SEE_OWN_DECLARATIONS)
def detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One row with everything that stood before it; POST corrects it."""
    user: User = request.user  # type: ignore[assignment]
    row = get_object_or_404(queries.stock_visible_to(user).select_related("product", "recorded_by"), pk=pk)
    newer = StockCount.objects.filter(supersedes=row).first()
    may_edit = may(user, Permission.EDIT_STOCK) and newer is None
    sent = request.POST if request.method == "POST" and may_edit else None
    form = CorrectionForm(sent, initial={"quantity": row.quantity, "counted_on": row.counted_on})
    if form.is_valid():
        try:
            made = flow.correct_stock(row=row, by=user, **form.cleaned_data)
        except NotAllowed as error:
            put(form, error)
        else:
            messages.success(request, _("The row is corrected; the old one stays on record."))
            return redirect("distributors:stock-row", pk=made.pk)
    context = {"row": row, "newer": newer, "chain": queries.chain_of(row), "may_edit": may_edit, "form": form}
    return render(request, "distributors/stock_row.html", context, status=422 if form.errors else 200)


@requires(Permission.CONFIRM_STOCK)
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Say for the distributor that exactly these rows are its opening stock."""
    user: User = request.user  # type: ignore[assignment]
    try:
        flow.confirm_stock(by=user, digest=request.POST.get("digest", ""), **factor_of(request))
    except (NotAllowed, FactorRefused) as error:
        messages.error(request, str(error))
        return _page(request, status=422)
    messages.success(request, _("Confirmed. Whatever is corrected later asks for a new confirmation."))
    return redirect("distributors:stock")
