"""Order checks: every line of an order is answered release, hold or needs a declaration, and what is released is reserved.

Reads every room that may hold an order; whatever is unknown is hold.
"""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.ledger.actions import Actor
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.ledger.turns import take_turns
from certifications.machines.actions import tell
from certifications.orders import actions, queries, rules
from certifications.orders.actions import Asked, Order
from certifications.orders.lookup import Found
from certifications.orders.models import Balance, OrderLine
from certifications.orders.rules import Reason, Verdict, period_of
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, may

from .order_facts import Goods, LineRequest, Surroundings, customer_in, find, still_declared

MOST_LINES = 100
FARTHEST = dt.timedelta(days=730)
DIFFERENT = gettext_lazy("Order line %(l)s was released for other goods, another customer or place. Cancel it first, then ask again.")


class Different(NotAllowed):
    """The line was released for something else; it is cancelled before it is asked for anew."""

    def __init__(self, line: OrderLine) -> None:
        super().__init__(str(DIFFERENT) % {"l": f"{line.order_number}/{line.line}"}, "different")
        self.line = line


@dataclass(frozen=True)
class OrderRequest:
    """One order as asked. `customer` is the distributor's own customer id, or a registration number of the customer."""

    distributor: str
    customer: str
    order_number: str
    country: str
    division: str
    wanted_on: dt.date
    lines: tuple[LineRequest, ...]


@dataclass(frozen=True)
class Answer:
    """What is said of one line now, whatever was reserved before; `left` is what stays on the nearest declaration.

    `before`: the line as it stood before it was asked now (orders.actions.kept); None for one that was not on record.
    """

    line: OrderLine
    answer: str
    reasons: tuple[Reason, ...] = ()
    left: Decimal | None = None
    balance: Balance | None = None
    before: dict[str, Any] | None = None


def may_act(by: Any) -> None:
    """Raise PermissionDenied for a person without the right; a program's scopes were asked before."""
    if isinstance(by, User) and not (may(by, Permission.CHECK_OWN_ORDERS) or may(by, Permission.CHECK_ANY_ORDERS)):
        raise PermissionDenied


def distributor_for(by: Any, wanted: str) -> str:
    """Id of the distributor that is asked for: the order desk asks for any, a distributor for itself; empty alike for all else."""
    own: Organisation | None = by.organisation
    if own is not None and own.kind == Organisation.Kind.MANUFACTURER:
        return wanted
    return own.pk if own is not None and own.kind == Organisation.Kind.DISTRIBUTOR and wanted in {"", own.pk} else ""


def check(*, by: Actor, request: OrderRequest) -> list[Answer]:
    """Answer every line and reserve what is released, all or nothing.

    Raises NotAllowed (distributor, lines, wanted_on) and Different. A released line asked again is reserved once.
    """
    may_act(by)
    if not 0 < len(request.lines) <= MOST_LINES or len({x.line for x in request.lines}) != len(request.lines):
        raise NotAllowed(_("Send between 1 and %(n)d lines, each with a line number of its own.") % {"n": MOST_LINES}, "lines")
    today = civil_today()
    if not today <= request.wanted_on <= today + FARTHEST:
        raise NotAllowed(_("The day is today or later, and at most two years ahead."), "wanted_on")
    # A refusal comes before the first write and is raised outside: whoever called may go on in its own transaction.
    with transaction.atomic(savepoint=False):
        answers = _check(by, request)
    if isinstance(answers, NotAllowed):
        raise answers
    return answers


