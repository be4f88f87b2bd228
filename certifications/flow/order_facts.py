"""What an order is judged by: goods with their units and equivalents, and everything that may hold them. Reads and locks, decides nothing."""

import datetime as dt
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, QuerySet

from certifications.attestations.rules import standing
from certifications.catalogue.models import Product
from certifications.catalogue.queries import current_products
from certifications.catalogue.rules import in_own_unit, ratio_of
from certifications.declarations.models import Declaration
from certifications.flags import clearances
from certifications.flags.queries import blocking_flags, holding
from certifications.ledger.days import civil_today
from certifications.ledger.ids import ALPHABET
from certifications.matching.identifiers import compact
from certifications.orders import queries
from certifications.orders.actions import Asked, Order
from certifications.orders.lookup import Found, candidates, look_up
from certifications.orders.models import Balance, OrderLine
from certifications.orders.rules import Candidate, LineFacts, Verdict, period_of
from certifications.parties.alike import alike, bearing, beside, earlier
from certifications.parties.around import Around, around
from certifications.parties.linked import with_entities
from certifications.parties.models import Customer, Party
from certifications.parties.rules_register import within
from certifications.parties.sellers import kind_among
from certifications.people.models import Organisation
from certifications.screening.hot import states_now
from certifications.screening.queries import party_state

from . import ownership_acts
from .facts import owner_facts, owners_above

# A superseded declaration's attestation says so itself.
COVERING = {Declaration.Status.ATTESTED, Declaration.Status.EXPIRED, Declaration.Status.SUPERSEDED}


@dataclass(frozen=True)
class LineRequest:
    """One line as asked."""

    line: str
    catalogue_number: str
    quantity: Decimal
    unit: str


def find(organisation_id: str, customer: str, numbers: Sequence[str], order_number: str = "") -> Found | None:
    """Everything that the order names. A customer's id is a ULID; whatever else was given is a registration number."""
    text = customer.strip()
    is_id = len(text) == 26 and set(text) <= set(ALPHABET)  # noqa: PLR2004 - a ULID
    return look_up(
        organisation_id=organisation_id,
        customer=text if is_id else "",
        code="" if is_id else compact(text),
        numbers=list(dict.fromkeys(numbers)),
        order_number=order_number,
    )


def customer_in(found: Found) -> tuple[Customer | None, str]:
    """The one customer that is meant, or why there is none: customer, customer_ambiguous.

    Nobody else's customers are ever looked at: the answer is the same whether or not another distributor has this one.
    """
    if len(found.customers) == 1:
        return found.customers[0], ""
    return None, "customer_ambiguous" if found.customers else "customer"


class Goods:
    """The products that an order names, with their units and equivalents."""

    def __init__(self, found: Found, *, with_retired: bool = False, also: Set[str] = frozenset()) -> None:
        """`also`: ids of products that count though they left the catalogue; `with_retired`: all do."""
        self.products = {
            number: product for number, product in found.products.items() if product.is_current or with_retired or product.pk in also
        }
        # What left the catalogue is delivered as it was declared, and nothing else in its place.
        self._alone = frozenset() if with_retired else {product.pk for product in self.products.values() if not product.is_current}
        self.groups, self.members = found.groups, found.members

    def asked(self, wanted: LineRequest) -> Asked:
        """The line with what it means."""
        product = self.products.get(wanted.catalogue_number)
        return Asked(
            line=wanted.line,
            catalogue_number=wanted.catalogue_number,
            quantity=wanted.quantity,
            unit=wanted.unit,
            product=product,
            units=units_of(product, wanted.quantity, wanted.unit) if product is not None else None,
        )

    def ratios(self, product: Product) -> dict[str, Decimal | None]:
        """By product: how much of a balance of it one unit of `product` draws; the product itself draws one."""
        found: dict[str, Decimal | None] = {product.pk: Decimal(1)}
        own = None if product.pk in self._alone else self.groups.get(product.pk)
        for other in self.members if own is not None else ():
            if own is not None and other.group_id == own.group_id:
                found.setdefault(other.product_id, ratio_of(own.measure, other.measure))
        return found

    def drawable(self) -> set[str]:
        """Every product whose balance one of the lines may draw on."""
        return {pk for product in self.products.values() for pk in self.ratios(product)}


