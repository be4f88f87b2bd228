"""What is kept on a customer's card, by the real actions."""

import datetime as dt
from typing import Any

from certifications.flow import cards
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.parties.models import Customer, Site
from certifications.parties.models_card import CustomerPaper
from certifications.parties.rules_card import PaperData, SiteData
from tests.world import World

DAY = dt.timedelta(days=1)
PDF = b"%PDF-1.7 a licence"


def site_data(**changes: Any) -> SiteData:
    """A complete further site."""
    values: dict[str, Any] = {
        "native_name": "稽山东部院区",
        "latin_name": "Jishan East Campus",
        "address": "绍兴市东湖路 1 号",
        "country": "CN",
        "division": "330600",
        "activity": "Genetics",
    }
    return SiteData(**{**values, **changes})


def a_site(world: World, customer: Customer, **changes: Any) -> Site:
    """A further site of the customer."""
    return cards.add_site(customer=customer, by=world.filer, data=site_data(**changes))


def a_paper(world: World, customer: Customer, days: int | None = 20, content: bytes = PDF, **changes: Any) -> CustomerPaper:
    """A paper of the customer that ends in so many days."""
    today = civil_today()
    values: dict[str, Any] = {
        "kind": "licence",
        "title": "Licence of the hospital",
        "issued_on": today - 90 * DAY,
        "good_until": today + days * DAY if days is not None else None,
    }
    data = PaperData(**{**values, **changes})
    return cards.file_paper(customer=customer, by=world.filer, data=data, content=content, name="licence.pdf", form_key=new_ulid())
