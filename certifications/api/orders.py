"""Order checks and what follows them, over HTTP. Every answer but a 2xx is hold on the caller's side (docs/api.md)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router

from certifications.declarations.models import Declaration
from certifications.flow import order_acts, orders
from certifications.flow.order_acts import OnHold
from certifications.flow.order_facts import LineRequest
from certifications.flow.orders import Different, OrderRequest
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.machines.models import ApiClient
from certifications.orders.models import BalanceEntry, OrderLine
from certifications.orders.queries import attestation_numbers, balances_of, visible_to_organisation

from . import schemas, shown
from .auth import Program
from .once import once
from .problems import Problem

router = Router(tags=["orders"])
CHECK, SHIP, READ = Program("orders:check"), Program("orders:ship"), Program("orders:read")
Kind = BalanceEntry.Kind
PER_PAGE = 100
PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 413, 415, 422, 429), schemas.ProblemOut)


def _client(request: HttpRequest) -> ApiClient:
    return request.auth  # type: ignore[attr-defined,no-any-return]


def _problem_of(error: Exception) -> Problem:
    """A refusal of the rooms below, as a problem."""
    if isinstance(error, OrderLine.DoesNotExist):
        return Problem(404, "not_found", _("There is no such order line, or it is not yours."))
    if isinstance(error, OnHold):
        mend = _("Do not ship. Ask again when the hold is lifted; what is reserved stays reserved.")
        found = [("order_line", said["text"], mend) for said in shown.reasons(error.reasons)]
        return Problem(409, "on_hold", str(error), errors=found, more={"reasons": shown.reasons(error.reasons)})
    if isinstance(error, Different):
        mend = _("Cancel the line, or use a new line number.")
        return Problem(409, "different", str(error), errors=[("lines", str(error), mend)], more={"order_line": error.line.pk})
    if isinstance(error, StaleState):
        return Problem(409, "status", str(error), errors=[("order_line", str(error), _("Look at the order line again."))])
    assert isinstance(error, NotAllowed)
    where = {"wanted_on": "date"}.get(error.code, error.code)
    return Problem(
        422, error.code, _("The request cannot be carried out."), errors=[(where, str(error), _("Mend this and send it again."))]
    )


def _done(request: HttpRequest, act: Callable[[], dict[str, Any]], status: int = 200) -> HttpResponse:
    """Carried out once, refusals as problems."""
    try:
        return once(request, lambda: (status, act()))
    except (NotAllowed, OrderLine.DoesNotExist) as error:
        raise _problem_of(error) from error


@router.post("/order-checks", auth=CHECK, response={200: schemas.OrderCheckOut, **PROBLEMS}, summary="May this order ship?")
def check(request: HttpRequest, order: schemas.OrderCheckIn) -> HttpResponse:
    """Answers each line `release`, `hold` or `needs_declaration`, and reserves what it releases, all lines or none.

    The same line asked again is reserved once; a held line may be asked again with a new key. No answer in time means hold.
    """
    wanted = OrderRequest(
        distributor=order.distributor,
        customer=order.customer,
        order_number=order.order_number,
        country=order.place.country,
        division=order.place.division,
        wanted_on=order.date,
        lines=tuple(LineRequest(x.line, x.catalogue_number, x.quantity, x.unit) for x in order.lines),
    )

    def act() -> dict[str, Any]:
        return {"lines": [shown.answer_of(one, as_typed=_as_typed(request)) for one in orders.check(by=_client(request), request=wanted)]}

    return _done(request, act)


def _found(request: HttpRequest, pk: str) -> OrderLine:
    """The line, or a 404 alike for what does not exist and what is not the caller's."""
    lines = visible_to_organisation(_client(request).organisation).select_related("product", "balance__declaration")
    try:
        return lines.get(pk=pk)
    except OrderLine.DoesNotExist as error:
        raise _problem_of(error) from error


def _as_typed(request: HttpRequest) -> bool:
    """Whether the program reads what was typed of a customer: a distributor's alone."""
    own = _client(request).organisation
    return own.kind == own.Kind.DISTRIBUTOR


def _shown(request: HttpRequest, *lines: OrderLine) -> list[dict[str, Any]]:
    numbers = attestation_numbers(lines)
    return [
        shown.line_of(
            line,
            declaration=line.balance.declaration.number if line.balance is not None else None,
            attestation=numbers.get(line.balance.version_id) if line.balance is not None else None,
            as_typed=_as_typed(request),
        )
        for line in lines
    ]


