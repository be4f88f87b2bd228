"""The same characters in every test: a filer and a signatory at one distributor, a stranger at another, reviewers, a
lead, an auditor, an operator, two regulators; and helpers that drive the real actions.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from certifications.catalogue import seed as catalogue
from certifications.catalogue.models import Product
from certifications.declarations import actions as declarations
from certifications.declarations import drafting
from certifications.declarations.data import DeclarationData, LineData
from certifications.declarations.models import Declaration
from certifications.declarations.queries import frozen_form, version_of
from certifications.flow.demo import CUSTOMERS, distributor_party
from certifications.flow.demo_register import begin
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.parties.actions import register_customer
from certifications.parties.models import Customer
from certifications.parties.rules import CustomerData
from certifications.people.demo import make_demo_people, totp_secret
from certifications.people.models import FactorProof, Organisation, User
from certifications.screening import seed as lists
from tests.codes import fresh_step, next_step


def code_of(user: User) -> str:
    """The six digits that the person's app shows now. A time step is used once: a second act waits for the next."""
    app = TOTP(Authenticator(user=user))
    step = fresh_step()
    while True:
        digits = format_hotp_value(hotp_value(totp_secret(user.email), step))
        used = FactorProof.objects.filter(user=user, kind="totp", once=str(step)).exists() or cache.get(app._get_used_cache_key(digits))
        if not used:
            return digits
        # A used step would be refused, at log-in and at signing alike, so the clock decides.
        step = next_step()


def proof_for(user: User, digest: str, purpose: str = "test") -> FactorProof:
    """A proof as `people.factors.prove` keeps it, for tests of the rooms below the factor."""
    return FactorProof.objects.create(user=user, kind="totp", purpose=purpose, digest=digest, once=new_ulid())


def client_of(user: User) -> Client:
    """A signed-in browser without a browser."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@dataclass
class World:
    """People by name, and what they work with."""

    people: dict[str, User]

    def __getattr__(self, name: str) -> User:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def qinglan(self) -> Organisation:
        organisation = self.people["filer"].organisation
        assert organisation is not None
        return organisation

    @property
    def kit(self) -> Product:
        return Product.objects.get(catalogue_number="CI-2440-100")

    def customer(self, by: str = "filer", **changes: object) -> Customer:
        """A customer registered by the real action; `changes` are fields of CustomerData."""
        data = CustomerData(**{**CUSTOMERS[0].__dict__, **changes})
        return register_customer(by=self.people[by], data=data, form_key=new_ulid())

    def data(self, customer: Customer, **changes: object) -> DeclarationData:
        """A complete declaration."""
        today = timezone.now().date()
        values: dict[str, object] = {
            "customer_id": customer.pk,
            "lines": (LineData(self.kit.pk, Decimal(24)),),
            "end_use": "Paternity and transplant matching in the genetics department, about 1 000 samples a month.",
            "place_address": "宁波市中山东路 412 号 3 号楼 5 层",
            "place_country": "CN",
            "place_division": "330200",
            "valid_from": today,
            "valid_until": today + dt.timedelta(days=365),
            "contract": "JN-2026-118",
            "relationship": "Supplied and serviced since 2019.",
            "contact": "He Jing, 0574 8000 4120",
        }
        return DeclarationData(**{**values, **changes})  # type: ignore[arg-type]

    def draft(self, customer: Customer | None = None, by: str = "filer", **changes: object) -> Declaration:
        """A draft by the real action."""
        customer = customer or self.customer(by)
        return drafting.draft(by=self.people[by], data=self.data(customer, **changes), form_key=new_ulid())

    def signed(self, declaration: Declaration | None = None, by: str = "signatory") -> Declaration:
        """A signed declaration; the proof is kept directly, the rest is the real action."""
        declaration = declaration or self.draft()
        _text, digest = frozen_form(version_of(declaration))
        signer = self.people[by]
        declarations.sign(
            declaration=declaration,
            by=signer,
            sha256=digest,
            accepted={1, 2, 3, 4, 5, 6},
            role_title="General Manager",
            proof=proof_for(signer, digest, "sign"),
        )
        return declaration


# By key the person's id in the database that holds the cast already (tests/conftest.py), and in every copy of it.
_KEPT: dict[str, str] = {}


def make_world() -> World:
    """Everything but customers and declarations: made here, or found where the database holds it already."""
    found = User.objects.in_bulk(_KEPT.values()) if _KEPT else {}
    return World({key: found[pk] for key, pk in _KEPT.items()}) if found else _made()


def keep_world() -> None:
    """Commit it for the tests that follow; nothing that waits for the commit is done, as in a test's transaction."""
    with transaction.atomic():
        made = _made()
        transaction.get_connection().run_on_commit.clear()
    _KEPT.update((key, user.pk) for key, user in made.people.items())


def _made() -> World:
    people = make_demo_people()
    catalogue.seed()
    lists.seed()
    for organisation in Organisation.objects.filter(kind="distributor"):
        party = distributor_party(organisation)
        # Long ago: whatever a test sells is in the programme, unless it says otherwise.
        begin(people, party, ["kits", "analysers", "consumables"], civil_today() - dt.timedelta(days=1800))
    return World(people)
