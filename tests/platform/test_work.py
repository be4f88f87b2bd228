"""Work as rows: one worker at a time, a late one writes nothing, and what kills its process ends with a person."""

import datetime as dt

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from certifications.work import actions as work
from certifications.work.models import Job

pytestmark = pytest.mark.django_db


def queued() -> Job:
    return work.enqueue("advance", "01J000000000000000000000AA")


def lease_runs_out(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))


def test_asking_twice_for_the_same_work_makes_one_row() -> None:
    assert queued().pk == queued().pk


def test_only_one_worker_gets_a_job() -> None:
    job = queued()
    assert work.claim(job.pk) is not None
    assert work.claim(job.pk) is None


def test_a_worker_that_wakes_up_late_changes_nothing() -> None:
    job = queued()
    late = work.claim(job.pk)
    lease_runs_out(job)
    second = work.claim(job.pk)
    assert late is not None
    assert second is not None
    work.finish(late)
    work.fail(late, "late")
    job.refresh_from_db()
    assert (job.state, job.last_error) == (Job.State.WAITING, "")
    # Waiting for an outside service does not give the late one its number back.
    work.postpone(second, "away", dt.timedelta(0))
    third = work.claim(job.pk)
    assert third is not None
    work.finish(late)
    work.finish(second)
    job.refresh_from_db()
    assert job.state == Job.State.WAITING
    work.finish(third)
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def test_a_job_that_takes_its_process_down_every_time_ends_with_a_person() -> None:
    job = queued()
    for _ in range(work.MAX_FAILURES):
        assert work.claim(job.pk) is not None
        lease_runs_out(job)
    assert work.claim(job.pk) is None
    job.refresh_from_db()
    assert job.state == Job.State.NEEDS_PERSON
    assert "ended each time" in job.last_error


def test_waiting_for_an_outside_service_never_gives_up() -> None:
    job = queued()
    for _ in range(3 * work.MAX_FAILURES):
        held = work.claim(job.pk)
        assert held is not None
        work.postpone(held, "timestamp authority away", dt.timedelta(0))
    job.refresh_from_db()
    assert (job.state, job.failures) == (Job.State.WAITING, 0)


def test_a_failure_pauses_longer_each_time_and_then_needs_a_person() -> None:
    job, pauses = queued(), []
    for _ in range(work.MAX_FAILURES):
        Job.objects.filter(pk=job.pk).update(due_at=Now())
        held = work.claim(job.pk)
        assert held is not None
        work.fail(held, "ValueError: x")
        job.refresh_from_db()
        pauses.append(job.due_at - timezone.now())
    assert job.state == Job.State.NEEDS_PERSON
    assert pauses[:4] == sorted(pauses[:4])
    assert work.retry(job=job, by=None)
    assert not work.retry(job=job, by=None)
    assert work.claim(job.pk) is not None


def test_a_lost_message_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    job, sent = queued(), []
    monkeypatch.setattr(work, "_sender", lambda kind, job_id: sent.append((kind, job_id)))
    assert work.resend_idle() == 1
    assert sent == [("advance", job.pk)]
    assert work.resend_idle() == 0, "it was sent just now"


def test_a_broker_that_is_away_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    job = queued()

    def gone(kind: str, job_id: str) -> None:
        raise ConnectionError

    monkeypatch.setattr(work, "_sender", gone)
    assert work.resend_idle() == 1
    job.refresh_from_db()
    assert job.sent_at is None
