"""Orders for people: the list, a check, one line with its history, and what is done with it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certifications.catalogue.models import Equivalent
from certifications.flow import order_acts, orders
from certifications.flow.order_acts import OnHold
from certifications.flow.order_facts import LineRequest
from certifications.flow.upload_orders import AnyOrders, Orders
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.orders import queries
from certifications.orders.models import OrderLine
from certifications.orders.rules import AWAITS, LIFTERS, REASONS
from certifications.parties.queries import display
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.programme.queries import distributors
from portal.limits import searches
from portal.lists import between, page_of
from portal.words import WORDS

from .forms import ACTS, ActForm, CheckForm, OrdersForm

PER_PAGE = 50
SHOWN = ("organisation", "product", "customer__party", "balance__declaration")
NAMES = "customer__party__names"
P = Permission
SEE = (P.SEE_OWN_ORDERS, P.SEE_ALL_ORDERS)
CHECK = (P.CHECK_OWN_ORDERS, P.CHECK_ANY_ORDERS)


def may_check(user: User) -> bool:
    """Whether the page offers to ask and to act."""
    return any(may(user, right) for right in CHECK)


def upload_url(user: User) -> str:
    """Where the person sends a file of orders: a distributor its own, the order desk anybody's."""
    kind, side = (AnyOrders.code, "compliance") if may(user, P.CHECK_ANY_ORDERS) else (Orders.code, "distributors")
    return f"{reverse(f'{side}:upload-new')}?kind={kind}"


def sees_names(user: User) -> bool:
    """A distributor sees its own customers, as named and as typed, and compliance all; the order desk sees an id that says nothing."""
    return may(user, P.SEE_OWN_ORDERS) or may(user, P.SEE_CASES)


def listed(user: User, request: HttpRequest) -> tuple[OrdersForm, QuerySet[OrderLine]]:
    """(what is asked for, the lines that were found)"""
    whose = list(distributors().values_list("pk", "name")) if may(user, P.SEE_ALL_ORDERS) else []
    form = OrdersForm(request.GET, distributors=whose)
    found = queries.search(queries.visible_to(user), form.get("q"), as_typed=sees_names(user))
    if form.get("status") == AWAITS:
        found = queries.awaiting(found)
    elif form.get("status"):
        found = found.filter(status=form.get("status"))
    if form.get("distributor"):
        found = found.filter(organisation=form.get("distributor"))
    return form, between(found, "asked_at", form).select_related(*SHOWN).prefetch_related(NAMES)


def rows_of(user: User, lines: Iterable[OrderLine]) -> list[dict[str, Any]]:
    """Each line with the customer's name for who may read it."""
    names = sees_names(user)
    return [
        {
            "line": line,
            "name": display(line.customer.party) if names and line.customer is not None else None,
            "customer": queries.customer_shown(line, as_typed=names),
        }
        for line in lines
    ]


@requires(*SEE)
@searches
def index(request: HttpRequest) -> HttpResponse:
    """The list, the newest first unless another order is asked for."""
    user: User = request.user  # type: ignore[assignment]
    form, found = listed(user, request)
    page = page_of(request, form, visible=queries.visible_to(user), found=found, per_page=PER_PAGE)
    context = {
        "listed": page,
        "rows": rows_of(user, page.rows),
        "upload_url": upload_url(user) if may_check(user) else "",
        "may_check": may_check(user),
        "sees_all": may(user, P.SEE_ALL_ORDERS),
    }
    return render(request, "orders/list.html", context)


@requires(*CHECK)
def upload(request: HttpRequest) -> HttpResponse:
    """Files of orders go where all files of rows go; what led here before leads on."""
    user: User = request.user  # type: ignore[assignment]
    return redirect(upload_url(user))


@requires(*CHECK)
def check(request: HttpRequest) -> HttpResponse:
    """Ask whether one order line may ship; what is released is reserved."""
    user: User = request.user  # type: ignore[assignment]
    form = CheckForm(request.POST or None, user=user, initial={"date": civil_today()})
    if request.method == "POST" and form.is_valid():
        try:
            answer = orders.check(by=user, request=form.request())[0]
        except NotAllowed as refusal:
            field = {"wanted_on": "date", "different": "order_number"}.get(refusal.code, refusal.code)
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            if answer.answer == "release":
                messages.success(request, _("Released: the quantity is reserved."))
            else:
                messages.warning(request, _("Not released. What holds it, and who can lift that, stands below."))
            return redirect("orders:line", pk=answer.line.pk)
    return render(request, "orders/check.html", {"form": form}, status=422 if form.is_bound else 200)


