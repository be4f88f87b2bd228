"""Many notices at once beside others who work on the same: nothing twice, nothing forgotten, and nobody waits longer than need be."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certifications.flags.models import Case, Flag
from certifications.flow import evidence, judging, resolution
from certifications.resolution.models import ReportedName
from tests.flags.cases import line
from tests.world import World

pytestmark = pytest.mark.django_db
QINGLAN = "深圳市青岚科学仪器有限公司"


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """While the next lines are asked about, which takes its time, somebody else acts."""
    whole = judging.gather

    def slowly(*args: Any) -> Any:
        monkeypatch.setattr(judging, "gather", whole)
        found = whole(*args)
        act()
        return found

    monkeypatch.setattr(judging, "gather", slowly)


def test_a_sale_that_another_batch_judged_meanwhile_is_flagged_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    award = line(world, project_no="F-1")

    def contract() -> None:
        evidence.match_line(line(world, project_no="F-1", stage="contract").pk)

    meanwhile(monkeypatch, contract)
    evidence.match_lines([award.pk])
    found = [(flag.rule, flag.count) for flag in Flag.objects.all()]
    assert len(found) == len({rule for rule, _count in found}), "no rule fires twice of one sale"
    assert {count for _rule, count in found} == {2}


def test_a_document_that_was_withdrawn_meanwhile_is_not_judged(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made, other = line(world, project_no="F-2"), line(world, project_no="F-3")
    meanwhile(monkeypatch, lambda: evidence.withdraw(document=made.document, by=world.reviewer, reason="It was confirmed by mistake."))
    evidence.match_lines([made.pk, other.pk])
    assert not Flag.objects.filter(line=made).exists()
    assert Flag.objects.filter(line=other).exists()


def test_names_are_looked_at_and_the_other_lines_asked_again_both_or_neither(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends between the two leaves the change for whoever looks next, who asks the other lines again."""
    made = line(world, buyer="宁波江南医院", seller=QINGLAN)

    def ends(*_args: Any, **_words: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(resolution, "ask_rules_again", ends)
        with pytest.raises(RuntimeError):
            evidence.match_line(made.pk)
    assert set(ReportedName.objects.values_list("state", "looked_at")) == {("waiting", None)}
    evidence.match_line(made.pk)
    assert not ReportedName.objects.filter(looked_at=None).exists()


def test_cases_are_opened_and_locked_in_one_order(world: World) -> None:
    """Whatever the order of the jobs: two workers that open cases on the same subjects never wait for each other in a circle."""
    lines = [line(world, project_no=f"G-{n}", seller=f"西安泓桥{n}有限公司") for n in (3, 1, 2)]
    lines.sort(key=lambda one: one.document_id, reverse=True)
    with CaptureQueriesContext(connection) as asked:
        evidence.match_lines([one.pk for one in lines])
    [opened] = [one["sql"] for one in asked if one["sql"].startswith('INSERT INTO "certifications_case"')]
    subjects = sorted(Case.objects.values_list("subject", flat=True))
    assert len(subjects) == 3
    places = [opened.index(subject) for subject in subjects]
    assert places == sorted(places)
