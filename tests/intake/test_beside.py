"""Many notices at once beside others who work on the same: nothing twice, nothing forgotten, and nobody waits longer than need be."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, connection
from django.test.utils import CaptureQueriesContext

from certifications import tasks, tasks_signer
from certifications.evidence import actions as room
from certifications.evidence.models import EvidenceDocument
from certifications.evidence.models_intake import Weighing
from certifications.flags.models import Case, Flag
from certifications.flow import evidence, intake, judging, resolution
from certifications.resolution.models import ReportedName
from certifications.work import actions as work
from certifications.work.models import Job
from tests.flags.cases import line
from tests.flow.steps import work as done_by_workers
from tests.world import World

from .test_together import kept, queued

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


def test_until_what_was_flagged_is_written_nobody_else_judges_a_line_of_the_sale(world: World) -> None:
    award = line(world, project_no="F-9")
    free: list[tuple[str, bool]] = []

    def look() -> None:
        # By a connection of its own, as another worker would.
        with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
            for sale in (f"sale:{award.project_key}:{award.buyer_key}", "sale:another:one"):
                [(is_free,)] = other.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [sale]).fetchall()
                free.append((sale, is_free))

    evidence.match_lines([award.pk], last=look)
    assert [is_free for _sale, is_free in free] == [False, True]


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


def breaks_at(monkeypatch: pytest.MonkeyPatch, project_no: str) -> None:
    """The rules cannot be asked about a line of this project."""
    whole = judging.evaluate_line

    def asked(facts: Any) -> Any:
        if facts.project_no == project_no:
            raise ValueError
        return whole(facts)

    monkeypatch.setattr(judging, "evaluate_line", asked)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the jobs for which a message left."""
    told: list[str] = []
    monkeypatch.setattr(work, "_sender", lambda _kind, job_id: told.append(job_id))
    return told


def states(jobs: list[Job]) -> list[tuple[str, int, bool]]:
    """State, failures, whether somebody holds it."""
    found = Job.objects.in_bulk([job.pk for job in jobs])
    return [(found[job.pk].state, found[job.pk].failures, found[job.pk].lease_until is not None) for job in jobs]


def test_what_failed_together_is_not_done_singly_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch, sent: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    jobs = queued("match", [line(world, project_no=f"H-{n}").pk for n in range(4)])
    breaks_at(monkeypatch, "H-3")
    monkeypatch.setattr(tasks_signer, "EACH_SECONDS", -1.0)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.match(jobs[0].pk)
    assert states(jobs) == [("done", 1, False), *[("waiting", 0, False)] * 3]
    assert len(sent) == 1, "one message for all that was given back"
    assert sent[0] in {job.pk for job in jobs[1:]}
    monkeypatch.undo()
    tasks.match(sent[0])
    assert {state for state, _failures, _held in states(jobs)} == {"done"}


def test_what_was_not_begun_is_given_back_before_what_may_end_the_process(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = queued("match", [line(world, project_no=f"H-{n}").pk for n in range(3)])
    breaks_at(monkeypatch, "H-1")
    monkeypatch.setattr(tasks_signer, "BEGUN_WITHIN_SECONDS", -1.0)
    seen: list[list[tuple[str, int, bool]]] = []
    whole = tasks_signer._do
    monkeypatch.setattr(tasks_signer, "_do", lambda *given: seen.append(states(jobs)) or whole(*given))
    tasks.match(jobs[0].pk)
    assert seen == [[("waiting", 1, True), ("waiting", 0, False), ("waiting", 0, False)]]


def test_where_not_even_the_failure_can_be_written_the_others_are_given_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = queued("match", [line(world, project_no=f"H-{n}").pk for n in range(3)])
    breaks_at(monkeypatch, "H-0")
    tried: list[int] = []
    whole = work.give_back

    def away(*_given: Any) -> None:
        raise InterfaceError

    def back_soon(held: Any) -> None:
        tried.append(len(held))
        if len(tried) == 1:
            raise InterfaceError
        whole(held)

    monkeypatch.setattr(work, "fail", away)
    monkeypatch.setattr(work, "give_back", back_soon)
    monkeypatch.setattr(tasks_signer, "AWAY_SECONDS", 0.0)
    with pytest.raises(InterfaceError):
        tasks.match(jobs[0].pk)
    assert states(jobs) == [("waiting", 1, True), ("waiting", 0, False), ("waiting", 0, False)]
    assert tried == [2, 2]


def test_of_lines_that_another_worker_holds_by_now_nothing_is_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line(world, project_no=f"I-{n}") for n in range(3)]
    jobs = queued("match", [one.pk for one in lines])
    taken = Job.objects.filter(pk=jobs[1].pk)
    meanwhile(monkeypatch, lambda: taken.update(attempts=2))
    tasks.match(jobs[0].pk)
    assert [Flag.objects.filter(line=one).exists() for one in lines] == [True, False, True]
    assert set(Flag.objects.values_list("count", flat=True)) == {1}, "what was done together was undone"
    assert [state for state, _failures, _held in states(jobs)] == ["done", "waiting", "done"]