def said(line: OrderLine) -> list[dict[str, Any]]:
    """The reasons of the last answer in words, each once."""
    found: dict[str, dict[str, Any]] = {}
    for row in line.reasons:
        words = REASONS.get(row["code"])
        if words is not None:
            found.setdefault(words.code, {"text": words.sentence, "by": LIFTERS[words.lifted_by], **row})
    return list(found.values())


def _line(request: HttpRequest, pk: str) -> OrderLine:
    user: User = request.user  # type: ignore[assignment]
    lines = queries.visible_to(user).select_related(
        "organisation", "product", "customer__party", "balance__declaration", "balance__product"
    )
    return get_object_or_404(lines.prefetch_related("customer__party__names"), pk=pk)


def _page(request: HttpRequest, line: OrderLine, *, error: str = "", holds: Any = (), status: int = 200) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    group = getattr(line.product, "equivalent", None) if line.product is not None else None
    untouched = line.status == OrderLine.Status.RELEASED and not line.shipped and not line.returned
    possible = {
        "ship": bool(line.reserved),
        "return": bool(line.shipped),
        "release": bool(line.reserved) or line.status in OrderLine.UNANSWERED,
    }
    others = Equivalent.objects.filter(group=group.group_id).exclude(product=line.product).select_related("product") if group else ()
    context = {
        **rows_of(user, [line])[0],
        "attestation": queries.attestation_of(line),
        "reasons": said(line) if line.status in OrderLine.UNANSWERED else [],
        "acts": [
            (name, word, ActForm(initial={"form_key": new_ulid()}, line=line, prefix=name)) for name, word in ACTS.items() if possible[name]
        ]
        if may_check(user)
        else [],
        "others": others if untouched and may_check(user) else (),
        "may_ask_again": may_check(user) and line.status in OrderLine.UNANSWERED,
        "entries": line.entries.select_related("product").order_by("pk"),
        "entry_words": WORDS["entry"],
        "events": history(line),
        "form_key": new_ulid(),
        "sees_all": may(user, P.SEE_ALL_ORDERS),
        "error": error,
        "holds": [{"text": REASONS[r.code].sentence, "by": LIFTERS[REASONS[r.code].lifted_by]} for r in holds],
    }
    return render(request, "orders/line.html", context, status=status)


@requires(*SEE)
def detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One order line: the answer, what it draws on, what was done with it."""
    return _page(request, _line(request, pk))


@requires(*CHECK)
@require_POST
def act(request: HttpRequest, pk: str) -> HttpResponse:
    """Ship, take back, cancel, substitute, or ask again. A form sent twice is one act."""
    user: User = request.user  # type: ignore[assignment]
    line, what = _line(request, pk), request.POST.get("what", "")
    within = queries.visible_to(user)
    try:
        if what == "again":
            return _ask_again(request, line)
        if what == "substitute":
            number, unit = request.POST.get("catalogue_number", "")[:40], line.unit
            form = ActForm(request.POST, line=line, prefix="substitute")
            if not form.is_valid() or form.cleaned_data["quantity"] is None:
                return _page(request, line, error=_("Enter the quantity of the other product, in its own unit."), status=422)
            other = next((e.product for e in Equivalent.objects.filter(product__catalogue_number=number).select_related("product")), None)
            order_acts.substitute(
                line_id=pk,
                catalogue_number=number,
                quantity=form.cleaned_data["quantity"],
                unit=other.unit if other is not None else unit,
                by=user,
                within=within,
            )
        elif what in ACTS:
            form = ActForm(request.POST, line=line, prefix=what)
            if not form.is_valid():
                return _page(request, line, error=" ".join(str(e) for errors in form.errors.values() for e in errors), status=422)
            data = form.cleaned_data
            order_acts.act(line_id=pk, kind=what, quantity=data["quantity"], by=user, within=within, key=data["form_key"])
        else:
            raise Http404
    except OnHold as held:
        return _page(request, line, error=str(held), holds=held.reasons, status=422)
    except NotAllowed as refusal:
        return _page(request, line, error=str(refusal), status=422)
    messages.success(request, _("Recorded."))
    return redirect("orders:line", pk=pk)


def _ask_again(request: HttpRequest, line: OrderLine) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    wanted = orders.OrderRequest(
        distributor=line.organisation_id,
        customer=line.customer_ref,
        order_number=line.order_number,
        country=line.place_country,
        division=line.place_division,
        wanted_on=max(line.wanted_on, civil_today()),
        lines=(LineRequest(line.line, line.catalogue_number, line.quantity, line.unit),),
    )
    answer = orders.check(by=user, request=wanted)[0]
    if answer.answer == "release":
        messages.success(request, _("Released: the quantity is reserved."))
    else:
        messages.warning(request, _("Asked again: it is still not released."))
    return redirect("orders:line", pk=line.pk)
