"""Owners stated by the real actions."""

import datetime as dt
from decimal import Decimal
from typing import Any

from certifications.flow import owners as flow
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.parties.models import Customer, Party
from certifications.parties.models_owners import Ownership
from certifications.parties.rules_owners import OwnerData
from certifications.people.models import User

LISTED = "Xinjiang Uyghur Autonomous Region Public Security Bureau"


def owner(**changes: Any) -> OwnerData:
    """A company that holds 60 percent since last year, as a registry says."""
    today = civil_today()
    values: dict[str, Any] = {
        "latin_name": "Baihe Holding Ltd",
        "kind": "company",
        "country": "CN",
        "share": Decimal(60),
        "source": "registry",
        "source_text": "Company register, entry 4711",
        "as_of": today,
        "valid_from": today - dt.timedelta(days=400),
    }
    return OwnerData(**{**values, **changes})


def unknown(**changes: Any) -> OwnerData:
    """That the owners are not known."""
    today = civil_today()
    return OwnerData(is_unknown=True, source="statement", source_text="The customer did not say", as_of=today, valid_from=today, **changes)


def stated(by: User, customer: Customer, *, of: Party | None = None, **changes: Any) -> Ownership:
    """A distributor states an owner of its customer, or of that owner."""
    return flow.state_for_customer(customer=customer, of=of or customer.party, by=by, data=owner(**changes), form_key=new_ulid())


def found(by: User, party: Party, *, owner_party: Party | None = None, **changes: Any) -> Ownership:
    """Compliance states an owner."""
    return flow.state(party=party, by=by, data=owner(**changes), form_key=new_ulid(), owner=owner_party)
