"""Work is a row: one worker at a time, a late one writes nothing, a failure is tried five times, a lost message is sent again."""

import datetime as dt

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from certifications import tasks
from certifications.work import actions
from certifications.work.actions import claim, enqueue, enqueue_many, fail, finish, postpone, resend_idle, retry
from certifications.work.models import Job
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the messages that left, in place of a broker."""
    left: list[str] = []
    monkeypatch.setattr(actions, "_sender", lambda _kind, job_id: left.append(job_id))
    return left


@pytest.fixture
def job(sent: list[str]) -> Job:
    """One waiting row."""
    return enqueue("rescreen", "0" * 26)


def again(job: Job) -> Job:
    """The row as it is now."""
    return Job.objects.get(pk=job.pk)


def due_now(job: Job) -> None:
    """Its pause is over."""
    Job.objects.filter(pk=job.pk).update(due_at=F("created_at"))


def test_asking_twice_for_the_same_is_one_row_and_a_new_version_is_another(sent: list[str]) -> None:
    assert enqueue("advance", "X").pk == enqueue("advance", "X").pk
    assert enqueue("advance", "X", version="2").pk != enqueue("advance", "X").pk
    assert Job.objects.count() == 2


def test_the_pieces_of_a_round_are_rows_once_and_leave_together(sent: list[str], django_capture_on_commit_callbacks: object) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        enqueue_many("rescreen_chunk", ["a:0", "a:1"])
        assert sent == []
    assert sorted(sent) == sorted(Job.objects.filter(kind="rescreen_chunk", sent_at__isnull=False).values_list("pk", flat=True))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        enqueue_many("rescreen_chunk", ["a:1", "a:2"])
    assert sorted(Job.objects.values_list("object_id", flat=True)) == ["a:0", "a:1", "a:2"]


def test_pieces_that_a_broken_broker_did_not_take_are_sent_again(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    taken: list[str] = []

    def takes_one(_kind: str, job_id: str) -> None:
        if taken:
            raise ConnectionError
        taken.append(job_id)

    monkeypatch.setattr(actions, "_sender", takes_one)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        enqueue_many("rescreen_chunk", ["a:0", "a:1", "a:2"])
    assert Job.objects.filter(sent_at__isnull=False).count() == 1
    later: list[str] = []
    monkeypatch.setattr(actions, "_sender", lambda _kind, job_id: later.append(job_id))
    assert (resend_idle(), len(later)) == (2, 2)


def test_a_piece_that_waits_its_turn_is_not_sent_twice_while_its_round_moves(sent: list[str]) -> None:
    first, second = (enqueue("rescreen_chunk", f"a:{number}") for number in range(2))
    other = enqueue("advance", "X")
    Job.objects.update(sent_at=timezone.now() - dt.timedelta(hours=1))
    never_sent = enqueue("rescreen_chunk", "a:2")
    Job.objects.filter(pk=never_sent.pk).update(sent_at=None)
    held = claim(first.pk)
    assert held is not None
    sent.clear()
    resend_idle()
    assert sorted(sent) == sorted([other.pk, never_sent.pk])
    # Its worker is gone, or it was the last: what still waits was lost.
    Job.objects.filter(pk=first.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    sent.clear()
    resend_idle()
    assert sorted(sent) == sorted([first.pk, second.pk])


def test_the_message_leaves_when_the_transaction_commits_and_not_before(
    sent: list[str], django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        job = enqueue("advance", "X")
        assert sent == []
    assert sent == [job.pk]
    assert again(job).sent_at is not None


def test_work_of_an_act_that_failed_is_never_asked_for(sent: list[str]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue("advance", "X")
        raise RuntimeError("the act failed")
    assert not Job.objects.exists()
    assert sent == []


def test_a_broker_that_is_away_loses_nothing(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object) -> None:
    def away(_kind: str, _job: str) -> None:
        raise ConnectionError

    monkeypatch.setattr(actions, "_sender", away)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        job = enqueue("advance", "X")
    assert (again(job).state, again(job).sent_at) == ("waiting", None)
    left: list[str] = []
    monkeypatch.setattr(actions, "_sender", lambda _kind, job_id: left.append(job_id))
    assert resend_idle() == 1
    assert left == [job.pk]


def test_one_worker_holds_it_and_a_second_message_finds_nothing(job: Job) -> None:
    held = claim(job.pk)
    assert held is not None
    assert (held.attempt, again(job).attempts) == (1, 1)
    assert claim(job.pk) is None


def test_a_lease_that_ran_out_passes_on_and_the_first_holder_writes_nothing_more(job: Job) -> None:
    slow = claim(job.pk)
    assert slow is not None
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    quick = claim(job.pk)
    assert quick is not None
    assert quick.attempt == 2
    finish(slow)
    fail(slow, "late")
    postpone(slow, "late", dt.timedelta(hours=1))
    assert (again(job).state, again(job).attempts, again(job).last_error) == ("waiting", 2, "")
    finish(quick)
    assert (again(job).state, again(job).lease_until) == ("done", None)
    assert claim(job.pk) is None


def test_a_failure_waits_longer_each_time_and_after_five_a_person_is_needed(job: Job) -> None:
    pauses = []
    for _attempt in range(5):
        due_now(job)
        held = claim(job.pk)
        assert held is not None
        before = timezone.now()
        fail(held, "ValueError: x")
        pauses.append(round((again(job).due_at - before).total_seconds()))
    assert pauses[:4] == [10, 20, 40, 80]
    assert (again(job).state, again(job).last_error) == ("needs_person", "ValueError: x")
    due_now(job)
    assert claim(job.pk) is None
    assert resend_idle() == 0


def test_what_waits_for_an_outside_service_is_no_failure(job: Job) -> None:
    for _many in range(9):
        due_now(job)
        held = claim(job.pk)
        assert held is not None
        postpone(held, "timestamp authority away", dt.timedelta(seconds=5))
    assert (again(job).state, again(job).failures, again(job).lease_until) == ("waiting", 0, None)


def test_only_what_is_due_idle_and_unheld_is_sent_again(sent: list[str]) -> None:
    jobs = {name: enqueue("rescreen", name) for name in ("idle", "fresh", "held", "later", "done")}
    now = timezone.now()
    Job.objects.update(sent_at=now - dt.timedelta(minutes=5))
    Job.objects.filter(pk=jobs["fresh"].pk).update(sent_at=now)
    Job.objects.filter(pk=jobs["held"].pk).update(lease_until=now + dt.timedelta(minutes=5))
    Job.objects.filter(pk=jobs["later"].pk).update(due_at=now + dt.timedelta(minutes=5))
    Job.objects.filter(pk=jobs["done"].pk).update(state="done", finished_at=now)
    assert resend_idle() == 1
    assert sent == [jobs["idle"].pk]


def test_a_task_that_breaks_leaves_its_row_to_be_tried_again(world: World) -> None:
    job = enqueue("advance", "0" * 26)  # no such declaration
    tasks.advance(job.pk)
    assert (again(job).state, again(job).attempts, again(job).lease_until) == ("waiting", 1, None)
    assert again(job).last_error.startswith("DoesNotExist")


def test_a_task_repeated_by_the_broker_does_nothing_twice(world: World) -> None:
    declaration = world.signed()
    job = enqueue("advance", declaration.pk)
    for _message in range(3):
        tasks.advance(job.pk)
    declaration.refresh_from_db()
    assert (declaration.status, again(job).state, again(job).attempts) == ("ready", "done", 1)


def test_a_person_gives_a_job_back_once(world: World, job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(state="needs_person", failures=5)
    assert [retry(job=job, by=world.operator) for _twice in range(2)] == [True, False]
    assert (again(job).state, again(job).failures) == ("waiting", 0)


def test_hourly_work_that_was_done_long_ago_is_forgotten_and_nothing_else(sent: list[str]) -> None:
    month = timezone.now() - dt.timedelta(days=31)
    done = {"state": "done", "finished_at": month}
    for kind, values in (("policies", done), ("advance", done), ("policies", {"state": "needs_person"}), ("policies", {})):
        row = enqueue(kind, "first", version=f"{kind} {len(values)}")
        Job.objects.filter(pk=row.pk).update(created_at=month, **values)
    enqueue("policies", "first", version="now")
    Job.objects.filter(version="now").update(state="done", finished_at=timezone.now())
    assert actions.forget_done() == 1
    assert not Job.objects.filter(version="policies 2").exists()
    assert Job.objects.count() == 4
    assert actions.forget_done in tasks.HOURLY