def test_of_documents_that_another_worker_holds_by_now_nothing_is_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = kept(world, 1, 2)
    done_by_workers("read")
    jobs = list(Job.objects.filter(kind="weigh").order_by("pk"))
    whole = intake.gather

    def slowly(*given: Any) -> Any:
        Job.objects.filter(object_id=documents[0].pk, kind="weigh").update(attempts=5)
        return whole(*given)

    monkeypatch.setattr(intake, "gather", slowly)
    tasks.weigh(jobs[0].pk)
    assert list(Weighing.objects.values_list("document", flat=True)) == [documents[1].pk]


def test_while_one_reads_another_worker_finds_work(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = kept(world, *range(1, 14))
    free: list[int] = []
    whole = room.propose

    def slowly(*given: Any) -> Any:
        free.append(Job.objects.filter(kind="read", state="waiting", lease_until=None).count())
        return whole(*given)

    monkeypatch.setattr(room, "propose", slowly)
    monkeypatch.setattr(tasks, "READING_SECONDS", 60.0)
    tasks.read(Job.objects.get(kind="read", object_id=documents[0].pk).pk)
    assert free == [3] * 10 + [0] * 3, "ten at a time, and the rest when there is time left"
    assert EvidenceDocument.objects.filter(status="read").count() == 13


def test_where_the_broker_is_away_all_rows_say_that_no_message_left(
    db: None, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def away(*_given: Any) -> None:
        raise OSError

    monkeypatch.setattr(work, "_sender", away)
    with django_capture_on_commit_callbacks(execute=True):
        work.enqueue_together("weigh", ["A" * 26, "B" * 26])
    assert list(Job.objects.values_list("sent_at", flat=True)) == [None, None]


def test_the_message_is_of_a_row_that_is_there(db: None, sent: list[str], django_capture_on_commit_callbacks: Any) -> None:
    before = work.enqueue("weigh", "A" * 26)
    with django_capture_on_commit_callbacks(execute=True):
        work.enqueue_together("weigh", ["A" * 26, "B" * 26])
    assert sent == [Job.objects.exclude(pk=before.pk).get().pk]


def test_a_document_that_cannot_be_weighed_stops_no_round(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = kept(world, 1, 2, 3, 4)
    evidence.read_many([one.pk for one in documents])
    whole = intake._proposed

    def breaks(document: EvidenceDocument, *more: Any) -> Any:
        if document.pk == documents[0].pk:
            raise ValueError
        return whole(document, *more)

    monkeypatch.setattr(intake, "_proposed", breaks)
    monkeypatch.setattr(intake, "BATCH", 2)
    intake.follow()
    job = Job.objects.get(kind="weigh", object_id="all")
    tasks.weigh(job.pk)
    for follows in Job.objects.filter(kind="weigh", object_id__startswith="all:").order_by("pk"):
        tasks.weigh(follows.pk)
    job.refresh_from_db()
    assert job.state == "done"
    assert set(Weighing.objects.values_list("document", flat=True)) == {one.pk for one in documents[1:]}


def test_a_day_at_the_end_of_time_is_no_day(world: World) -> None:
    """It stands for "for ever" in tables, and no day follows it up to which anything could have been known."""
    [document] = kept(world, 1)
    evidence.read_many([document.pk])
    document.refresh_from_db()
    EvidenceDocument.objects.filter(pk=document.pk).update(proposal={**document.proposal, "published_on": "9999-12-31"})
    assert intake.weigh_these([document.pk]) == 1
    weighing = Weighing.objects.get()
    assert not weighing.is_whole, "a person enters the day"
