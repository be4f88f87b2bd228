"""Who owns the end user holds an order from the first minute on."""

from decimal import Decimal

import pytest

from certifications.flags.models import Case, Flag
from certifications.flow import ownership_acts
from certifications.flow.advance import raise_on_party
from certifications.flow.facts import owner_facts
from certifications.screening.actions import screen_party
from tests.catalogue.changes import agreed, proposed
from tests.flags.decisions import judged
from tests.flow.test_ownership import rule
from tests.parties.owning import LISTED, found

from .shop import Shop
from .test_checks import codes, held

pytestmark = pytest.mark.django_db


def test_a_listed_owner_holds_before_any_worker_looked_and_what_two_people_cleared_does_not(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, buyer = shop.world, shop.declaration.customer.party
    row = found(world.reviewer, buyer, latin_name=LISTED, share=Decimal(10))
    assert row.owner is not None
    screen_party(row.owner)
    raise_on_party(owner_facts(row.owner))
    with monkeypatch.context() as nobody_looks:
        nobody_looks.setattr(ownership_acts, "follow", lambda _ids: None)
        judged(Case.objects.get(subject=f"party:{row.owner.pk}"), "confirm", "listed_party", world.reviewer, world.lead)
    assert not Flag.objects.filter(rule="OWNL").exists()
    held(shop, "under_review")
    ownership_acts.follow([buyer.pk])
    held(shop, "under_review")
    judged(Case.objects.get(subject=f"party:{buyer.pk}"), "clear", "share_looked_at", world.reviewer, world.lead)
    assert shop.order().answer == "release"
    # A rule that begins is another question from its first minute on.
    data = rule(threshold=Decimal(10))
    agreed(proposed(world.lead, "owners", data.name, data.content()), world.reviewer)
    answer = shop.order()
    assert (answer.answer, codes(answer)) == ("hold", ["under_review"])
