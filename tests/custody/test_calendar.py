"""Which months a distributor owes, by when, who is told, and that nothing was sold."""

import datetime as dt
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from certifications.custody import queries
from certifications.custody.models import NothingSold, ReportDue, ReportReminder
from certifications.custody.rules import due_on, mark_today, month, month_of, next_month, owed
from certifications.flow import reports as flow
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from certifications.mail.models import Mail
from certifications.people.models import Organisation
from certifications.programme.models import ProgrammeStart
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import sent, undone
from tests.world import World, client_of

from .reports import HEAD, MONTH, row

D = dt.date


def test_months_are_owed_from_the_first_day_until_the_last_that_is_over() -> None:
    assert list(owed(D(2026, 1, 20), D(2026, 3, 31))) == [D(2026, 1, 1), D(2026, 2, 1)]
    assert list(owed(D(2026, 1, 20), D(2026, 4, 1))) == [D(2026, 1, 1), D(2026, 2, 1), D(2026, 3, 1)]
    assert list(owed(D(2025, 12, 31), D(2026, 1, 1))) == [D(2025, 12, 1)]
    assert list(owed(None, D(2026, 4, 1))) == list(owed(D(2026, 4, 1), D(2026, 4, 30))) == []
    assert (next_month(D(2026, 12, 1)), month_of(D(2026, 2, 28)), due_on(D(2026, 12, 1), 10)) == (
        D(2027, 1, 1),
        D(2026, 2, 1),
        D(2027, 1, 10),
    )


@pytest.mark.parametrize(
    ("today", "reported", "nothing", "word"),
    [
        (D(2026, 4, 1), False, False, "open"),
        (D(2026, 4, 3), False, False, "due"),
        (D(2026, 4, 10), False, False, "due"),
        (D(2026, 4, 11), False, False, "overdue"),
        (D(2026, 4, 11), False, True, "nothing"),
        (D(2026, 4, 11), True, True, "reported"),
    ],
)
def test_how_a_month_stands(today: dt.date, reported: bool, nothing: bool, word: str) -> None:  # noqa: FBT001
    assert month(D(2026, 3, 1), due_day=10, reported=reported, nothing=nothing, today=today).word == word


def test_reminders_come_before_on_and_after_the_day_and_end() -> None:
    day = D(2026, 4, 10)
    found = [mark_today(day, day + dt.timedelta(days=n)) for n in (-6, -5, -1, 0, 2, 3, 9, 10, 20, 51, 52)]
    assert found == [None, 5, 5, 0, 0, -3, -3, -10, -20, -20, None]


def only(world: World, starts_on: dt.date) -> None:
    """The programme of the filer's distributor begins on that day."""
    for start in ProgrammeStart.objects.filter(organisation=world.qinglan):
        made = ProgrammeStart.objects.create(
            organisation=start.organisation,
            line=start.line,
            starts_on=starts_on,
            reason="programme",
            explanation="Begins anew for this test.",
            proposed_by=start.proposed_by,
            proposed_proof_id=f"a{start.pk[1:]}",
        )
        second = {"agreed_by": start.agreed_by, "agreed_proof_id": f"b{start.pk[1:]}", "agreed_at": timezone.now() + dt.timedelta(hours=1)}
        ProgrammeStart.objects.filter(pk=made.pk).update(state="effective", **second)


def words(world: World) -> list[tuple[dt.date, str]]:
    return [(one.period, one.word) for one in queries.calendars([world.qinglan])[0].months]


@pytest.mark.django_db
def test_a_month_is_reported_by_a_committed_row_and_owed_again_without_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    only(world, MONTH)
    monkeypatch.setattr(queries, "civil_today", lambda: next_month(MONTH) + dt.timedelta(days=14))
    assert words(world) == [(MONTH, "overdue")]
    upload = written(sent(world.filer, csv(HEAD, row()), kind="sales"), world.filer)
    assert words(world) == [(MONTH, "reported")]
    undone(upload, world.filer)
    assert words(world) == [(MONTH, "overdue")]
    flow.state_nothing(by=world.filer, period=MONTH)
    assert words(world) == [(MONTH, "nothing")]
    written(sent(world.filer, csv(HEAD, row()), kind="sales"), world.filer)
    assert words(world) == [(MONTH, "reported")], "what was reported says more than that there was nothing"


@pytest.mark.django_db
def test_nothing_sold_is_stated_once_for_a_month_that_is_over_and_empty(world: World) -> None:
    with pytest.raises(NotAllowed) as early:
        flow.state_nothing(by=world.filer, period=next_month(MONTH))
    assert early.value.code == "not_over"
    with pytest.raises(PermissionDenied):
        flow.state_nothing(by=world.signatory, period=MONTH)
    written(sent(world.filer, csv(HEAD, row()), kind="sales"), world.filer)
    with pytest.raises(NotAllowed) as reported:
        flow.state_nothing(by=world.filer, period=MONTH)
    assert reported.value.code == "reported"
    before = month_of(MONTH - dt.timedelta(days=1))
    flow.state_nothing(by=world.filer, period=before)
    with pytest.raises(NotAllowed) as twice:
        flow.state_nothing(by=world.filer, period=before)
    assert (twice.value.code, NothingSold.objects.count()) == ("twice", 1)
    assert Event.objects.filter(verb="salesreport.nothing").count() == 1


