"""A dry run of a first day: what would be flagged, held or missing from that day on, from what is on record. Writes nothing."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from certifications.attestations.models import Attestation
from certifications.catalogue.models import Product
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.flags.rules import BY_ID, evaluate_line
from certifications.ledger.days import civil_today
from certifications.orders.models import OrderLine
from certifications.parties.models import Customer, Party
from certifications.parties.queries import display
from certifications.parties.register import as_of
from certifications.people.models import Organisation
from certifications.programme import queries
from certifications.programme.models import StockCount
from certifications.programme.rules import STARTED
from certifications.screening.queries import party_states

from .first_day import held_to, silenced
from .line_facts import gather

# So many notices, orders and customers are looked at in one part of a run, the newest first; the next part looks at those before.
MOST = 2000
KINDS = ("sale", "order", "customer", "stock", "right")


@dataclass(frozen=True)
class Row:
    """One thing that the first day would bring up: of what kind, about whom or what, under which rule, and why."""

    kind: str
    reference: str
    title: str
    rule: str
    reason: str
    day: dt.date | None = None
    severity: str = ""
    # Numbers of old certificates that name the buyer and the product: a reference, and no reason to clear anything.
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True)
class DryRun:
    """A part of a run: its rows, how many sales of it would only be counted, which part it is (from 1) and of how many."""

    rows: list[Row]
    counted: int
    part: int
    parts: int

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing beside this part."""
        return self.parts == 1

    @property
    def counts(self) -> list[tuple[str, int]]:
        """(kind, how many) in the order of KINDS."""
        found = Counter(row.kind for row in self.rows)
        return [(kind, found[kind]) for kind in KINDS]


def dry_run(*, organisation: Organisation, line: str, starts_on: dt.date, part: int = 1) -> DryRun:
    """What would come up for this distributor and line if its programme began on this day; a part past the last is the last.

    Stock and right stand in the first part: they are few, and are looked at whole.
    """
    party = Party.objects.filter(organisation=organisation).first()
    starts = {**queries.starts_of(organisation.pk), line: starts_on}
    looked_at = (_lines(party, line), _waiting(organisation, line, starts_on), _registered(organisation))
    parts = max(1, *(-(-some.count() // MOST) for some in looked_at))
    part = min(max(part, 1), parts)
    lines, orders, registered = (some[(part - 1) * MOST : part * MOST] for some in looked_at)
    sales, counted = _sales(lines, party, starts)
    rows = [*sales, *_orders(orders), *_customers(registered, organisation, line)]
    if part == 1:
        rows += [*_stock(organisation, line), *_right(party, line, starts_on)]
    return DryRun(rows, counted, part, parts)


def all_parts(*, organisation: Organisation, line: str, starts_on: dt.date, most: int) -> tuple[list[Row], bool]:
    """The rows of the whole run, for a file, and whether `most` parts were not all of them."""
    rows: list[Row] = []
    for part in range(1, most + 1):
        run = dry_run(organisation=organisation, line=line, starts_on=starts_on, part=part)
        rows += run.rows
        if part >= run.parts:
            return rows, False
    return rows, True


def _lines(party: Party | None, line: str) -> QuerySet[EvidenceLine]:
    """Sales of the line that a notice tells of; whose they are is asked of each."""
    if party is None:
        return EvidenceLine.objects.none()
    found = EvidenceLine.objects.filter(product__line=line, document__status__in=EvidenceDocument.COUNTING, seller_state="named")
    return found.select_related("document", "product").order_by("-happened_on", "-pk")


def _waiting(organisation: Organisation, line: str, starts_on: dt.date) -> QuerySet[OrderLine]:
    """Orders of the line from that day on that were not released."""
    wanted = {"organisation": organisation, "product__line": line, "wanted_on__gte": starts_on}
    return OrderLine.objects.filter(status__in=OrderLine.UNANSWERED, **wanted).select_related("product").order_by("-asked_at", "-pk")


def _registered(organisation: Organisation) -> QuerySet[Customer]:
    """Its customers."""
    found = Customer.objects.filter(organisation=organisation).select_related("party").prefetch_related("party__names")
    return found.order_by("-registered_at", "-pk")


def _sales(lines: Iterable[EvidenceLine], party: Party | None, starts: dict[str, dt.date]) -> tuple[list[Row], int]:
    rows, counted = [], 0
    for known in gather(list(lines)):
        one, facts, answer = known.line, known.facts, known.answer
        if party is None or answer is None or answer.party_id != party.pk:
            continue
        begun = held_to(one, party, starts) == STARTED
        fired = [hit for hit in evaluate_line(facts) if begun or not silenced(hit)]
        counted += not begun
        kept = tuple(facts.old_certificates)
        for hit in fired:
            reason, severity = BY_ID[hit.rule].explain(hit.inputs), hit.severity.value
            rows.append(Row("sale", one.document.number, one.buyer, hit.rule, reason, one.happened_on, severity, kept))
    return rows, counted


def _orders(orders: Iterable[OrderLine]) -> list[Row]:
    words = {
        OrderLine.Status.HELD.value: _("The order is held; it ships when that is lifted."),
        OrderLine.Status.NEEDS_DECLARATION.value: _("No declaration covers the order; it needs one before it ships."),
    }
    return [
        Row("order", f"{one.order_number}/{one.line}", str(one.product), one.status, words[one.status], one.wanted_on) for one in orders
    ]


def _customers(registered: Iterable[Customer], organisation: Organisation, line: str) -> list[Row]:
    near = list(registered)
    states = party_states(customer.party for customer in near)
    covered = set(
        Attestation.objects.filter(
            declaration__organisation=organisation,
            status=Attestation.Status.VALID,
            valid_until__gt=civil_today(),
            version__lines__product__line=line,
        ).values_list("declaration__customer", flat=True)
    )
    rows = []
    for customer in near:
        title = display(customer.party).title
        if states[customer.party_id].state != "clear":
            reason = _("It is not screened as clear, so nothing would be released for it.")
            rows.append(Row("customer", customer.pk, title, states[customer.party_id].state, reason))
        if customer.pk not in covered:
            reason = _("It has no attestation in force for this line; an order for it would need a declaration.")
            rows.append(Row("customer", customer.pk, title, "undeclared", reason))
    return rows


def _stock(organisation: Organisation, line: str) -> Iterator[Row]:
    counted = queries.counting(StockCount.objects.filter(organisation=organisation, product__line=line))
    have = set(counted.values_list("product", flat=True))
    for product in Product.objects.filter(line=line, is_current=True).exclude(pk__in=have):
        reason = _("No opening stock is counted; later movements will not balance where there was some.")
        yield Row("stock", product.catalogue_number, str(product), "uncounted", reason)
    if have and queries.stock_state(organisation.pk).word != "confirmed":
        yield Row("stock", "", "", "unconfirmed", _("The opening stock is not confirmed by the distributor as it stands."))


def _right(party: Party | None, line: str, starts_on: dt.date) -> Iterable[Row]:
    held = as_of(starts_on).of([party.pk]) if party is not None else []
    if any(entry.standing == "authorised" and line in entry.terms.lines for entry in held):
        return []
    reason = _("No authorisation for this line is in force on the first day; every sale would be flagged.")
    return [Row("right", "", "", "none", reason, starts_on)]