def still_declared(found: Found, customer: Customer | None) -> set[str]:
    """Products that left the catalogue and of which the customer has something left by a declaration that stands: it was promised."""
    retired = [product.pk for product in found.products.values() if not product.is_current]
    if not retired or customer is None:
        return set()
    return set(_left().filter(organisation=found.organisation, customer=customer, product__in=retired).values_list("product", flat=True))


def retired_and_left(organisation: Organisation | None = None) -> QuerySet[Product]:
    """Products that left the catalogue and of which some customer of the distributor, or of any, has something left."""
    left = _left() if organisation is None else _left().filter(organisation=organisation)
    return Product.objects.filter(pk__in=left.values("product")).exclude(pk__in=current_products())


def _left() -> QuerySet[Balance]:
    return Balance.objects.filter(declaration__status=Declaration.Status.ATTESTED, declared__gt=F("reserved") + F("shipped"))


def units_of(product: Product, quantity: Decimal, unit: str) -> Decimal | None:
    """The quantity in the product's own unit, or None. Further units are looked up only where the own one was not meant."""
    own = (product.unit, product.unit_zh)
    found = in_own_unit(quantity=quantity, unit=unit, own=own, samples_per_unit=product.samples_per_unit, others={})
    if found is None:
        others = {other.name.casefold(): other.factor for other in product.units.all()}
        found = in_own_unit(quantity=quantity, unit=unit, own=own, samples_per_unit=product.samples_per_unit, others=others)
    return found


