"""Who and what an order names, in one statement: the distributor, its own customer, the products with their equivalents.

Written by hand because an order check is asked a hundred times a second: by the ORM the same takes four statements, and most
of the processor's time goes into composing them (`./dev bench orders`). Reads within the one distributor.
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.db import connection, models

from certifications.catalogue.models import Product
from certifications.parties.models import Customer, Party
from certifications.people.models import Organisation

Row = TypeVar("Row", bound=models.Model)
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
     WHERE pr.catalogue_number = ANY(%(numbers)s))
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
    """What the statement found. `customers` are at most two: one is meant, two must be told apart."""

    organisation: Organisation
    seller: Party | None
    customers: tuple[Customer, ...]
    products: dict[str, Product]
    groups: dict[str, Member]
    members: tuple[Member, ...]


def _one(model: type[Row], row: dict[str, Any]) -> Row:
    """A row as the ORM would have read it."""
    # In the order of the model's fields, which is what from_db goes by.
    fields = [field for field in model._meta.concrete_fields if field.attname in row]
    return model.from_db("default", [field.attname for field in fields], [field.to_python(row[field.attname]) for field in fields])


def look_up(*, organisation_id: str, customer: str, code: str, numbers: list[str]) -> Found | None:
    """None where there is no such distributor. `customer` is a customer's id or empty, `code` a compact registration number or empty."""
    values = {"organisation": organisation_id, "customer": customer, "code": code, "numbers": numbers}
    with connection.cursor() as cursor:
        cursor.execute(_SQL, values)
        found = cursor.fetchone()
    if found is None:
        return None
    own, seller, customers, products, members = (json.loads(part) if isinstance(part, str) else part for part in found)
    held = []
    for row, party in customers or ():
        one = _one(Customer, row)
        one.party = _one(Party, party)
        held.append(one)
    made = {row["id"]: (_one(Product, row), group, measure) for row, group, measure in products or ()}
    return Found(
        organisation=_one(Organisation, own),
        seller=_one(Party, seller) if seller else None,
        customers=tuple(held),
        products={product.catalogue_number: product for product, _group, _measure in made.values()},
        groups={pk: Member(group, pk, Decimal(measure)) for pk, (_product, group, measure) in made.items() if group},
        members=tuple(Member(group, pk, Decimal(measure)) for group, pk, measure in members or ()),
    )