def _check(by: Actor, request: OrderRequest) -> list[Answer] | NotAllowed:
    organisation_id = distributor_for(by, request.distributor)
    # Whoever asks for the same order at the same moment waits here, and then finds its lines.
    take_turns(f"order {organisation_id} {request.order_number}")
    found = find(organisation_id, request.customer, [x.catalogue_number for x in request.lines], request.order_number)
    if found is None:
        return NotAllowed(_("You may not ask for this distributor, or there is none of this number."), "distributor")
    order = _order_in(found, request)
    lines = [x.line for x in request.lines]
    before = queries.locked_lines(organisation=found.organisation, order_number=order.order_number, lines=lines) if found.is_known else ()
    earlier = {line.line: line for line in before}
    # What was released for a product stays asked for it, whatever the catalogue holds today.
    released = (line for line in before if line.status not in OrderLine.UNANSWERED)
    also = still_declared(found, order.customer) | {line.product_id for line in released if line.product_id}
    goods = Goods(found, also=also)
    # A line that was released before is asked the same, or it is a mistake that must not ship.
    for line in (x for x in request.lines if x.line in earlier):
        if not _is_same(earlier[line.line], order, goods.asked(line)):
            return Different(earlier[line.line])
    surroundings = Surroundings(order, goods, found.seller)
    answers: dict[str, Answer] = {}
    changed = []
    # In one order for everybody: two programs that send the same lines in two orders must not wait for one another.
    for wanted in sorted(request.lines, key=lambda x: x.line):
        asked, line = goods.asked(wanted), earlier.get(wanted.line)
        stood = actions.kept(line) if line is not None else None
        if line is not None and line.status not in OrderLine.UNANSWERED:
            answers[wanted.line] = replace(_again(line, asked, surroundings), before=stood)
            continue
        verdict, was = rules.decide(surroundings.facts(asked)), line.status if line is not None else ""
        written = actions.answer(order=order, asked=asked, verdict=verdict, answer_by=_answer_by(verdict, line), earlier=line, by=by)
        surroundings.took(verdict, asked)
        changed += [written] if written.status != was else []
        answers[wanted.line] = Answer(written, verdict.answer, verdict.reasons, verdict.left, surroundings.balance_of(written), stood)
    tell_of(*changed)
    return [answers[wanted.line] for wanted in request.lines]


def _order_in(found: Found, request: OrderRequest) -> Order:
    customer, problem = customer_in(found)
    return Order(
        organisation=found.organisation,
        order_number=request.order_number,
        customer_ref=request.customer,
        customer=customer,
        customer_problem=problem,
        country=request.country,
        division=request.division,
        wanted_on=request.wanted_on,
    )


def asks_otherwise(line: OrderLine, request: OrderRequest) -> bool:
    """Whether a request of one line would be refused as Different: `line` was released for something else. Reads alone."""
    wanted = request.lines[0]
    found = find(line.organisation_id, request.customer, [wanted.catalogue_number])
    return found is None or not _is_same(line, _order_in(found, request), Goods(found, with_retired=True).asked(wanted))


def _is_same(line: OrderLine, order: Order, asked: Asked) -> bool:
    """Whether the question is the one that released the line; what was never released may be asked differently."""
    if line.status in OrderLine.UNANSWERED:
        return True
    now = (asked.product.pk if asked.product else None, asked.units, order.customer.pk if order.customer else None)
    held = (line.product_id, line.units, line.customer_id, line.place_country, line.place_division)
    period = line.balance.period if line.balance is not None else ""
    same_period = not period or period_of(line.wanted_on, period) == period_of(order.wanted_on, period)
    return same_period and held == (*now, order.country, order.division)


def _again(line: OrderLine, asked: Asked, surroundings: Surroundings) -> Answer:
    """A line that was released before: nothing is reserved twice, and what holds it by now is said."""
    actions.answered_now(line)
    if not line.reserved:
        return Answer(line, rules.HOLD, (Reason("over"),), balance=surroundings.balance_of(line))
    verdict = judged_again(line, surroundings, asked)
    answer = verdict.answer if verdict.answer == rules.RELEASE else rules.HOLD
    return Answer(line, answer, verdict.reasons, verdict.left, surroundings.balance_of(line))


def tell_of(*lines: OrderLine) -> None:
    """Whoever asked to be told learns where the lines of one order stand now, by id."""
    messages: list[tuple[str, dict[str, Any]]] = [(f"order_line.{line.status}", {"order_line": line.pk}) for line in lines]
    if lines:
        tell(organisation_id=lines[0].organisation_id, messages=messages)


def judged_again(line: OrderLine, surroundings: Surroundings, asked: Asked) -> Verdict:
    """The verdict on a line whose quantity is reserved already, on the balance that it draws on."""
    facts = surroundings.facts(replace(asked, units=Decimal(0)))
    own = tuple(one for one in facts.candidates if one.balance_id == line.balance_id)
    return rules.decide(replace(facts, candidates=own))


def _answer_by(verdict: Verdict, earlier: OrderLine | None) -> dt.date | None:
    """When compliance has promised to look: so many days after the line was first held, the same for every kind of hold."""
    if rules.COMPLIANCE not in rules.lifters([reason.code for reason in verdict.reasons]):
        return None
    if earlier is not None and earlier.answer_by is not None:
        return earlier.answer_by
    return civil_today() + dt.timedelta(days=settings.ORDER_ANSWER_DAYS)
