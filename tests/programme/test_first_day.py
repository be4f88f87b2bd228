"""From the first day on a distributor's sales are held to register and declarations; earlier ones are counted, and grave things are said of both."""

import csv
import datetime as dt
import io
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.formats import date_format

from certifications.evidence.models import EvidenceLine
from certifications.flags.models import CountedSale
from certifications.flow import cutover
from certifications.flow import first_day as flow
from certifications.flow.demo_register import begin
from certifications.flow.evidence import match_line
from certifications.ledger.days import civil_today
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from certifications.pages.compliance import views_programme
from certifications.parties.actions import Incomplete
from certifications.people import limits
from certifications.people.models import Organisation
from certifications.programme import actions as programme
from certifications.programme import queries
from certifications.programme.models import ProgrammeStart
from certifications.work.models import Job
from tests.flags.cases import line
from tests.flow.steps import work
from tests.parties.rights import changed
from tests.world import World, client_of, code_of, proof_for

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
QINGLAN = "深圳市青岚科学仪器有限公司"


def refused(statement: str, parameters: list[object]) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    return str(caught.value)


def from_day(world: World, starts_on: dt.date, product_line: str = "kits") -> ProgrammeStart:
    """Another first day for Qinglan, by two people; the workers are asked."""
    words: dict[str, Any] = {
        "organisation": world.qinglan,
        "line": product_line,
        "starts_on": starts_on,
        "explanation": "Agreed with the contract.",
    }
    proof = proof_for(world.lead, programme.start_digest(**words))
    start = programme.propose_start(by=world.lead, proof=proof, **words)
    done = programme.agree_start(start=start, by=world.reviewer, proof=proof_for(world.reviewer, start.digest))
    flow.look_again(done)
    return done


def sold(world: World, **more: Any) -> EvidenceLine:
    """A sale of Qinglan that no declaration covers, ten days ago, matched."""
    made = line(world, **{"seller": QINGLAN, "buyer": "宁波江南医院", **more})
    match_line(made.pk)
    return made


def rules(made: EvidenceLine) -> set[str]:
    return set(made.flags.values_list("rule", flat=True))


def test_in_the_programme_an_undeclared_sale_is_flagged(world: World) -> None:
    assert rules(sold(world)) == {"S04"}
    assert not CountedSale.objects.exists()


def test_before_the_first_day_it_is_counted_and_not_flagged(world: World) -> None:
    from_day(world, civil_today() - 5 * DAY)
    made = sold(world, quantity=Decimal(3))
    assert rules(made) == set()
    counted = CountedSale.objects.get(line=made)
    assert (counted.place, counted.product_line, counted.rules, counted.quantity) == ("before", "kits", ["S04"], Decimal(3))


def test_a_line_without_a_first_day_is_not_started(world: World) -> None:
    organisation = Organisation.objects.create(kind="distributor", name="Not yet")
    party = world.qinglan.party
    type(party).objects.filter(pk=party.pk).update(organisation=organisation)
    made = sold(world)
    assert rules(made) == set()
    assert CountedSale.objects.get(line=made).place == "not_started"


def test_a_restricted_class_and_a_right_taken_away_are_said_whatever_the_day(world: World) -> None:
    from_day(world, civil_today())
    assert {"B01", "B03"} <= rules(sold(world, buyer="库尔勒市公安局"))
    changed(world, world.qinglan.party.authorisations.get(), "suspended", civil_today() - 20 * DAY)
    taken = sold(world, buyer="宁波江北医院", project_no="OTHER-1")
    # The suspension was not known on the day of the sale: what the register held then decides.
    assert "S04" not in rules(taken)


def test_a_seller_that_nobody_registered_is_flagged_as_ever(world: World) -> None:
    from_day(world, civil_today() + 5 * DAY)
    assert "S01" in rules(sold(world, seller="西安泓桥生物科技有限公司"))


def test_a_list_match_of_a_party_is_no_business_of_the_first_day(world: World) -> None:
    from_day(world, civil_today() + 30 * DAY)
    from certifications.flow.advance import advance

    declaration = world.signed(world.draft(world.customer(native_name="新疆维吾尔自治区公安厅", latin_name="")))
    assert advance(declaration.pk) == "review"
    assert declaration.flags.filter(rule="LIST", state="open").exists()


def test_an_earlier_first_day_flags_what_was_counted(world: World) -> None:
    from_day(world, civil_today() - 5 * DAY)
    made = sold(world)
    from_day(world, civil_today() - 11 * DAY)
    assert work("match") >= 1
    assert rules(made) == {"S04"}
    assert not CountedSale.objects.filter(line=made).exists()
    assert Event.objects.filter(object_id=made.pk, verb="evidenceline.in_programme").exists()


