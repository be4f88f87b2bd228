"""A distributor with an attested declaration, and orders as people and programs send them."""

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connection

from certifications.attestations.actions import prepare
from certifications.attestations.models import Attestation
from certifications.catalogue.models import Product
from certifications.declarations.data import LineData
from certifications.declarations.models import Declaration
from certifications.declarations.queries import version_of
from certifications.flow import order_acts, orders
from certifications.flow.facts import participants
from certifications.flow.order_facts import LineRequest
from certifications.flow.orders import Answer, OrderRequest
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.orders.models import Balance, OrderLine
from certifications.people.models import User
from certifications.screening.actions import screen_party
from tests.world import World, proof_for

CODE = "91330203MA2AB1QX7T"
# What only the signer may write: a seal, and with it the attestation in force.
_FORCE = (
    (
        "INSERT INTO certifications_blob (id, sha256, size, media_type, name, stored_by_id)"
        " VALUES (%(id)s, %(sha)s, 1, 'application/pdf', 'x.pdf', '')"
    ),
    (
        "INSERT INTO certifications_seal (attestation_id, pdf_id, sha256, payload_sha256, timestamped_at, certificate_sha256, by_test_authority)"
        " VALUES (%(attestation)s, %(id)s, %(sha)s, %(sha)s, now(), %(sha)s, true)"
    ),
    "UPDATE certifications_attestation SET status = 'valid' WHERE id = %(attestation)s",
    "UPDATE certifications_declaration SET status = 'attested' WHERE id = %(declaration)s",
)


def _as_owner(statements: tuple[str, ...], values: dict[str, Any], *, committed: bool) -> None:
    """As somebody who may: within the test's transaction (fixture `roles`), or committed by a connection of its own."""
    if not committed:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            for statement in statements:
                cursor.execute(statement, values)
            cursor.execute('SET ROLE "portal_app"')
        return
    parts = urlsplit(os.environ["DATABASE_ADMIN_URL"])
    address = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    with psycopg.connect(address) as admin:
        for statement in statements:
            admin.execute(statement, values)


@dataclass
class Shop:
    """World, a registered customer, and what it may order."""

    world: World
    declaration: Declaration
    committed: bool = False

    @property
    def customer_id(self) -> str:
        return self.declaration.customer_id

    @property
    def balance(self) -> Balance:
        return Balance.objects.get(declaration=self.declaration, product=self.world.kit)

    @property
    def attestation(self) -> Attestation:
        return Attestation.objects.get(declaration=self.declaration)

    def say(self, **fields: Any) -> None:
        """Change what the record says of the attestation, as two people or a job would."""
        words = ", ".join(f"{name} = %({name})s" for name in fields)
        # The trigger asks for two people; here it is only looked at what an order makes of the status.
        quiet = ("SET LOCAL session_replication_role = replica", f"UPDATE certifications_attestation SET {words} WHERE id = %(pk)s")
        _as_owner((*quiet, "SET LOCAL session_replication_role = origin"), {**fields, "pk": self.attestation.pk}, committed=self.committed)

    def declare(self, status: str) -> None:
        """Change what the record says of the declaration alone."""
        quiet = (
            "SET LOCAL session_replication_role = replica",
            "UPDATE certifications_declaration SET status = %(status)s WHERE id = %(pk)s",
        )
        values = {"status": status, "pk": self.declaration.pk}
        _as_owner((*quiet, "SET LOCAL session_replication_role = origin"), values, committed=self.committed)

    def redate(self, line: OrderLine, day: dt.date) -> None:
        """Put the day for which a line was ordered into the past, as time does."""
        quiet = (
            "SET LOCAL session_replication_role = replica",
            "UPDATE certifications_orderline SET wanted_on = %(day)s WHERE id = %(pk)s",
        )
        values = {"day": day, "pk": line.pk}
        _as_owner((*quiet, "SET LOCAL session_replication_role = origin"), values, committed=self.committed)

    def order(self, quantity: str = "1", **changes: Any) -> Answer:
        """One line of one order, asked by the filer unless `by` says otherwise."""
        by: User = changes.pop("by", self.world.filer)
        return orders.check(by=by, request=self.request(quantity, **changes))[0]

    def request(self, quantity: str = "1", **changes: Any) -> OrderRequest:
        """The same as a request."""
        line = {"line": "10", "catalogue_number": "CI-2440-100", "quantity": Decimal(quantity), "unit": "kit"}
        line |= {name: changes.pop(name) for name in list(changes) if name in line}
        values: dict[str, Any] = {
            "distributor": "",
            "customer": self.customer_id,
            "order_number": f"SO-{new_ulid()[-8:]}",
            "country": "CN",
            "division": "330200",
            "wanted_on": civil_today(),
            "lines": (LineRequest(**line),),
        }
        return OrderRequest(**{**values, **changes})

    def act(self, line: OrderLine, kind: str, units: str | None = None, *, by: User | None = None, key: str | None = None) -> OrderLine:
        """Ship, return or release."""
        amount = Decimal(units) if units is not None else None
        by = by or self.world.filer
        return order_acts.act(line_id=line.pk, kind=kind, quantity=amount, by=by, within=OrderLine.objects.all(), key=key)


def attest(declaration: Declaration, world: World, *, committed: bool = False) -> Attestation:
    """Screened, released, sealed and in force, with its balances."""
    for _role, party in participants(version_of(declaration)):
        assert screen_party(party).state == "done"
    proof = proof_for(world.reviewer, "0" * 64, "release")
    attestation = prepare(declaration=declaration, version=version_of(declaration), by=world.reviewer, proof=proof)
    values = {"id": new_ulid(), "sha": new_ulid().ljust(64, "0"), "attestation": attestation.pk, "declaration": declaration.pk}
    _as_owner(_FORCE, values, committed=committed)
    order_acts.declare(declaration.pk)
    attestation.refresh_from_db()
    declaration.refresh_from_db()
    return attestation


def open_shop(world: World, *, committed: bool = False, quantity: str = "24", **changes: Any) -> Shop:
    """A declaration of `quantity` kits for a customer with a registration number, attested."""
    lines = changes.pop("lines", (LineData(world.kit.pk, Decimal(quantity)),))
    declaration = world.signed(world.draft(world.customer(uscc=CODE), lines=lines, **changes))
    attest(declaration, world, committed=committed)
    return Shop(world, declaration, committed)


def product(number: str) -> Product:
    return Product.objects.get(catalogue_number=number)


def later(days: int) -> dt.date:
    return civil_today() + dt.timedelta(days=days)


Act = Callable[[], Any]