def _act(request: HttpRequest, pk: str, kind: str, wanted: schemas.AmountIn) -> HttpResponse:
    _found(request, pk)
    within = visible_to_organisation(_client(request).organisation)

    def act() -> dict[str, Any]:
        by, unit = _client(request), wanted.unit or ""
        return _shown(request, order_acts.act(line_id=pk, kind=kind, quantity=wanted.quantity, unit=unit, by=by, within=within))[0]

    return _done(request, act)


@router.post("/order-lines/{pk}/cancellations", auth=CHECK, response={200: schemas.OrderLineOut, **PROBLEMS}, summary="Cancel")
def cancel(request: HttpRequest, pk: str, amount: schemas.AmountIn) -> HttpResponse:
    """Gives back what is reserved and not shipped, or part of it."""
    return _act(request, pk, Kind.RELEASE, amount)


@router.post("/order-lines/{pk}/shipments", auth=SHIP, response={200: schemas.OrderLineOut, **PROBLEMS}, summary="Ship")
def ship(request: HttpRequest, pk: str, amount: schemas.AmountIn) -> HttpResponse:
    """Records a shipment, whole or in part. Judged again now: 409 `on_hold` means that it must not leave."""
    return _act(request, pk, Kind.SHIP, amount)


@router.post("/order-lines/{pk}/returns", auth=SHIP, response={200: schemas.OrderLineOut, **PROBLEMS}, summary="Return")
def take_back(request: HttpRequest, pk: str, amount: schemas.AmountIn) -> HttpResponse:
    """Records goods that came back; the declaration has them again."""
    return _act(request, pk, Kind.RETURN, amount)


@router.post("/order-lines/{pk}/substitutions", auth=CHECK, response={200: schemas.OrderLineOut, **PROBLEMS}, summary="Substitute")
def substitute(request: HttpRequest, pk: str, wanted: schemas.SubstitutionIn) -> HttpResponse:
    """Another product of the same approved group in the place of the ordered one, judged as a new order would be."""
    _found(request, pk)
    within = visible_to_organisation(_client(request).organisation)

    def act() -> dict[str, Any]:
        return shown.answer_of(
            order_acts.substitute(
                line_id=pk,
                catalogue_number=wanted.catalogue_number,
                quantity=wanted.quantity,
                unit=wanted.unit,
                by=_client(request),
                within=within,
            ),
            as_typed=_as_typed(request),
        )

    return _done(request, act)


@router.get("/order-lines/{pk}", auth=READ, response={200: schemas.OrderLineOut, **PROBLEMS}, summary="One order line")
def line(request: HttpRequest, pk: str) -> dict[str, Any]:
    """As it stands on record. Whether it may ship now is asked by a check or a shipment."""
    return _shown(request, _found(request, pk))[0]


@router.get("/order-lines", auth=READ, response={200: schemas.OrderLinesOut, **PROBLEMS}, summary="Order lines")
def lines(
    request: HttpRequest,
    order_number: str = Query("", max_length=40),
    status: str = Query("", max_length=20),
    after: str = Query("", max_length=26),
) -> dict[str, Any]:
    """Newest first, a hundred at a time."""
    found = visible_to_organisation(_client(request).organisation).select_related("product", "balance__declaration")
    for name, value in (("order_number", order_number), ("status", status), ("pk__lt", after)):
        if value:
            found = found.filter(**{name: value})
    page = list(found.order_by("-pk")[: PER_PAGE + 1])
    more = len(page) > PER_PAGE
    return {"lines": _shown(request, *page[:PER_PAGE]), "next": page[PER_PAGE - 1].pk if more else None}


@router.get(
    "/declarations/{number}/balances", auth=READ, response={200: schemas.BalancesOut, **PROBLEMS}, summary="A declaration's balance"
)
def balances(request: HttpRequest, number: str) -> dict[str, Any]:
    """What is declared, reserved, shipped and left, per product."""
    own = _client(request).organisation
    found = Declaration.objects.filter(number=number)
    if own.kind != own.Kind.MANUFACTURER:
        found = found.filter(organisation=own)
    declaration = found.first()
    if declaration is None:
        raise Problem(404, "not_found", _("There is no such declaration, or it is not yours."))
    return {"declaration": number, "balances": [shown.balance_of(one) for one in balances_of(declaration)]}
