"""A cleared finding stays cleared through reruns, until its day or until a key field changes; then the case says what changed."""

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from certifications.flags import clearances as room
from certifications.flags.models import Case, Clearance, Flag
from certifications.flow import clearances as flow
from certifications.flow import rescreening
from certifications.flow.advance import advance
from certifications.flow.lists import import_file
from certifications.ledger.models import Event
from certifications.mail.models import Mail
from certifications.parties.models import Party
from certifications.screening.rules import key_difference
from tests.flow.steps import LISTS, dated_list, work
from tests.screening.samples import as_json, row, rows
from tests.world import World, client_of

from .decisions import judged

pytestmark = pytest.mark.django_db
HIT = row(91, name="Ningbo Jiangnan Hospital", alt_names=["宁波江南医院"])


def days_on(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """The calendar is moved, not the rows: they never change."""
    real = timezone.now
    monkeypatch.setattr(room.timezone, "now", lambda: real() + dt.timedelta(days=days))


@pytest.fixture
def cleared(world: World) -> Case:
    """A likeness to a listed hospital, cleared by two people."""
    dated_list(40, HIT)
    declaration = world.signed()
    assert advance(declaration.pk) == "review"
    case = Case.objects.get()
    judged(case, "clear", "different_entity", world.reviewer, world.second_reviewer)
    return case


def subject(case: Case) -> Party:
    assert case.declaration is not None
    return case.declaration.customer.party


def undecided(case: Case) -> int:
    from certifications.flow.facts import screening_facts

    return len(screening_facts(subject(case), "end_user").findings)


def test_a_clearance_says_who_why_on_what_and_until_when(cleared: Case, world: World) -> None:
    held = Clearance.objects.get()
    assert held.approver_ids == [world.reviewer.pk, world.second_reviewer.pk]
    assert (held.reason, held.entry_id, held.list_code) == ("different_entity", "id-91", "us_csl")
    assert held.expires_on == timezone.now().date() + dt.timedelta(days=365)
    assert held.keys["entry"]["names"] == ["Ningbo Jiangnan Hospital", "宁波江南医院"]
    assert Event.objects.get(verb="finding.cleared").data["finding"] == held.finding
    assert cleared.status == "closed"


def test_how_long_is_a_setting(world: World, settings: Any) -> None:
    settings.CLEARANCE_DAYS = 90
    dated_list(40, HIT)
    advance(world.signed().pk)
    judged(Case.objects.get(), "clear", "different_entity", world.reviewer, world.lead)
    assert Clearance.objects.get().expires_on == timezone.now().date() + dt.timedelta(days=90)


def test_it_outlives_a_rerun_and_another_version(cleared: Case) -> None:
    dated_list(41, HIT)
    work(*LISTS)
    assert undecided(cleared) == 0
    assert Case.objects.count() == 1


def test_on_its_last_day_it_counts_and_on_the_day_it_ends_the_finding_is_undecided(cleared: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    days_on(monkeypatch, 364)
    assert undecided(cleared) == 0
    days_on(monkeypatch, 1)
    assert undecided(cleared) == 1


def test_the_flag_is_raised_anew_when_a_clearance_ends_and_once(cleared: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    assert flow.end() == 0
    days_on(monkeypatch, 365)
    assert flow.end() == 1
    for _again in range(2):
        flow.end()
        rescreening.rescreen(subject(cleared).pk)
    anew = Flag.objects.filter(rule="LIST", state="open")
    assert anew.count() == 1
    assert anew.get().inputs["again"] == Flag.objects.get(rule="LIST", state="cleared").pk
    assert anew.get().case.subject == f"party:{subject(cleared).pk}"


def test_what_is_cleared_anew_is_good_for_another_year(cleared: Case, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    days_on(monkeypatch, 365)
    rescreening.rescreen(subject(cleared).pk)
    assert undecided(cleared) == 1
    judged(Case.objects.get(subject=f"party:{subject(cleared).pk}"), "clear", "different_entity", world.reviewer, world.lead)
    assert undecided(cleared) == 0
    days_on(monkeypatch, 366)
    assert undecided(cleared) == 1


def test_reviewers_are_told_a_month_before_and_once(cleared: Case, monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    days_on(monkeypatch, 334)
    assert flow.remind() == 0
    days_on(monkeypatch, 1)
    assert (flow.remind(), flow.remind()) == (1, 0)
    sent = Mail.objects.filter(template="clearance_ends")
    assert {mail.to_user_id for mail in sent} >= {world.reviewer.pk, world.second_reviewer.pk, world.lead.pk}
    assert all(cleared.number in mail.subject and "Ningbo" not in mail.body for mail in sent)


def test_a_key_field_that_changed_asks_for_a_review_and_shows_the_difference(cleared: Case, world: World) -> None:
    renamed = {**HIT, "alt_names": ["宁波江南医院", "Jiangnan Clinic"]}
    source = dated_list(40, renamed)
    work(*LISTS, "advance")
    assert undecided(cleared) == 1
    assert cleared.declaration is not None
    rescreening.rescreen(subject(cleared).pk)
    work("advance")
    flag = Flag.objects.get(rule="LIST", state="open")
    assert flag.inputs["difference"] == [{"side": "entry", "field": "names", "new": ["Jiangnan Clinic"], "gone": []}]
    page = client_of(world.reviewer).get(reverse("compliance:queue"), {"case": flag.case.number}).content.decode()
    assert "Review required" in page
    assert "Jiangnan Clinic" in page
    # The same list again changes nothing more.
    import_file(source=source, content=as_json([*rows(41), renamed]), by=None)
    work(*LISTS, "advance")
    assert Flag.objects.filter(rule="LIST", state="open").count() == 1


def test_a_case_that_is_opened_again_clears_nothing(cleared: Case, world: World) -> None:
    from certifications.flow.decide import reopen

    assert cleared.declaration is not None
    reopen(case=cleared, by=world.reviewer, reason="An objection with new documents.")
    assert undecided(cleared) == 1


def test_a_clearance_never_changes_but_for_its_reminder(cleared: Case) -> None:
    for change in ({"expires_on": "2099-01-01"}, {"approver_ids": []}, {"reason": "other"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Clearance.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Clearance.objects.all()._raw_delete("default")
    assert cleared.status == "closed"


def test_a_difference_names_the_side_and_the_field() -> None:
    before = {"party": {"names": ["A"], "identifiers": ["1"]}, "entry": {"names": ["X", "Y"], "identifiers": []}}
    after = {"party": {"names": ["A"], "identifiers": ["2"]}, "entry": {"names": ["X"], "identifiers": []}}
    assert key_difference(before, after) == [
        {"side": "party", "field": "identifiers", "new": ["2"], "gone": ["1"]},
        {"side": "entry", "field": "names", "new": [], "gone": ["Y"]},
    ]
    assert key_difference(before, before) == []