@pytest.mark.django_db
def test_filers_are_told_once_at_each_mark_and_not_of_what_was_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Organisation.objects.filter(kind="distributor").exclude(pk=world.qinglan.pk).update(kind="regulator")
    only(world, MONTH)
    day = due_on(MONTH, 10)
    told = []
    for days in (-6, -5, -5, 0, 1, 3, 10):
        monkeypatch.setattr(queries, "civil_today", lambda d=days: day + dt.timedelta(days=d))
        monkeypatch.setattr(flow, "civil_today", lambda d=days: day + dt.timedelta(days=d))
        told.append(flow.remind())
    assert told == [0, 1, 0, 1, 0, 1, 1]
    mails = list(Mail.objects.filter(template="sales_report_due").order_by("created_at"))
    assert {mail.to_email for mail in mails} == {world.filer.email}
    assert len(mails) == ReportReminder.objects.count() == 4
    assert f"{MONTH:%Y-%m}" in mails[0].body
    assert "/d/reports/" in mails[0].body
    assert "逾期" in mails[-1].subject
    assert "逾期" not in mails[0].subject
    written(sent(world.filer, csv(HEAD, row()), kind="sales"), world.filer)
    monkeypatch.setattr(queries, "civil_today", lambda: day + dt.timedelta(days=20))
    monkeypatch.setattr(flow, "civil_today", lambda: day + dt.timedelta(days=20))
    assert flow.remind() == 0


@pytest.mark.django_db
def test_the_day_is_set_for_everybody_or_for_one_by_the_lead_alone(world: World) -> None:
    assert queries.calendars([world.qinglan])[0].due_day == 10
    lead, reviewer, auditor = client_of(world.lead), client_of(world.reviewer), client_of(world.people["auditor"])
    wanted = {"organisation": "", "day": "15", "explanation": "Agreed with all distributors."}
    assert reviewer.post("/c/reports/", wanted).status_code == 200
    assert (auditor.post("/c/reports/", wanted).status_code, ReportDue.objects.count()) == (200, 0)
    assert lead.post("/c/reports/", {**wanted, "day": "31"}).status_code == 422
    assert lead.post("/c/reports/", {**wanted, "explanation": "short"}).status_code == 422
    assert lead.post("/c/reports/", wanted).status_code == 302
    assert lead.post("/c/reports/", {**wanted, "organisation": world.qinglan.pk, "day": "20"}).status_code == 302
    assert lead.post("/c/reports/", {**wanted, "day": "5"}).status_code == 302
    assert queries.calendars([world.qinglan])[0].due_day == 20, "one's own day outlasts a later one for everybody"
    other = Organisation.objects.filter(kind="distributor").exclude(pk=world.qinglan.pk).get()
    assert queries.calendars([other])[0].due_day == 5


@pytest.mark.django_db
def test_the_pages_say_what_is_owed_and_take_the_statement(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    only(world, MONTH)
    monkeypatch.setattr(queries, "civil_today", lambda: next_month(MONTH) + dt.timedelta(days=14))
    filer, signatory = client_of(world.filer), client_of(world.signatory)
    filer.post("/set-language/", {"language": "en"})
    assert "/d/reports/" in filer.get("/d/").content.decode()
    page = filer.get("/d/reports/").content.decode()
    assert f"/d/reports/{MONTH:%Y-%m}/nothing/" in page
    assert "/nothing/" not in signatory.get("/d/reports/").content.decode()
    assert "Overdue" in signatory.get("/d/reports/").content.decode()
    desk = client_of(world.reviewer).get("/c/desk/").content.decode()
    assert "status=overdue" in desk
    assert signatory.post(f"/d/reports/{MONTH:%Y-%m}/nothing/").status_code == 404
    assert filer.get("/d/reports/nonsense/nothing/").status_code == 404
    assert filer.post(f"/d/reports/{MONTH:%Y-%m}/nothing/").status_code == 302
    assert NothingSold.objects.get().stated_by == world.filer
    listed = client_of(world.reviewer).get("/c/reports/?status=nothing").content.decode()
    assert world.qinglan.name in listed
    assert world.qinglan.name in client_of(world.reviewer).get("/c/reports/csv/").content.decode()


@pytest.mark.django_db
def test_movements_are_searched_filtered_paged_and_exported(world: World) -> None:
    rows = [row(发票号=f"INV-{n}", 客户名称=f"第{n}医院") for n in range(55)]
    upload = written(sent(world.filer, csv(HEAD, *rows, row(客户名称="=HYPERLINK(1)", 发票号="X")), kind="sales"), world.filer)
    client = client_of(world.reviewer)
    page = client.get("/c/movements/").content.decode()
    assert page.count("CI-2440-100") == 50
    older = unescape(page.partition(' rel="next"')[0].rpartition('href="')[2].rstrip('"'))
    assert client.get(older).content.decode().count("CI-2440-100") == 6
    assert client.get("/c/movements/?q=第7医院").content.decode().count("CI-2440-100") == 1
    assert "No movement fits" in client.get("/c/movements/?kind=return").content.decode()
    assert client.get(f"/c/movements/?month={MONTH:%Y-%m}&q=INV-3").content.decode().count("CI-2440-100") == 1
    assert client.get("/c/movements/?before=nonsense&month=x").status_code == 200
    out = client.get("/c/movements/csv/?q=HYPERLINK").content.decode()
    assert "'=HYPERLINK(1)" in out
    assert "14400" not in out
    undone(upload, world.filer)
    assert "No movement is on record" in client.get("/c/movements/").content.decode()
    assert client.get("/c/movements/?standing=taken_back&q=第7医院").content.decode().count("taken back") >= 1
    # Who took it back is the distributor's own business.
    assert world.filer.name not in client.get("/c/movements/?standing=taken_back&q=第7医院").content.decode()
