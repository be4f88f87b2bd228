"""Two workers look at one large file together: each row once, and the file is checked when the last of them is done."""

from collections.abc import Sequence
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from certifications.flow.uploads import KINDS, go_on
from certifications.uploads import actions, steps
from certifications.uploads.models import Upload
from certifications.work.models import Job
from tests.custody.reports import HEAD, row
from tests.flow.test_at_once import at_once, committed
from tests.world import World

from .files import csv
from .steps import now, sent

__all__ = ["committed"]  # the fixture of a database that threads share

LONG = 20.0


def report(count: int) -> bytes:
    return csv(HEAD, *(row(发票号=f"INV-{n}", 批号=f"L{n}") for n in range(count)))


@pytest.fixture
def halves(committed: World, monkeypatch: pytest.MonkeyPatch) -> Upload:
    """A report of ten rows in steps of four, read and laid out, of which no row is looked at."""
    monkeypatch.setattr(steps, "CHECK_MANY", 4)
    monkeypatch.setattr(steps, "BUDGET_SECONDS", 0.0)
    upload = sent(committed.filer, report(10), kind="sales", work=False)
    while not now(upload).laid_out:
        go_on(upload.pk)
    monkeypatch.setattr(steps, "BUDGET_SECONDS", 20.0)
    return now(upload)


def watched(monkeypatch: pytest.MonkeyPatch, inside: Any = None) -> list[list[int]]:
    """The row numbers of every step, as they are looked at; `inside(step)` is called while its rows are in hand."""
    seen: list[list[int]] = []
    look = steps.inspect

    def inspect(upload: Upload, kind: Any, rows: Sequence[Any], *, by: Any) -> None:
        seen.append([one.number for one in rows])
        if inside:
            inside(len(seen))
        look(upload, kind, rows, by=by)

    monkeypatch.setattr(steps, "inspect", inspect)
    return seen


def test_a_large_file_asks_for_a_second_worker_and_a_small_one_does_not(committed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "CHECK_MANY", 4)
    monkeypatch.setattr(steps, "BUDGET_SECONDS", 60.0)
    jobs = []
    for count in (4, 5):
        upload = sent(committed.filer, report(count), kind="sales", work=False)
        go_on(upload.pk)
        jobs.append(Job.objects.filter(kind="upload", object_id=upload.pk).count())
    assert jobs == [1, 2]


def test_two_workers_share_the_rows_and_each_is_looked_at_once(halves: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    both = Event()

    def wait_for_the_other(step: int) -> None:
        # The first step waits with its rows in hand until the other worker has rows too.
        if step == 1:
            assert both.wait(LONG)
        else:
            both.set()

    seen = watched(monkeypatch, wait_for_the_other)
    assert at_once(lambda: go_on(halves.pk), lambda: go_on(halves.pk)) == [None, None]
    assert sorted(number for rows in seen for number in rows) == list(range(2, 12))
    upload = now(halves)
    assert (upload.status, upload.done, upload.counts["ready"], upload.counts["waiting"]) == ("checked", 10, 10, 0)


def test_a_file_is_not_checked_while_another_worker_has_rows_in_hand(halves: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that finds no more rows waits for the other, which dies: its rows are looked at all the same."""
    taken, dies = Event(), Event()

    def hold(step: int) -> None:
        if step == 1:
            taken.set()
            assert dies.wait(LONG)
            raise KeyError("killed")

    seen, lock = watched(monkeypatch, hold), steps.locked

    def locked(upload: Upload, status: str) -> Upload | None:
        dies.set()  # the other has found no more rows, and is about to say that the file is checked
        return lock(upload, status)

    monkeypatch.setattr(steps, "locked", locked)

    def other() -> None:
        assert taken.wait(LONG)
        go_on(halves.pk)

    first, second = at_once(lambda: go_on(halves.pk), other)
    assert (type(first), second) == (KeyError, None)
    assert sorted(number for rows in seen[1:] for number in rows) == list(range(2, 12))
    assert (now(halves).status, now(halves).counts["ready"]) == ("checked", 10)


def test_whoever_stops_an_upload_waits_for_the_rows_in_hand_and_no_more_are_looked_at(
    halves: Upload, committed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    taken, asked = Event(), Event()

    def hold(step: int) -> None:
        if step == 1:
            taken.set()
            assert asked.wait(LONG)

    seen = watched(monkeypatch, hold)

    def cancel() -> None:
        assert taken.wait(LONG)
        with transaction.atomic(), connection.cursor() as cursor:
            try:
                cursor.execute("SELECT 1 FROM certifications_upload WHERE id = %s FOR UPDATE NOWAIT", [halves.pk])
            except OperationalError as error:
                tried.append(type(error.__cause__).__name__)
        asked.set()
        actions.cancel(upload=now(halves), kind=KINDS["sales"], by=committed.filer)

    assert at_once(lambda: go_on(halves.pk), cancel) == [None, None]
    assert tried == ["LockNotAvailable"]
    assert now(halves).status == "cancelled"
    assert len(seen) < 3


def test_only_reports_whose_rows_stand_each_for_itself_are_shared() -> None:
    """A shipment is held against the returns above it in the same file: who looks at a part alone would find a unit shipped twice."""
    assert [code for code, kind in KINDS.items() if kind.side_by_side] == ["sales"]
