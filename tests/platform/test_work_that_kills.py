"""A worker that wakes up late writes nothing, and a job that kills its process ends with a person."""

import datetime as dt

import pytest
from django.utils import timezone

from certifications.work import actions as work
from certifications.work.models import Job

pytestmark = pytest.mark.django_db


def queued() -> Job:
    return work.enqueue("advance", "01J000000000000000000000AA")


def lease_runs_out(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))


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
