"""A sale that is announced again is linked, counts once, and raises no flag twice; what is new or graver is raised all the same."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from certifications.evidence.models import EvidenceLine
from certifications.evidence.queries import sales_about
from certifications.flags.models import Case, CountedSale, Flag
from certifications.flow import evidence as flow
from certifications.ledger.days import civil_today
from certifications.work.models import Job
from tests.flags.cases import captured, line
from tests.programme.test_first_day import DAY, from_day, sold
from tests.world import World, client_of

pytestmark = pytest.mark.django_db


def said(world: World, **changes: Any) -> EvidenceLine:
    """One confirmed and matched line of a document of its own."""
    made = line(world, **changes)
    flow.match_line(made.pk)
    return made


def counting(one: EvidenceLine) -> tuple[EvidenceLine, str]:
    sale = sales_about([one])[one.pk]
    return sale.counts, sale.why


def test_a_contract_after_its_award_is_the_same_sale_and_raises_nothing_twice(world: World) -> None:
    award = said(world, amount=Decimal(100))
    flags = {(flag.rule, flag.pk) for flag in Flag.objects.all()}
    assert flags
    contract = said(world, stage="contract", amount=Decimal(90), project_no="xjkl 2026－902", happened_on=dt.date.today())
    assert {(flag.rule, flag.pk) for flag in Flag.objects.all()} == flags
    assert {flag.count for flag in Flag.objects.all()} == {2}
    assert Case.objects.count() == 1
    assert counting(award) == counting(contract) == (contract, "definite")


def test_a_correction_is_the_same_sale_and_the_newest_counts(world: World) -> None:
    said(world, stage="amendment", happened_on=dt.date.today() - dt.timedelta(days=5))
    later = said(world, stage="amendment", happened_on=dt.date.today())
    assert counting(later) == (later, "later")


def test_an_award_after_candidates_is_raised_at_its_own_gravity_in_the_same_case(world: World) -> None:
    said(world, stage="candidate")
    low = {flag.severity for flag in Flag.objects.all()}
    assert low == {"low"}
    said(world)
    assert Flag.objects.exclude(severity="low").exists(), "what was held at low is not held there any more"
    assert Case.objects.count() == 1


def test_another_seller_of_the_same_project_is_another_sale(world: World) -> None:
    said(world)
    other = said(world, seller="嘉兴远昌贸易有限公司")
    assert counting(other) == (other, "")
    assert Flag.objects.filter(line=other).exists()


@pytest.mark.parametrize(
    "changes", [{"project_no": "XJKL-2026-312"}, {"project_no": ""}, {"buyer": "吐鲁番市公安局"}, {"amount": Decimal(50)}]
)
def test_other_projects_buyers_and_sums_are_other_sales(world: World, changes: dict[str, Any]) -> None:
    said(world, amount=Decimal(100))
    other = said(world, **{"amount": Decimal(100), **changes})
    assert counting(other) == (other, "")
    assert Flag.objects.filter(line=other).exists()


def test_two_lines_of_one_document_are_two_sales(world: World) -> None:
    from certifications.evidence.actions import confirm
    from certifications.evidence.rules import LineData

    one = LineData(
        stage="award",
        buyer="库尔勒市公安局",
        seller="西安泓桥生物科技有限公司",
        happened_on=dt.date.today(),
        product_id=world.kit.pk,
        project_no="P1",
    )
    made = confirm(document=captured(world), by=world.reviewer, lines=[one, one])
    assert [counting(row)[0] for row in made] == made


def test_what_rested_on_a_withdrawn_document_is_asked_again(world: World) -> None:
    first = said(world, stage="candidate")
    award = said(world)
    grave = {(flag.rule, flag.pk) for flag in award.flags.all()}
    assert grave
    Flag.objects.filter(line=first).update(state="cleared", closed_at=timezone.now())
    flow.withdraw(document=first.document, by=world.reviewer, reason="The page was a forgery, says the portal.")
    assert Job.objects.filter(kind="match", object_id=award.pk).exclude(version="1").count() == 1
    flow.match_line(award.pk)
    assert counting(award) == (award, ""), "it counts alone now"
    assert {(flag.rule, flag.pk) for flag in award.flags.all()} >= grave
    rules = list(award.flags.values_list("rule", flat=True))
    assert len(rules) == len(set(rules)), "nothing is raised twice"


def test_what_a_withdrawn_document_alone_had_raised_is_raised_again(world: World) -> None:
    first = said(world, stage="candidate")
    repeat = said(world, stage="candidate")
    assert not repeat.flags.exists()
    Flag.objects.filter(line=first).update(state="cleared", closed_at=timezone.now())
    flow.withdraw(document=first.document, by=world.reviewer, reason="The page was a forgery, says the portal.")
    flow.match_line(repeat.pk)
    assert set(repeat.flags.values_list("rule", flat=True)) == set(first.flags.values_list("rule", flat=True))


def test_the_pages_say_which_document_counts_and_why(world: World) -> None:
    award = said(world)
    contract = said(world, stage="contract")
    client = client_of(world.reviewer)
    page = client.get(f"/c/evidence/{award.document.number}/").content.decode()
    assert "not counted beside the one that counts" in page
    assert f"/c/evidence/{contract.document.number}/" in page
    assert "A contract or a correction counts before an award" in page
    assert "This line counts for the sale" in client.get(f"/c/evidence/{contract.document.number}/").content.decode()


def test_before_confirming_a_person_is_told_of_earlier_announcements(world: World) -> None:
    award = said(world)
    page = client_of(world.reviewer).get(f"/c/evidence/{captured(world).number}/").content.decode()
    assert "was announced before" in page
    assert award.document.number in page


def test_a_sale_from_before_the_first_day_is_counted_once(world: World) -> None:
    from_day(world, civil_today() - 5 * DAY)
    sold(world, quantity=Decimal(3))
    contract = sold(world, stage="contract", quantity=Decimal(2))
    assert [(row.line, row.quantity) for row in CountedSale.objects.all()] == [(contract, Decimal(2))]
