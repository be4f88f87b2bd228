"""Whoever must act is told by mail of what stands in a list: of drafts to sign, of declarations that end, of a case that was opened."""

import datetime as dt

import pytest
from django.utils import timezone

from certifications.declarations.data import GROUPS
from certifications.declarations.models import Declaration
from certifications.flow import reminding
from certifications.flow.advance import advance
from certifications.ledger.days import civil_today
from certifications.mail.models import Mail
from certifications.tasks import HOURLY
from tests.flags.decisions import police_case
from tests.orders.conftest import roles, shop
from tests.orders.shop import Shop
from tests.world import World

__all__ = ["roles", "shop"]
pytestmark = pytest.mark.django_db


def told(template: str) -> list[str]:
    return sorted(Mail.objects.filter(template=template).values_list("to_user_id", flat=True))


def earlier(hours: int) -> None:
    Mail.objects.update(created_at=timezone.now() - dt.timedelta(hours=hours))


def test_nobody_is_told_of_a_draft_that_its_filer_has_not_finished(world: World) -> None:
    draft = world.draft()
    draft.versions.update(answered=["parties", "goods"])
    assert reminding.remind() == 0
    draft.versions.update(answered=GROUPS)
    assert reminding.remind() == 1


def test_signatories_are_told_of_new_drafts_once_a_day_and_of_nothing_old(world: World) -> None:
    assert reminding.remind() == 0
    customer = world.customer()
    world.draft(customer)
    assert reminding.remind() == 1
    assert told("drafts_to_sign") == [world.signatory.pk]
    assert "/d/declarations/sign/" in Mail.objects.get(template="drafts_to_sign").body
    world.draft(customer)
    assert reminding.remind() == 0, "not twice a day"
    earlier(21)
    assert reminding.remind() == 1
    assert "2 declarations" in Mail.objects.filter(template="drafts_to_sign").latest("created_at").subject
    earlier(0)
    assert reminding.remind() == 0
    Declaration.objects.update(created_at=timezone.now() - dt.timedelta(days=9))
    earlier(48)
    assert reminding.remind() == 0, "nothing came since"
    assert reminding.remind in HOURLY


def test_a_case_on_a_declaration_is_told_to_whoever_decides_and_once(world: World) -> None:
    case = police_case(world)
    deciders = sorted([world.reviewer.pk, world.second_reviewer.pk, world.lead.pk])
    assert told("case_opened") == deciders
    assert case.declaration is not None
    type(case.declaration).objects.filter(pk=case.declaration.pk).update(status="screening")
    assert advance(case.declaration.pk) == "review"
    assert told("case_opened") == deciders, "the same case again is no news"


def test_filers_are_told_of_declarations_that_end_within_a_month_and_weekly(shop: Shop) -> None:
    assert reminding.remind() == 0
    shop.say(valid_until=civil_today() + dt.timedelta(days=20))
    assert reminding.remind() == 1
    assert told("declarations_end") == [shop.world.filer.pk]
    earlier(25)
    assert reminding.remind() == 0
    earlier(24 * 8)
    assert reminding.remind() == 1