def test_two_people_set_it_with_a_factor_each_and_the_distributor_is_told(world: World) -> None:
    words: dict[str, Any] = {
        "organisation": world.qinglan,
        "line": "kits",
        "starts_on": civil_today(),
        "explanation": "Agreed with the contract.",
    }
    start = flow.propose_start(by=world.lead, code=code_of(world.lead), **words)
    assert queries.starts_of(world.qinglan.pk)["kits"] != civil_today()
    with pytest.raises(NotAllowed) as same:
        flow.agree_start(start=start, by=world.lead, code=code_of(world.lead))
    assert same.value.code == "same_person"
    with pytest.raises(StaleState):
        flow.propose_start(by=world.lead, code="", **{**words, "starts_on": civil_today() - DAY})
    flow.agree_start(start=start, by=world.reviewer, code=code_of(world.reviewer))
    assert queries.starts_of(world.qinglan.pk)["kits"] == civil_today()
    told = Mail.objects.get(template="programme_starts", to_user_id=world.filer.pk)
    with translation.override(told.language):
        assert date_format(civil_today(), "DATE_FORMAT") in told.subject


def test_postgresql_keeps_the_words_and_the_two_people(world: World) -> None:
    words: dict[str, Any] = {
        "organisation": world.qinglan,
        "line": "kits",
        "starts_on": civil_today(),
        "explanation": "Agreed with the contract.",
    }
    start = programme.propose_start(by=world.lead, proof=proof_for(world.lead, programme.start_digest(**words)), **words)
    table = "certifications_programmestart"
    assert "never changes" in refused(f"UPDATE {table} SET starts_on = '2020-01-01' WHERE id = %s", [start.pk])  # noqa: S608
    assert "two_people" in refused(
        f"UPDATE {table} SET state = 'effective', agreed_by_id = proposed_by_id, agreed_at = now(), agreed_proof_id = 'X' WHERE id = %s",  # noqa: S608
        [start.pk],
    )
    assert "effective_is_agreed" in refused(f"UPDATE {table} SET state = 'effective' WHERE id = %s", [start.pk])  # noqa: S608
    assert refused(f"DELETE FROM {table} WHERE id = %s", [start.pk])  # noqa: S608


def test_wrong_words_are_named_by_field(world: World) -> None:
    with pytest.raises(Incomplete) as caught:
        programme.check_start(organisation=world.qinglan, line="no such line", starts_on=dt.date(1900, 1, 1), explanation="no")
    assert {p.field for p in caught.value.problems} == {"line", "starts_on", "explanation"}


def _tables() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'certifications_%'")
        names = [row[0] for row in cursor.fetchall()]
        found = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608
            found[name] = cursor.fetchone()[0]
    return found


def test_a_dry_run_says_what_would_come_up_and_writes_nothing(world: World) -> None:
    from_day(world, civil_today() + 30 * DAY)
    sold(world)
    sold(world, happened_on=civil_today() - 40 * DAY, project_no="OLD-1")
    world.customer()
    before, written = _tables(), []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if sql.lstrip().split(" ", 1)[0].upper() in {"INSERT", "UPDATE", "DELETE", "TRUNCATE", "MERGE", "CREATE"}:
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        run = cutover.dry_run(organisation=world.qinglan, line="kits", starts_on=civil_today() - 20 * DAY)
    assert written == []
    assert _tables() == before
    sales = [row for row in run.rows if row.kind == "sale"]
    assert [(row.rule, row.title) for row in sales] == [("S04", "宁波江南医院")]
    assert run.counted == 1
    assert run.is_whole
    assert dict(run.counts)["customer"] == 2  # not screened yet, and nothing declared
    assert dict(run.counts)["stock"] == 2
    assert dict(run.counts)["right"] == 0


def test_a_dry_run_looks_at_everything_part_by_part_and_saves_the_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutover, "MOST", 2)
    for number in range(5):
        world.customer(native_name=f"明州第{number}检测站", latin_name=f"Mingzhou Station {number}", uscc="", lei="")
    asked = {"organisation": world.qinglan, "line": "kits", "starts_on": civil_today()}
    parts = [cutover.dry_run(**asked, part=part) for part in (1, 2, 3, 4)]
    assert [run.part for run in parts] == [1, 2, 3, 3]
    assert {run.parts for run in parts} == {3}
    named = [{row.title for row in run.rows if row.kind == "customer"} for run in parts[:3]]
    assert [len(some) for some in named] == [2, 2, 1]
    assert len(set.union(*named)) == 5
    assert [dict(run.counts)["stock"] for run in parts[:3]] == [2, 0, 0]
    whole, is_cut = cutover.all_parts(**asked, most=10)
    assert whole == [row for run in parts[:3] for row in run.rows]
    assert not is_cut
    assert cutover.all_parts(**asked, most=2)[1]
    client = client_of(world.auditor)
    sent = {"organisation": world.qinglan.pk, "line": "kits", "on": str(civil_today())}
    page = client.get("/c/programme/dry-run/", {**sent, "part": "2"}).content.decode()
    assert "This is part 2 of 3" in page
    assert "The figures are of part 2 of 3 alone." in page
    assert "part=1" in page
    assert "part=3" in page
    monkeypatch.setattr(views_programme, "SHOWN", 2)
    assert "3 to 4 of" in client.get("/c/programme/dry-run/", {**sent, "part": "1", "page": "2"}).content.decode()
    file = client.get("/c/programme/dry-run/csv/", sent).content.decode("utf-8-sig")
    assert all(f"明州第{number}检测站" in file for number in range(5))
    assert client.get("/c/programme/dry-run/").status_code == 302
    assert client.get("/c/programme/dry-run/", {**sent, "part": "x", "page": "-1", "on": "soon"}).status_code == 200


