"""What waits is ordered by what confirming it would open; what is none of ours is set aside; a sample decides about the rest."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from certifications.evidence import bulk as sets
from certifications.evidence import intake as room
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.evidence.models_intake import BulkCheck, BulkRow, Weighing
from certifications.evidence.readers import Unreadable
from certifications.flags.models import Flag
from certifications.flow import bulk, evidence, intake
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.people.models import User
from certifications.resolution.models import ReportedName
from certifications.work.models import Job
from tests.flow.steps import work
from tests.parties.test_register import entered
from tests.world import World, client_of, code_of

pytestmark = pytest.mark.django_db

QINGLAN = "深圳市青岚科学仪器有限公司"
GRAVE = "库尔勒市公安局"
GOODS = "品目：STR荧光检测试剂盒，数量18盒，品牌科凡仪器，型号CI-2440-100，单价25800元"


def text_of(number: int, *, buyer: str = "宁波江南医院", seller: str = "喀什天山商贸有限公司", goods: str = GOODS) -> str:
    return (
        f"{buyer}试剂采购项目中标公告\n一、项目编号：NB-2026-{number:03d}\n二、采购人：{buyer}\n三、中标信息\n"
        f"供应商名称：{seller}\n中标金额：464400元\n四、主要标的信息\n{goods}\n公告日期：2026年6月11日\n"
    )


def captured(world: World, number: int = 1, address: str = "", **words: str) -> EvidenceDocument:
    document = evidence.capture(
        by=world.reviewer,
        content=text_of(number, **words).encode(),
        name="pasted.txt",
        origin="paste",
        source_url=address,
        form_key=new_ulid(),
    )
    work("read", "weigh")
    document.refresh_from_db()
    return document


def opens(document: EvidenceDocument) -> list[str]:
    return [one["rule"] for one in Weighing.objects.get(document=document).opens]


def test_what_a_confirmation_would_open_is_weighed_by_the_same_rules_and_writes_nothing_else(world: World) -> None:
    document = captured(world, buyer=GRAVE)
    assert opens(document) == ["B01", "B03", "B02", "S01"]
    assert Weighing.objects.get(document=document).rank == 50
    assert not Flag.objects.exists()
    assert not ReportedName.objects.exists(), "what nobody confirmed binds and asks nothing"


def test_what_was_weighed_with_others_is_not_weighed_again_by_a_message_of_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    document = captured(world)
    monkeypatch.setattr(intake, "state_key", None)
    assert intake.weigh_waiting(document.pk, "1") == 0


def test_what_cannot_be_read_is_weighed_as_unknown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def gives_up(*_: Any, **__: Any) -> Any:
        raise Unreadable("no_text")

    monkeypatch.setattr("certifications.evidence.actions.read_in_child", gives_up)
    document = captured(world)
    assert document.status == "unreadable"
    assert Weighing.objects.get(document=document).line_count == 0


def test_the_gravest_stands_first_and_says_why_in_words(world: World) -> None:
    mild, grave = captured(world, 1, seller=QINGLAN), captured(world, 2, buyer=GRAVE)
    page = client_of(world.reviewer).get("/c/evidence/queue/").content.decode()
    assert page.index(grave.number) < page.index(mild.number)
    assert "Restricted class of end user" in page
    assert "nine in ten wait at most" in page
    only = client_of(world.auditor).get("/c/evidence/queue/?opens=critical").content.decode()
    assert grave.number in only
    assert mild.number not in only
    assert grave.number in client_of(world.auditor).get("/c/evidence/queue/csv/").content.decode()
    assert mild.number in client_of(world.auditor).get("/c/evidence/queue/?q=" + QINGLAN).content.decode()


def test_it_is_weighed_again_when_the_register_changes(world: World) -> None:
    document = captured(world, seller="安徽淮河仪器有限公司")
    assert "S01" in opens(document)
    intake.follow()
    assert not Job.objects.filter(kind="weigh", object_id="all").exists(), "nothing changed"
    party = world.customer(native_name="安徽淮河仪器有限公司", latin_name="", uscc="", lei="").party
    entered(party)
    intake.follow()
    work("weigh")
    assert "S01" not in opens(document)


def test_goods_of_others_are_set_aside_counted_and_brought_back_for_good(world: World) -> None:
    ours = captured(world, 1)
    desks = captured(world, 2, buyer=GRAVE, goods="品目：办公桌，数量20张，品牌圣奥，型号SA-100，单价900元")
    assert not Weighing.objects.get(document=ours).is_aside
    client = client_of(world.reviewer)
    assert desks.number not in client.get("/c/evidence/queue/").content.decode()
    assert desks.number in client.get("/c/evidence/queue/?aside=1").content.decode()
    assert client.post(f"/c/evidence/queue/{desks.number}/back/").status_code == 302
    intake.weigh(desks)
    assert desks.number in client.get("/c/evidence/queue/").content.decode(), "weighed again it stays"
    with pytest.raises(StaleState):
        intake.bring_back(document=desks, by=world.reviewer)
    assert Event.objects.filter(verb="evidencedocument.brought_back", object_id=desks.pk).count() == 1


def test_what_the_notice_does_not_disclose_is_never_set_aside(world: World) -> None:
    assert not Weighing.objects.get(document=captured(world, goods="详见附件")).is_aside


def test_the_age_of_the_backlog(world: World) -> None:
    for number, days in enumerate((1, 2, 3, 40)):
        document = captured(world, number)
        at = document.captured_at - dt.timedelta(days=days)
        _age(document, at)
    told = room.backlog(EvidenceDocument.objects.all())
    assert (told.count, told.longest.days, told.nine_in_ten.days) == (4, 40, 40)


def _age(document: EvidenceDocument, at: dt.datetime) -> None:
    """The capture's time is kept by PostgreSQL; the copy that a test ages is another row."""
    values = {field.attname: getattr(document, field.attname) for field in document._meta.concrete_fields}
    values |= {"id": new_ulid(), "number": f"{document.number}-A"[:20], "form_key": new_ulid(), "captured_at": at}
    EvidenceDocument.objects.filter(pk=document.pk).update(status="withdrawn")
    EvidenceDocument.objects.create(**values)


