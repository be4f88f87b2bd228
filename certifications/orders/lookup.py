"""What every order check reads, by hand: who and what an order names, in one statement, and the balances that it may draw on.

An order check is asked a hundred times a second, and by the ORM most of the processor's time goes into composing the same
statements again (`./dev bench orders`). Reads within the one distributor.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from certifications.attestations.models import Attestation
from certifications.catalogue.models import Product
from certifications.declarations.models import Declaration
from certifications.ledger.rows import from_row, listed
from certifications.parties.models import Customer, Party
from certifications.people.models import Organisation

from .models import Balance, OrderLine

_SQL = """
SELECT row_to_json(o), row_to_json(p),
  (SELECT json_agg(json_build_array(row_to_json(c), row_to_json(cp))) FROM (
     SELECT c.* FROM certifications_customer c WHERE c.id = %(customer)s AND c.organisation_id = o.id
     UNION
     SELECT c.* FROM certifications_identifier i JOIN certifications_customer c ON c.party_id = i.party_id
     WHERE i.value = %(code)s AND c.organisation_id = o.id
     LIMIT 2) c JOIN certifications_party cp ON cp.id = c.party_id),
  (SELECT json_agg(json_build_array(row_to_json(pr), e.group_id, e.measure::text)) FROM certifications_product pr
     LEFT JOIN certifications_equivalent e ON e.product_id = pr.id WHERE pr.catalogue_number = ANY(%(numbers)s)),
  (SELECT json_agg(json_build_array(other.group_id, other.product_id, other.measure::text)) FROM certifications_product pr
     JOIN certifications_equivalent e ON e.product_id = pr.id JOIN certifications_equivalent other ON other.group_id = e.group_id
     WHERE pr.catalogue_number = ANY(%(numbers)s)),
  EXISTS (SELECT FROM certifications_orderline l
     WHERE l.organisation_id = o.id AND l.order_number = %(order)s AND l.status <> ALL(%(over)s))
FROM certifications_organisation o LEFT JOIN certifications_party p ON p.organisation_id = o.id
WHERE o.id = %(organisation)s AND o.kind = 'distributor'
"""


@dataclass(frozen=True)
class Member:
    """A product in its group of equivalents, and what one unit of it measures."""

    group_id: str
    product_id: str
    measure: Decimal


@dataclass(frozen=True)
class Found:
    """What the statement found. `customers` are at most two: one is meant, two must be told apart.

    `is_known`: whether the distributor has lines of an order with this number that are not over.
    """

    organisation: Organisation
    seller: Party | None
    customers: tuple[Customer, ...]
    products: dict[str, Product]
    groups: dict[str, Member]
    members: tuple[Member, ...]
    is_known: bool


def look_up(*, organisation_id: str, customer: str, code: str, numbers: list[str], order_number: str = "") -> Found | None:
    """None where there is no such distributor. `customer` is a customer's id or empty, `code` a compact registration number or empty."""
    values = {"organisation": organisation_id, "customer": customer, "code": code, "numbers": numbers}
    values |= {"order": order_number, "over": list(OrderLine.OVER)}
    with connection.cursor() as cursor:
        cursor.execute(_SQL, values)
        found = cursor.fetchone()
    if found is None:
        return None
    own, seller, customers, products, members, is_known = found
    held = []
    for row, party in listed(customers):
        one = from_row(Customer, row)
        one.party = from_row(Party, party)
        held.append(one)
    made = {row["id"]: (from_row(Product, row), group, measure) for row, group, measure in listed(products)}
    return Found(
        organisation=from_row(Organisation, own),
        seller=from_row(Party, seller) if seller else None,
        customers=tuple(held),
        products={product.catalogue_number: product for product, _group, _measure in made.values()},
        groups={pk: Member(group, pk, Decimal(measure)) for pk, (_product, group, measure) in made.items() if group},
        members=tuple(Member(group, pk, Decimal(measure)) for group, pk, measure in listed(members)),
        is_known=is_known,
    )


_OWN = [field.column for field in Balance._meta.concrete_fields]
_BALANCES = f"""
SELECT row_to_json(d), row_to_json(c), row_to_json(cp), a.status, a.number,
  EXISTS (SELECT FROM certifications_declarationparty p WHERE p.version_id = b.version_id), {", ".join(f"b.{column}" for column in _OWN)}
FROM certifications_balance b JOIN certifications_declaration d ON d.id = b.declaration_id
  JOIN certifications_customer c ON c.id = d.customer_id JOIN certifications_party cp ON cp.id = c.party_id
  LEFT JOIN LATERAL (SELECT status, number FROM certifications_attestation a
                     WHERE a.version_id = b.version_id AND a.status <> %(void)s LIMIT 1) a ON true
WHERE b.organisation_id = %(organisation)s AND b.customer_id = %(customer)s AND b.product_id = ANY(%(products)s)
ORDER BY b.id FOR NO KEY UPDATE OF b
"""


def candidates(*, organisation_id: str, customer_id: str, product_ids: Iterable[str]) -> list[Balance]:
    """Balances that an order of the customer may draw on, each with its attestation's status, locked until the transaction ends.

    Locked in one order for everybody, so that two orders wait for one another and never for ever.
    """
    values = {"organisation": organisation_id, "customer": customer_id, "products": list(product_ids), "void": Attestation.Status.VOID}
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES, values)
        rows = cursor.fetchall()
    found = []
    for declaration, customer, party, status, number, names_others, *own in rows:
        balance = Balance.from_db("default", _OWN, own)
        balance.declaration, first = from_row(Declaration, declaration), from_row(Customer, customer)
        balance.declaration.customer, first.party = first, from_row(Party, party)
        balance.attestation_status, balance.attestation_number = status, number  # type: ignore[attr-defined]
        balance.names_others = names_others  # type: ignore[attr-defined]
        found.append(balance)
    return found