def test_the_file_of_first_days_counts_each_line_by_itself(world: World) -> None:
    from_day(world, civil_today() - 5 * DAY)
    sold(world)
    file = client_of(world.auditor).get("/c/programme/csv/").content.decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(file)) if row[0] == world.qinglan.name]
    assert len(rows) > 1
    assert sorted(row[4] for row in rows) == ["0"] * (len(rows) - 1) + ["1"]
    assert [row[4] for row in rows if row[2] == str(civil_today() - 5 * DAY)] == ["1"]


def test_the_file_of_first_days_says_when_it_is_cut(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(world.auditor)
    assert "There are more lines" not in client.get("/c/programme/csv/").content.decode()
    monkeypatch.setattr(views_programme, "MOST_ROWS", 1)
    assert "There are more lines" in client.get("/c/programme/csv/").content.decode()


def test_the_file_of_a_dry_run_is_tried_so_often_a_minute(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: 1_800_000_000.0))
    client, sent = client_of(world.auditor), {"organisation": world.qinglan.pk, "line": "kits", "on": str(civil_today())}
    codes = [client.get("/c/programme/dry-run/csv/", sent).status_code for _n in range(3)]
    assert codes == [200, 200, 429]
    assert client.get("/c/programme/dry-run/", sent).status_code == 200


def test_a_dry_run_asks_as_often_for_many_sales_as_for_one(world: World) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as statements:
            run = cutover.dry_run(organisation=world.qinglan, line="kits", starts_on=civil_today() - 20 * DAY)
        assert [row for row in run.rows if row.kind == "sale"]
        return len(statements)

    sold(world)
    asked()  # what a process keeps is asked for once
    few = asked()
    for number in range(6):
        sold(world, project_no=f"MANY-{number}", buyer=f"明州第{number}医院")
    assert asked() == few


def test_a_dry_run_before_the_right_says_that_there_is_none(world: World) -> None:
    run = cutover.dry_run(organisation=world.qinglan, line="kits", starts_on=civil_today() - 400 * DAY)
    assert dict(run.counts)["right"] == 1


def test_compliance_tries_proposes_and_agrees_on_the_pages(world: World) -> None:
    sold(world)
    lead, second = client_of(world.lead), client_of(world.reviewer)
    sent = {"organisation": world.qinglan.pk, "line": "kits", "starts_on": str(civil_today() - 20 * DAY), "explanation": ""}
    tried = lead.post("/c/programme/propose/", {**sent, "try": "1"})
    assert tried.status_code == 200
    assert "Sales that would be flagged" in tried.content.decode()
    assert not Job.objects.filter(kind="match", state="waiting").exists()
    assert lead.post("/c/programme/propose/", {**sent, "propose": "1", "code": code_of(world.lead)}).status_code == 422
    sent["explanation"] = "Agreed with the contract of this year."
    assert lead.post("/c/programme/propose/", {**sent, "propose": "1", "code": code_of(world.lead)}).status_code == 302
    start = ProgrammeStart.objects.get(state="proposed")
    assert "another person must agree" in lead.get("/c/programme/").content.decode()
    assert (
        "S04" in second.get(f"/c/programme/dry-run/csv/?organisation={world.qinglan.pk}&line=kits&on={sent['starts_on']}").content.decode()
    )
    assert second.get(f"/c/programme/starts/{start.pk}/").status_code == 200
    assert second.post(f"/c/programme/starts/{start.pk}/agree/", {"code": code_of(world.reviewer)}).status_code == 302
    start.refresh_from_db()
    assert start.state == "effective"
    assert second.get(f"/c/programme/distributors/{world.qinglan.pk}/").status_code == 200


def test_postgresql_takes_no_first_day_in_one_piece(world: World) -> None:
    with pytest.raises(DatabaseError, match="begins as proposed"), transaction.atomic():
        ProgrammeStart.objects.create(
            organisation=world.qinglan, line="kits", starts_on=civil_today(), reason="start", explanation="Nobody agreed to it.",
            state="effective", proposed_by=world.lead, proposed_proof_id="P" * 26, agreed_by=world.reviewer, agreed_at=timezone.now(),
            agreed_proof_id="A" * 26, digest="0" * 64,
        )  # fmt: skip


def test_the_demonstration_begins_what_it_says(world: World) -> None:
    begin(world.people, world.qinglan.party, ["kits"], civil_today())
    assert queries.starts_of(world.qinglan.pk)["kits"] < civil_today()  # it had begun already, and stays so