# Confirmation by a sample


def many(world: World, count: int = 6, seller: str = QINGLAN) -> list[EvidenceDocument]:
    """Alike documents that would open nothing grave."""
    customer = world.customer(uscc="", lei="")
    assert customer
    made = [captured(world, number, seller=seller) for number in range(count)]
    # Nothing declared is grave: as if declarations covered them.
    Weighing.objects.filter(document__in=made).update(rank=20, opens=[{"rule": "B02", "severity": "low"}])
    return made


def drawn(world: World, documents: list[EvidenceDocument], size: int = 2) -> BulkCheck:
    held = Weighing.objects.get(document=documents[0])
    assert held.is_whole
    alike = sets.Alike(documents[0].reader, held.source, held.template, Decimal(0))
    return bulk.draw(alike=alike, sample_size=size, by=world.reviewer, form_key=new_ulid())


def checked(world: World, held: BulkCheck, *, wrong: int = 0) -> None:
    """The sample confirmed one by one over the page, the first `wrong` of it corrected."""
    for place, row in enumerate(held.rows.filter(in_sample=True).order_by("position")):
        confirmed(world, row.document, "corrected" if place < wrong else "")


def confirmed(world: World, document: EvidenceDocument, change: str = "") -> None:
    client = client_of(world.reviewer)
    formset = client.get(f"/c/evidence/{document.number}/").context["formset"]
    sent: dict[str, Any] = {"line-TOTAL_FORMS": "1", "line-INITIAL_FORMS": "1"}
    for name in formset.forms[0].fields:
        value = formset.forms[0][name].value()
        if value not in {None, "", False}:
            sent[f"line-0-{name}"] = value.isoformat() if isinstance(value, dt.date) else value
    if change:
        sent["line-0-project_no"] = change
    assert client.post(f"/c/evidence/{document.number}/", sent).status_code == 302


