"""D03: a report that is long overdue is a flag for its month, which goes when the report or the statement comes."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certifications.custody import queries
from certifications.custody.rules import due_on, next_month
from certifications.flags.models import Case, Flag
from certifications.flags.outcomes import CLEARING, CONFIRMING
from certifications.flags.rules import BY_ID, ReportFacts, evaluate_report
from certifications.flow import reports as flow
from certifications.people.models import Organisation
from certifications.tasks import HOURLY
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import sent, undone
from tests.world import World, client_of

from .reports import HEAD, MONTH, row
from .test_calendar import only

DUE = due_on(MONTH, 10)


def facts(days: int) -> ReportFacts:
    return ReportFacts("Shenzhen Qinglan", "O1", "2026-10", dt.date(2026, 11, 10), dt.date(2026, 11, 10) + dt.timedelta(days=days))


def test_it_fires_from_the_eleventh_day_after_it_was_due_and_says_what_is_missing() -> None:
    assert [len(evaluate_report(facts(days))) for days in (-1, 0, 10, 11, 300)] == [0, 0, 0, 1, 1]
    [hit] = evaluate_report(facts(11))
    assert (hit.rule, hit.severity, hit.thresholds) == ("D03", "medium", {"grace_days": 10})
    sentence = BY_ID["D03"].explain(hit.inputs)
    assert all(word in sentence for word in ("Shenzhen Qinglan", "2026-10", "11 days later"))
    assert CLEARING["D03"]
    assert CONFIRMING["D03"]


@pytest.fixture
def alone(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Qinglan alone owes a report, of one month, which is eleven days overdue."""
    Organisation.objects.filter(kind="distributor").exclude(pk=world.qinglan.pk).update(kind="regulator")
    only(world, MONTH)
    on(monkeypatch, 11)
    return world


def on(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """So many days after the report was due."""
    for where in (queries, flow):
        monkeypatch.setattr(where, "civil_today", lambda: DUE + dt.timedelta(days=days))


def states() -> list[tuple[str, str]]:
    return [(f.inputs["month"], f.state) for f in Flag.objects.filter(rule="D03").order_by("pk")]


@pytest.mark.django_db
def test_one_flag_a_month_however_often_it_is_asked_and_none_before_its_time_or_the_first_day(
    alone: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert flow.flag_silence in HOURLY
    on(monkeypatch, 10)
    assert flow.flag_silence() == 0
    on(monkeypatch, 11)
    assert [flow.flag_silence(), flow.flag_silence()] == [1, 0]
    assert states() == [(f"{MONTH:%Y-%m}", "open")], "and none of the months before the first day"
    on(monkeypatch, 45)
    assert flow.flag_silence() == 1
    assert [month for month, _state in states()] == [f"{MONTH:%Y-%m}", f"{next_month(MONTH):%Y-%m}"]
    assert Case.objects.filter(subject__startswith="report:").count() == 2
    flag = Flag.objects.filter(rule="D03").order_by("pk").first()
    assert flag is not None
    assert (flag.severity, flag.party, flag.declaration, flag.count) == ("medium", None, None, 1)
    page = client_of(alone.reviewer).get(f"/c/?case={flag.case.number}").content.decode()
    assert "Sales report long overdue" in page
    assert client_of(alone.filer).get(f"/c/?case={flag.case.number}").status_code == 404


@pytest.mark.django_db
def test_the_report_closes_it_and_its_going_raises_it_anew(alone: World) -> None:
    flow.flag_silence()
    upload = written(sent(alone.filer, csv(HEAD, row()), kind="sales"), alone.filer)
    flow.flag_silence()
    assert states() == [(f"{MONTH:%Y-%m}", "closed")]
    assert set(Case.objects.filter(subject__startswith="report:").values_list("status", "outcome")) == {("closed", "resolved")}
    undone(upload, alone.filer)
    assert [flow.flag_silence(), flow.flag_silence()] == [1, 0]
    assert [state for _month, state in states()] == ["closed", "open"]
    flow.state_nothing(by=alone.filer, period=MONTH)
    flow.flag_silence()
    assert [state for _month, state in states()] == ["closed", "closed"], "the statement does as well"


@pytest.mark.django_db
def test_what_people_judged_stays_judged_and_who_left_owes_nothing(alone: World) -> None:
    flow.flag_silence()
    Flag.objects.filter(rule="D03").update(state="cleared", closed_at=dt.datetime.now(tz=dt.UTC))
    assert flow.flag_silence() == 0
    assert [state for _month, state in states()] == ["cleared"]
    Flag.objects.filter(rule="D03").update(state="open", closed_at=None)
    Organisation.objects.filter(pk=alone.qinglan.pk).update(kind="regulator")
    flow.flag_silence()
    assert [state for _month, state in states()] == ["closed"]


@pytest.mark.django_db
def test_what_is_flagged_already_costs_no_question_a_month(alone: World, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = []
    for days in (11, 140):
        on(monkeypatch, days)
        flow.flag_silence()
        with CaptureQueriesContext(connection) as asked:
            assert flow.flag_silence() == 0
        counts.append(len(asked))
    assert Flag.objects.filter(rule="D03").count() > 3
    assert counts[0] == counts[1]
