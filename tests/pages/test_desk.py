"""The desk: what one must do besides the queue, the backlog by age, who has it, how it is decided, and how fresh the lists are."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certifications.declarations.models import Objection
from certifications.flags.desk import desk
from certifications.flags.models import Case
from tests.catalogue.changes import proposed
from tests.catalogue.test_groups import KITS
from tests.flags.cases import case_on_evidence
from tests.flags.decisions import judged
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
DESK = "/c/desk/"


def ago(case: Case, *, days: int, due: int = 0) -> None:
    now = timezone.now()
    Case.objects.filter(pk=case.pk).update(opened_at=now - dt.timedelta(days=days), due_at=now + dt.timedelta(days=due))


def test_the_backlog_is_counted_by_age_and_severity_and_by_who_has_it(world: World) -> None:
    case = case_on_evidence(world)
    ago(case, days=7, due=-1)
    Case.objects.filter(pk=case.pk).update(owner=world.reviewer)
    found = desk()
    assert (found.held, found.late) == (1, 1)
    assert found.ages[3] == {"high": 1, "medium": 0, "low": 0}, "the first day of an age belongs to it"
    load = {one.name: one for one in found.loads}
    assert (load[world.reviewer.name].held, load[world.reviewer.name].late) == (1, 1)
    assert load[""].held == 0
    page = client_of(world.lead).get(DESK).content.decode()
    assert world.reviewer.name in page
    assert "6 to 10" in page


def test_a_case_whose_question_is_open_is_not_late(world: World) -> None:
    case = case_on_evidence(world)
    ago(case, days=2, due=-1)
    Case.objects.filter(pk=case.pk).update(status="question", paused_at=timezone.now())
    assert (desk().held, desk().late) == (1, 0)


def test_decisions_are_counted_for_both_people_and_the_share_that_was_cleared_by_rule(world: World) -> None:
    case = case_on_evidence(world)
    ago(case, days=3)
    flags = case.flags.count()
    judged(case, "clear", "error_in_source", world.reviewer, world.lead)
    found = desk()
    assert found.held == 0
    assert found.median is not None
    assert found.median.days == 3
    assert sum(decided for _rule, _cleared, decided in found.rules) == flags
    assert all(cleared == decided for _rule, cleared, decided in found.rules)
    decided = {one.name: one.decided for one in found.loads}
    assert (decided[world.reviewer.name], decided[world.lead.name], decided[world.second_reviewer.name]) == (1, 1, 0)
    assert "100 %" in client_of(world.lead).get(DESK).content.decode()


def test_what_others_proposed_stands_there_and_not_what_one_proposed_oneself(world: World) -> None:
    proposal = proposed(world.lead, "group", "STR kits", KITS)
    address = f"/c/catalogue/proposals/{proposal.pk}/"
    assert address in client_of(world.reviewer).get(DESK).content.decode()
    assert address not in client_of(world.lead).get(DESK).content.decode()
    assert address not in client_of(world.auditor).get(DESK).content.decode(), "who may not agree has nothing to do"


def test_a_question_about_an_undertaking_waits_there_until_it_is_answered(world: World) -> None:
    declaration = world.draft()
    Objection.objects.create(declaration=declaration, version_number=1, clauses=[4], text="May we lend it?", sent_by=world.signatory)
    address = f"/c/declarations/{declaration.number}/"
    assert address in client_of(world.reviewer).get(DESK).content.decode()
    Objection.objects.update(answer="Within the hospital.", answered_at=timezone.now(), answered_by=world.reviewer)
    assert address not in client_of(world.reviewer).get(DESK).content.decode()


def test_an_empty_desk_says_what_will_stand_there(world: World) -> None:
    page = client_of(world.lead).get(DESK).content.decode()
    assert "Nothing waits for you" in page
    assert "No case is open" in page
    assert "No flag was decided" in page


def test_the_desk_asks_as_often_for_many_cases_as_for_one(world: World) -> None:
    case_on_evidence(world)
    client = client_of(world.lead)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(DESK).status_code == 200
        return len(queries)

    asked()
    before = asked()
    for n in range(4):
        Case.objects.create(number=f"C-{n}", subject=f"party:{n}", title_name="X", due_at=timezone.now())
    assert asked() == before


def test_the_file_holds_the_tables_of_the_page(world: World) -> None:
    ago(case_on_evidence(world), days=0, due=3)
    answer = client_of(world.auditor).get(f"{DESK}csv/")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["section", "name", "measure", "value"]
    assert ["backlog", "today", "high", "1"] in rows
    assert {row[0] for row in rows[1:]} == {"backlog", "workload", "list"}