class Surroundings:
    """What every line of one order is judged by, read once. Balances are locked from here until the transaction ends."""

    def __init__(self, order: Order, goods: Goods, seller: Party | None) -> None:
        self.order, self.goods, self.today, self.seller = order, goods, civil_today(), seller
        self._pending: set[str] | None = None
        self._drawable = goods.drawable()
        self.balances: list[Balance] = []
        # By balance of a standing declaration: what is drawn of it in the period of the order's day.
        self._drawn: dict[int, Decimal] = {}
        self._others_hold: dict[str, bool] = {}
        if order.customer is not None and self._drawable:
            own, customer = order.organisation.pk, order.customer.pk
            self.balances = candidates(organisation_id=own, customer_id=customer, product_ids=self._drawable)
        parties = [p for p in (self.seller, order.customer.party if order.customer else None) if p is not None]
        # By version: whoever else its declaration names; what is not clear of them holds what is drawn on it.
        self.others = queries.others_in(self.balances)
        named = {party.pk for some in (parties, *self.others.values()) for party in some}
        self._around = around(named, seller=seller, today=self.today, valid_on=order.wanted_on)
        self._together = self._around.together
        self._alike = alike(with_entities(named, self._together))
        entities = self._entities(parties)
        everybody = entities.union(*map(self._entities, self.others.values()))
        # Open flags hold whoever came later under the same number or name; what was confirmed holds all of them.
        before = bearing(named, earlier(self._alike), self._together)
        self.held = holding(
            declaration_ids={b.declaration_id for b in self.balances},
            party_ids=before,
            confirmed_of=everybody,
            others=beside(named, self._alike, self._together),
        )
        held = bool(self.held & entities)
        self.party_reasons = frozenset(
            _not_clear(parties) | _owners_not_clear(parties, self.today, self._around) | ({"flag"} if held else set())
        )

    def facts(self, asked: Asked) -> LineFacts:
        """Everything about one line, as plain values."""
        order, product = self.order, asked.product
        ratios = self.goods.ratios(product) if product is not None else {}
        drawable = tuple(
            self._candidate(b, ratios[b.product_id], product) for b in self.balances if product is not None and b.product_id in ratios
        )
        return LineFacts(
            wanted_on=order.wanted_on,
            country=order.country,
            division=order.division,
            customer=order.customer_problem,
            product_known=product is not None,
            units=asked.units,
            seller=self._standing_of_seller(product),
            parties=self.party_reasons,
            pending=not drawable and self._is_pending(ratios.keys()),
            candidates=drawable,
        )

    def _is_pending(self, product_ids: Set[str]) -> bool:
        customer = self.order.customer
        if customer is None or not product_ids:
            return False
        if self._pending is None:
            own = self.order.organisation.pk
            self._pending = queries.pending(organisation_id=own, customer_id=customer.pk, product_ids=self._drawable)
        return bool(self._pending & product_ids)

    def _standing_of_seller(self, product: Product | None) -> str:
        if self.seller is None or product is None:
            return "never"
        return kind_among(self._around.rights, product.line, self.order.country, self.order.division, self.order.wanted_on)

    def _candidate(self, balance: Balance, ratio: Decimal | None, product: Product) -> Candidate:
        # What is no longer attested covers nothing, whatever its attestation says.
        attested = balance.declaration.status in COVERING
        status = str(balance.attestation_status or "") if attested else ""  # type: ignore[attr-defined]
        place, order = balance.place_division, self.order
        left_in_period, next_period = self._in_period(balance)
        return Candidate(
            balance_id=balance.pk,
            ratio=ratio,
            is_own=balance.product_id == product.pk,
            left=balance.left,
            valid_from=balance.valid_from,
            valid_until=balance.valid_until,
            place_fits=order.country == balance.place_country and (not place or within(order.division, place)),
            standing=standing(status=status, valid_from=balance.valid_from, valid_until=balance.valid_until, today=self.today).word,
            is_held=balance.declaration_id in self.held or self._is_held_by_others(balance),
            left_in_period=left_in_period,
            next_period=next_period,
        )

    def _entities(self, parties: Iterable[Party]) -> set[str]:
        """The parties, and whoever is or may be one entity with one of them (parties/alike.py)."""
        return bearing((party.pk for party in parties), self._alike, self._together)

    def _is_held_by_others(self, balance: Balance) -> bool:
        if balance.version_id not in self._others_hold:
            others = self.others.get(balance.version_id, ())
            self._others_hold[balance.version_id] = bool(self.held & self._entities(others)) or bool(
                others and (_not_clear(others) | _owners_not_clear(others, self.today, self._around))
            )
        return self._others_hold[balance.version_id]

    def _in_period(self, balance: Balance) -> tuple[Decimal | None, dt.date | None]:
        """(what may still be drawn in the period of the order's day, the first day of the next one); nothing where there is no ceiling."""
        if balance.period_ceiling is None:
            return None, None
        first, next_first = period_of(self.order.draws_on or self.order.wanted_on, balance.period)
        if balance.pk not in self._drawn:
            self._drawn[balance.pk] = queries.drawn_in(balance=balance, first=first, next_first=next_first)
        return balance.period_ceiling - self._drawn[balance.pk], next_first

    def balance_of(self, line: OrderLine) -> Balance | None:
        """The balance that the line draws on, with declaration and attestation."""
        return next((balance for balance in self.balances if balance.pk == line.balance_id), None)

    def give_back(self, line: OrderLine) -> None:
        """Judge as if the line had not reserved anything."""
        for balance in self.balances:
            if balance.pk == line.balance_id:
                balance.reserved -= line.reserved * line.ratio
                if balance.period_ceiling is not None:
                    self._in_period(balance)
                    self._drawn[balance.pk] -= line.reserved * line.ratio

    def took(self, verdict: Verdict, asked: Asked) -> None:
        """What an earlier line of the same order reserved is no longer there for the next."""
        for balance in self.balances:
            if balance.pk == verdict.balance_id and asked.units is not None:
                balance.reserved += asked.units * verdict.ratio
                if balance.pk in self._drawn:
                    self._drawn[balance.pk] += asked.units * verdict.ratio


def _owners_not_clear(parties: Sequence[Party], today: dt.date, known: Around) -> set[str]:
    """The same of whoever owns the parties. What people confirmed of an owner holds until they cleared what that means for those it owns."""
    if not known.may_have_owners(party.pk for party in parties):
        return set()
    owners = owners_above(parties, today, known.together)
    states = {owner_facts(owner).state for owner in owners}
    reasons = {"screening"} if states - {"clear", "listed"} else set()
    if "listed" in states and not all(ownership_acts.is_weighed(party) for party in parties):
        reasons.add("flag")
    if owners and blocking_flags(declaration_id="", party_ids=[owner.pk for owner in owners]).exists():
        reasons.add("flag")
    return reasons


def _not_clear(parties: Sequence[Party]) -> set[str]:
    """`screening` where a party is not shown to be clear against every list in force now; cleared findings do not count."""
    for pk, state in states_now(parties).items():
        if state.state == "clear":
            continue
        party = next(p for p in parties if p.pk == pk)
        cleared = clearances.of_party(pk).now if state.state == "hit" else frozenset()
        if not cleared or party_state(party, cleared).state != "clear":
            return {"screening"}
    return set()
