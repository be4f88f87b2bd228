"""Many notices at once are dealt with as each by itself would be, and one that cannot be keeps no other from it."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from certifications import tasks
from certifications.declarations.models import Declaration
from certifications.evidence import actions as room
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.evidence.models_intake import Weighing
from certifications.files.actions import Damaged
from certifications.flags.models import Case, CountedSale, Flag
from certifications.flow import evidence, intake, judging
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.letters.models import LetterReminder
from certifications.mail.models import Mail
from certifications.work import actions as work
from certifications.work.models import Job
from tests.attestations.conftest import become
from tests.authority import Authority
from tests.flags.cases import captured, line
from tests.flow.steps import work as done_by_workers
from tests.letters.asked import sealed
from tests.programme.test_first_day import from_day
from tests.world import World, make_world

from .test_queue import text_of

pytestmark = pytest.mark.django_db
QINGLAN, LIKE, YUHUA = "深圳市青岚科学仪器有限公司", "深圳青岚科学仪器股份有限公司", "南京雨桦实验器材有限公司"
TWO: dict[str, Any] = {
    "stage": "award", "buyer": "库尔勒市公安局", "seller": "嘉兴远昌贸易有限公司", "happened_on": dt.date(2026, 6, 1),
    "project_no": "B-9", "product_text": "STR荧光检测试剂盒",
}  # fmt: skip


def many_lines(world: World) -> list[EvidenceLine]:
    """What notices say in all the ways in which the rules differ, two lines of one document and one sale in two documents among them."""
    made = [
        line(world),
        line(world, buyer="宁波江南医院", seller=QINGLAN, project_no="A-2"),
        line(world, buyer="宁波江南医院", seller=QINGLAN, project_no="A-3", product_id="", product_text="试剂"),
        line(world, buyer="宁波江南医院", seller=LIKE, project_no="A-4"),
        line(world, buyer="乌鲁木齐市中级人民法院", seller="", seller_withheld=True, project_no="A-5"),
        line(world, buyer="吐鲁番市公安局", stage="candidate", project_no=""),
        line(world, buyer="和田地区公安局", project_no="A-7", amount=Decimal(100)),
        line(world, buyer="和田地区公安局", project_no="A-7", stage="contract", amount=Decimal(90)),
        line(world, buyer="杭州西溪医院", seller="喀什天山商贸有限公司", project_no="A-8", region="新疆维吾尔自治区"),
    ]
    two = room.LineData(**{**TWO, "project_no": "A-9"})
    return [*made, *room.confirm(document=captured(world), by=world.reviewer, lines=[two, two])]


def what_came_of(lines: Iterable[EvidenceLine]) -> dict[str, Any]:
    """All that judging wrote, without ids and times that differ each time."""
    words = {one.pk: f"line {number}" for number, one in enumerate(lines)}
    flags = [
        (
            words[flag.line_id],
            flag.rule,
            flag.severity,
            flag.state,
            flag.count,
            flag.party_id,
            flag.inputs,
            flag.thresholds,
            flag.case.subject,
        )
        for flag in Flag.objects.filter(line__in=words).select_related("case")
    ]
    cases = [
        (case.subject, case.title_name, case.status, case.document_id, round((case.due_at - case.opened_at).total_seconds() / 3600))
        for case in Case.objects.all()
    ]
    told = Event.objects.exclude(verb__startswith="reportedname").filter(verb__regex=r"^(flag|case|evidenceline)\.")
    events = [(event.verb, event.sequence, event.actor_id, {k: v for k, v in event.data.items() if k != "case"}) for event in told]
    counted = [(words[one.line_id], one.place, one.rules) for one in CountedSale.objects.filter(line__in=words)]
    # Of a case in which two lines raise something grave people are told once, not twice in one second.
    mails = set(case_mails()) | {(mail.template, mail.to_email, mail.language) for mail in Mail.objects.filter(template="letter_award")}
    moves = Event.objects.filter(verb__in=("declaration.screening", "letter.told")).values_list("verb", "object_id", "data")
    again = [(verb, pk, {**data, "because": words.get(data.get("because", "").removeprefix("line-"))}) for verb, pk, data in moves]
    waiting = list(Declaration.objects.values_list("pk", "status"))
    hints = [(letter, words.get(pk)) for letter, pk in LetterReminder.objects.values_list("letter", "line")]
    found = {"flags": flags, "cases": cases, "events": events, "counted": counted, "mails": mails, "again": again, "waiting": waiting}
    found["hints"] = hints
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def case_mails() -> list[tuple[str, str, str]]:
    """Whom a case was told to, each time: its subject, the address and the language."""
    subjects = dict(Case.objects.values_list("number", "subject"))
    mails = Mail.objects.filter(template="case_opened")
    return [
        (next(about for number, about in subjects.items() if number in f"{mail.subject} {mail.body}"), mail.to_email, mail.language)
        for mail in mails
    ]


def undone(act: Callable[[], Any]) -> Any:
    """What the act returns; all that it wrote is taken back."""
    with transaction.atomic():
        told = act()
        transaction.set_rollback(True)
    return told


def judged_alone(lines: list[EvidenceLine]) -> dict[str, Any]:
    """What comes of the lines where each is judged by itself."""
    for one in lines:
        evidence.match_line(one.pk)
    return what_came_of(lines)


def judged_together(lines: list[EvidenceLine]) -> dict[str, Any]:
    """The same where all are judged at once. Whoever decides is told once of each case."""
    before = Counter(case_mails())
    evidence.match_lines([one.pk for one in lines])
    assert set((Counter(case_mails()) - before).values()) == {1}, "each is told once of each case"
    return what_came_of(lines)


def test_lines_judged_together_raise_what_each_by_itself_does(world: World) -> None:
    lines = many_lines(world)

    one_by_one, at_once = undone(lambda: judged_alone(lines)), undone(lambda: judged_together(lines))
    assert at_once == one_by_one
    rules = {row[1] for row in at_once["flags"]}
    assert rules >= {"S01", "S04", "L01", "B01", "B02", "B03"}, "the lines are as different as they are meant to be"
    assert at_once["mails"]


def test_what_is_not_plain_is_judged_together_too(world: World) -> None:
    """Sales from before the first day, lines on which something was raised before, and a case that is open already."""
    first_day = dt.date.today() - dt.timedelta(days=30)
    from_day(world, first_day)
    lines = many_lines(world)
    before = first_day - dt.timedelta(days=40)
    lines += [line(world, buyer="宁波江南医院", seller=QINGLAN, project_no=f"B-{n}", happened_on=before) for n in range(2)]
    for one in (*lines[:3], lines[-1]):
        evidence.match_line(one.pk)
    evidence.match_line(room.confirm(document=captured(world), by=world.reviewer, lines=[room.LineData(**TWO), room.LineData(**TWO)])[0].pk)
    lines.append(EvidenceLine.objects.get(position=1, project_no="B-9"))

    one_by_one, at_once = undone(lambda: judged_alone(lines)), undone(lambda: judged_together(lines))
    assert at_once == one_by_one
    assert at_once["counted"]
    assert max(row[4] for row in at_once["flags"]) > 1, "what was raised before is counted again"


def test_declarations_go_round_again_and_a_letter_is_spoken_of_together_as_one_by_one(
    roles: None, db: None, settings: Any, authority: Authority
) -> None:
    """Ready declarations of two sellers, of whom something grave is raised, and the award of a tender that a letter was given for."""
    settings.TRUST_DIR = authority.trust_folder
    become("portal_app")
    world = make_world()
    sealed(world, authority)
    for by, signs in (("filer", "signatory"), ("stranger", "stranger")):
        declaration = world.signed(world.draft(by=by), by=signs)
        Declaration.objects.filter(pk=declaration.pk).update(status="screening")
        Declaration.objects.filter(pk=declaration.pk).update(status="ready")
    lines = [
        line(world, buyer="成都岷江妇产医院", seller=seller, project_no=f"L-{n}", happened_on=civil_today())
        for n, seller in enumerate((YUHUA, QINGLAN, YUHUA, QINGLAN))
    ]
    award = {"project_no": "NBHS-2026-0044", "buyer": "宁波海曙妇幼保健院", "seller": YUHUA}
    lines += [line(world, **award, happened_on=civil_today()), *many_lines(world)]

    one_by_one, at_once = undone(lambda: judged_alone(lines)), undone(lambda: judged_together(lines))
    assert at_once == one_by_one
    assert [status for _pk, status in at_once["waiting"]] == ["screening", "screening"]
    assert len(at_once["again"]) >= 2
    assert len(at_once["hints"]) == 1
    assert "letter_award" in {mail[0] for mail in at_once["mails"]}


def queued(kind: str, ids: Iterable[str]) -> list[Job]:
    return [work.enqueue(kind, pk) for pk in ids]


def test_a_line_that_cannot_be_judged_keeps_no_other_from_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line(world, project_no=f"C-{n}") for n in range(3)]
    jobs = queued("match", [one.pk for one in lines])
    whole = judging.evaluate_line

    def breaks(facts: Any) -> Any:
        if facts.project_no == "C-1":
            raise ValueError
        return whole(facts)

    monkeypatch.setattr(judging, "evaluate_line", breaks)
    tasks.match(jobs[0].pk)
    raised = {one.pk: Flag.objects.filter(line=one).count() for one in lines}
    assert [raised[one.pk] > 0 for one in lines] == [True, False, True]
    assert list(Job.objects.filter(pk__in=[job.pk for job in jobs]).order_by("pk").values_list("state", "failures")) == [
        ("done", 1),
        ("waiting", 1),
        ("done", 1),
    ]
    assert set(Flag.objects.values_list("count", flat=True)) == {1}, "what failed together left nothing behind"
    monkeypatch.undo()
    Job.objects.filter(state="waiting").update(due_at=timezone.now())
    tasks.match(jobs[1].pk)
    assert Flag.objects.filter(line=lines[1]).exists()


def test_one_job_takes_those_that_wait_beside_it_and_their_messages_find_nothing(world: World) -> None:
    lines = [line(world, project_no=f"D-{n}") for n in range(3)]
    jobs = queued("match", [one.pk for one in lines])
    tasks.match(jobs[1].pk)
    assert set(Job.objects.filter(kind="match").values_list("state", "attempts")) == {("done", 1)}
    before = what_came_of(lines)
    for job in jobs:
        tasks.match(job.pk)
    assert what_came_of(lines) == before


def test_what_took_its_worker_down_is_done_alone(world: World) -> None:
    jobs = queued("match", [line(world, project_no=f"E-{n}").pk for n in range(3)])
    held = work.claim(jobs[0].pk)
    assert held is not None
    assert [one.job.pk for one in work.claim_beside(held, 99)] == [job.pk for job in jobs[1:]]
    # The process ends here; nobody finishes, and the leases run out.
    Job.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    later = queued("match", [line(world, project_no="E-9").pk])[0]
    again = work.claim(jobs[0].pk)
    assert again is not None
    assert work.claim_beside(again, 99) == [], "nothing beside what was held when a process ended"
    fresh = work.claim(later.pk)
    assert fresh is not None
    assert work.claim_beside(fresh, 99) == [], "and it is beside nothing else"
    # Two workers that come at once never hold the same; whoever was late finishes nothing.
    assert work.finish_all([held, *(work.Claim(job, 1) for job in jobs[1:])]) == 2
    assert Job.objects.get(pk=jobs[0].pk).state == "waiting"


def test_only_what_is_due_and_of_the_same_kind_and_version_is_taken_along(world: World) -> None:
    first = work.enqueue("match", "A" * 26)
    other = [
        work.enqueue("match", "B" * 26, version="name-1"),
        work.enqueue("weigh", "C" * 26),
        work.enqueue("match", "D" * 26, delay=dt.timedelta(hours=1)),
    ]
    held = work.claim(first.pk)
    assert held is not None
    assert work.claim_beside(held, 99) == []
    assert set(Job.objects.filter(pk__in=[job.pk for job in other]).values_list("attempts", flat=True)) == {0}


def kept(world: World, *numbers: int, **words: str) -> list[EvidenceDocument]:
    return [
        evidence.capture(by=world.reviewer, content=text_of(n, **words).encode(), name="pasted.txt", origin="paste", form_key=new_ulid())
        for n in numbers
    ]


def read_as(documents: Iterable[EvidenceDocument]) -> list[Any]:
    found = EvidenceDocument.objects.filter(pk__in=[one.pk for one in documents]).order_by("pk")
    told = Event.objects.filter(object_type="EvidenceDocument").order_by("object_id", "sequence")
    return [
        list(found.values_list("status", "text", "proposal", "reader", "title", "problem")),
        list(told.values_list("verb", "object_id", "sequence", "data")),
        sorted(Job.objects.filter(kind="weigh").values_list("object_id", flat=True)),
    ]


def test_notices_read_together_are_read_as_each_by_itself(world: World) -> None:
    documents = kept(world, 1, 2) + [
        evidence.capture(by=world.reviewer, content=b"%PDF-1.4\nbroken", name="x.pdf", origin="upload", form_key=new_ulid())
    ]

    def alone() -> list[Any]:
        for one in documents:
            evidence.read(one.pk)
        return read_as(documents)

    def together() -> list[Any]:
        evidence.read_many([one.pk for one in documents])
        return read_as(documents)

    one_by_one, at_once = undone(alone), undone(together)
    assert at_once == one_by_one
    assert {row[0] for row in at_once[0]} == {"read", "unreadable"}


def test_a_file_that_is_gone_and_a_document_that_was_withdrawn_keep_no_other_from_being_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, gone, withdrawn, last = kept(world, 1, 2, 3, 4)
    evidence.withdraw(document=withdrawn, by=world.reviewer, reason="It was pasted by mistake.")
    whole = room.read

    def missing(blob: Any) -> bytes:
        if blob.pk == gone.blob_id:
            raise Damaged("missing")
        return whole(blob)

    monkeypatch.setattr(room, "read", missing)
    tasks.read(Job.objects.get(kind="read", object_id=good.pk).pk)
    states = dict(EvidenceDocument.objects.values_list("pk", "status"))
    assert [states[one.pk] for one in (good, gone, withdrawn, last)] == ["read", "captured", "withdrawn", "read"]
    jobs = dict(Job.objects.filter(kind="read").values_list("object_id", "state"))
    assert [jobs[one.pk] for one in (good, gone, withdrawn, last)] == ["done", "waiting", "done", "done"]
    assert Job.objects.get(kind="read", object_id=gone.pk).last_error.startswith("Damaged")


def test_what_a_worker_does_not_come_to_is_read_by_the_next_and_did_not_fail(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = kept(world, 1, 2, 3)
    monkeypatch.setattr(tasks, "READING_SECONDS", -1.0)
    tasks.read(Job.objects.get(kind="read", object_id=documents[0].pk).pk)
    left = Job.objects.filter(kind="read", state="waiting")
    assert EvidenceDocument.objects.filter(status="read").count() == 1
    assert set(left.values_list("failures", "lease_until")) == {(0, None)}
    assert left.count() == 2
    done_by_workers("read")
    assert EvidenceDocument.objects.filter(status="read").count() == 3


def test_what_was_read_together_is_weighed_by_one_message(
    world: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    documents = kept(world, 1, 2, 3)
    sent: list[str] = []
    monkeypatch.setattr(work, "_sender", lambda kind, _job: sent.append(kind))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.read(Job.objects.get(kind="read", object_id=documents[0].pk).pk)
    assert sent == ["weigh"]
    tasks.weigh(Job.objects.filter(kind="weigh").order_by("pk")[0].pk)
    assert Weighing.objects.count() == 3
    assert set(Job.objects.filter(kind="weigh").values_list("state", flat=True)) == {"done"}


def weighings() -> list[Any]:
    fields = [field.attname for field in Weighing._meta.concrete_fields if field.name != "weighed_at"]
    return list(Weighing.objects.order_by("pk").values_list(*fields))


def test_documents_weighed_together_are_weighed_as_each_by_itself(world: World) -> None:
    documents = kept(world, 1) + kept(world, 2, buyer="库尔勒市公安局") + kept(world, 3, seller=QINGLAN) + kept(world, 4, goods="详见附件")
    evidence.read_many([one.pk for one in documents])

    def alone() -> list[Any]:
        for one in documents:
            intake.weigh_waiting(one.pk, "1")
        return weighings()

    def together() -> list[Any]:
        intake.weigh_these([one.pk for one in documents])
        return weighings()

    one_by_one, at_once = undone(alone), undone(together)
    assert at_once == one_by_one
    assert len({row[1] for row in at_once}) > 1, "some open more than others"


def test_one_that_cannot_be_weighed_keeps_nobody_else_from_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = kept(world, 1, 2, 3)
    done_by_workers("read")
    whole = intake._proposed

    def breaks(document: EvidenceDocument, *more: Any) -> Any:
        if document.pk == documents[1].pk:
            raise ValueError
        return whole(document, *more)

    monkeypatch.setattr(intake, "_proposed", breaks)
    tasks.weigh(Job.objects.filter(kind="weigh").order_by("pk")[0].pk)
    assert set(Weighing.objects.values_list("document", flat=True)) == {documents[0].pk, documents[2].pk}
    assert Job.objects.get(kind="weigh", object_id=documents[1].pk).state == "waiting"


def test_reading_stops_by_the_clock_and_reads_one_at_least(world: World) -> None:
    documents = kept(world, 1, 2)
    assert evidence.read_many([one.pk for one in documents], until=time.monotonic() - 1) == 1