@pytest.fixture
def lenient(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small sets may pass, and what the rules would raise of these sales is low: nothing was declared for them in a test."""
    monkeypatch.setattr("certifications.evidence.intake.LIMITS", (Decimal("0.005"), Decimal("0.9")))
    monkeypatch.setattr("certifications.flow.bulk.weigh", lambda document: Weighing.objects.get(document=document))


def allow(world: World, limit: str = "0.2") -> None:
    intake.set_limit(limit=Decimal(limit), reason="As the lead decided for this test.", by=world.lead)


def test_a_set_is_alike_and_holds_nothing_grave_and_nothing_that_lacks_something(world: World) -> None:
    documents = many(world, 3)
    grave = captured(world, 50, buyer=GRAVE)
    elsewhere = captured(world, 51, address="https://ccgp.example/51", seller=QINGLAN)
    held = drawn(world, documents)
    numbers = set(held.rows.values_list("document__number", flat=True))
    assert numbers == {document.number for document in documents}
    assert not numbers & {grave.number, elsewhere.number}
    with pytest.raises(NotAllowed):
        drawn(world, documents)
    assert {row.document.number for row in held.rows.filter(in_sample=True)} == set(
        sets.drawn([document.number for document in documents], 2, held.seed)
    )


def test_a_correction_counts_as_wrong_and_the_bound_forbids_the_rest(world: World) -> None:
    documents = many(world)
    allow(world)
    held = drawn(world, documents)
    with pytest.raises(NotAllowed) as refused:
        bulk.confirm_rest(bulk=held, by=world.reviewer, digest=sets.act_digest(held), code=code_of(world.reviewer))
    assert refused.value.code == "sample"
    checked(world, held, wrong=1)
    told = sets.measured(held)
    assert (told.checked, told.wrong) == (2, 1)
    with pytest.raises(NotAllowed) as refused:
        bulk.confirm_rest(bulk=held, by=world.reviewer, digest=sets.act_digest(held), code=code_of(world.reviewer))
    assert refused.value.code == "limit"
    page = client_of(world.reviewer).get(f"/c/evidence/samples/{held.number}/").content.decode()
    assert "every document is confirmed by hand" in page
    bulk.abandon(bulk=held, by=world.reviewer)
    assert drawn(world, documents).row_count == 4, "the others may be in another set"


def passed(world: World, documents: list[EvidenceDocument], size: int = 14) -> BulkCheck:
    """Enough checked, none wrong: 14 for a limit of 20 %."""
    allow(world)
    held = drawn(world, documents, size)
    checked(world, held)
    assert sets.measured(held).will_do
    return held


@pytest.mark.usefixtures("lenient")
def test_the_rest_is_confirmed_in_one_act_with_the_rate_on_record_and_taken_back_whole(world: World) -> None:
    documents = many(world, 17)
    held = passed(world, documents)
    late = held.rows.filter(in_sample=False).order_by("position").last()
    assert late is not None
    Weighing.objects.filter(document=late.document).update(rank=40)
    digest = sets.act_digest(held)
    with pytest.raises(NotAllowed):
        bulk.confirm_rest(bulk=held, by=world.reviewer, digest="0" * 64, code=code_of(world.reviewer))
    page = client_of(world.reviewer).get(f"/c/evidence/samples/{held.number}/")
    assert len(page.context["rows"]) == 2
    sent = {"digest": digest, "code": code_of(world.reviewer)}
    assert client_of(world.reviewer).post(f"/c/evidence/samples/{held.number}/", sent).status_code == 302
    work("bulk", "match", "names")
    held.refresh_from_db()
    assert (held.status, held.wrong, held.confirmed_by) == ("confirmed", 0, world.reviewer)
    assert sorted(held.rows.filter(in_sample=False).values_list("outcome", flat=True)) == ["confirmed", "confirmed", "grave"]
    late.document.refresh_from_db()
    assert late.document.status == "read", "what would open something grave is never confirmed so"
    line = EvidenceLine.objects.get(document=held.rows.filter(outcome="confirmed")[0].document)
    assert line.extraction["by_sample"]["of"] == 14
    assert line.confirmed_by == world.reviewer
    _grave_flags_stop_it(world, held)
    Flag.objects.filter(severity__in=["high", "critical"]).update(state="closed", closed_at=held.confirmed_at)
    bulk.undo(bulk=held, by=world.lead, reason="The template had changed in June.")
    work("bulk", "read")
    held.refresh_from_db()
    assert held.status == "undone"
    rows = list(held.rows.filter(outcome="undone").select_related("document", "again"))
    assert {row.document.status for row in rows} == {"withdrawn"}
    assert {row.again.status for row in rows if row.again} == {"read"}, "they wait in the queue again"
    assert {row.document.sha256 for row in rows} == {row.again.sha256 for row in rows if row.again}
    assert held.rows.filter(in_sample=True, document__status="confirmed").count() == 14, "what was checked by hand stays"


def _grave_flags_stop_it(world: World, held: BulkCheck) -> None:
    with pytest.raises(NotAllowed) as refused:
        bulk.undo(bulk=held, by=world.lead, reason="The template had changed in June.")
    assert refused.value.code == "open_flags"


@pytest.mark.usefixtures("lenient")
def test_what_changed_since_it_was_drawn_is_left_out(world: World) -> None:
    documents = many(world, 16)
    held = passed(world, documents)
    first, second = held.rows.filter(in_sample=False).order_by("position")
    bulk.confirm_rest(bulk=held, by=world.reviewer, digest=sets.act_digest(held), code=code_of(world.reviewer))
    evidence.withdraw(document=first.document, by=world.lead, reason="Captured by mistake.")
    work("bulk")
    assert [BulkRow.objects.get(pk=row.pk).outcome for row in (first, second)] == ["changed", "confirmed"]


def test_corrections_of_a_sample_become_regression_cases_as_ever(world: World, tmp_path: Any) -> None:
    documents = many(world, 2)
    held = drawn(world, documents, 1)
    checked(world, held, wrong=1)
    call_command("keep_corrections", str(tmp_path))
    assert len(list(tmp_path.glob("*.toml"))) == 1


def test_only_a_lead_sets_the_limit_and_it_has_bounds(world: World) -> None:
    with pytest.raises(PermissionDenied):
        intake.set_limit(limit=Decimal("0.05"), reason="Because it is so.", by=world.reviewer)
    for limit in ("0.004", "0.21"):
        with pytest.raises(NotAllowed) as refused:
            intake.set_limit(limit=Decimal(limit), reason="Because it is so.", by=world.lead)
        assert refused.value.code == "limit"
    assert room.limit_now() == Decimal("0.05")
    lead: User = world.lead
    assert client_of(lead).post("/c/evidence/samples/limit/", {"limit": "2", "reason": "Two in a hundred are enough."}).status_code == 302
    assert room.limit_now() == Decimal("0.02")


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE certifications_bulkcheck SET seed = 'x'", "never changes"),
        ("UPDATE certifications_bulkrow SET in_sample = NOT in_sample", "never changes"),
        ("DELETE FROM certifications_bulkrow", "never changed or removed"),
        (
            "UPDATE certifications_bulkcheck SET status = 'confirming', wrong = 0, upper = 0.01, \"limit\" = 0.05, confirmed_at = now(), confirmed_by_id = drawn_by_id",
            "a whole sample within the limit",
        ),
    ],
)
def test_postgresql_keeps_the_draw_and_lets_nothing_pass_that_was_not_checked(world: World, statement: str, why: str) -> None:
    drawn(world, many(world, 2), 1)
    with pytest.raises(DatabaseError, match=why), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_set_is_drawn_over_the_page(world: World) -> None:
    many(world, 3)
    client = client_of(world.reviewer)
    page = client.get("/c/evidence/samples/")
    choice = page.context["form"].fields["alike"].choices[0][0]
    sent = {"form_key": new_ulid(), "alike": choice, "least_confidence": "0", "sample_size": "9"}
    refused = client.post("/c/evidence/samples/", sent)
    assert refused.status_code == 422
    assert "3 documents" in refused.content.decode()
    answer = client.post("/c/evidence/samples/", {**sent, "sample_size": "1"})
    assert answer.status_code == 302
    assert client.post("/c/evidence/samples/", {**sent, "sample_size": "1"}).headers["Location"] == answer.headers["Location"], "sent twice"
    assert "Check the next one" in client.get(answer.headers["Location"]).content.decode()
    assert client_of(world.filer).get(answer.headers["Location"]).status_code == 404
