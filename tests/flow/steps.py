"""A step that tests take: the workers' work done in this process."""

from collections.abc import Callable
from typing import Any

from django.db.models.functions import Now

from certifications import tasks
from certifications.screening.models import ListSource
from certifications.screening.seed import make_sources
from certifications.work.models import Job
from tests.screening.samples import as_json, rows

QUEUES: dict[str, Callable[[str], Any]] = {
    "advance": tasks.advance,
    "read": tasks.read,
    "match": tasks.match,
    "rescreen": tasks.rescreen,
    "delta": tasks.delta,
    "rescreen_chunk": tasks.rescreen_chunk,
    "policies": tasks.follow_policies,
    "ownership": tasks.follow_ownership,
    "identities": tasks.look_for_identities,
    "names": tasks.look_at_names,
    "weigh": tasks.weigh,
    "received": tasks.look_at_received,
    "bulk": tasks.bulk_confirmation,
    "import_list": tasks.import_list,
    "declare": tasks.declare,
    "upload": tasks.upload,
    "letter": tasks.letter,
}


# What a new list version sets in motion before any declaration moves.
LISTS = ("delta", "rescreen_chunk", "rescreen")


def work(*kinds: str) -> int:
    """Do what is due, as the workers would, until nothing is; returns how many jobs were done. The signer's work stays."""
    done = 0
    while jobs := list(Job.objects.filter(state="waiting", due_at__lte=Now(), kind__in=kinds or QUEUES).order_by("pk")):
        for job in jobs:
            QUEUES[job.kind](job.pk)
        done += len(jobs)
        assert done < 100, "the jobs never end"
    return done


def dated_list(count: int = 40, *more: dict[str, Any]) -> ListSource:
    """The Consolidated Screening List with `count` invented entries and `more`, in force beside the static one."""
    from certifications.flow.lists import import_file
    from certifications.screening.actions import put_in_force

    source = make_sources()
    import_file(source=source, content=as_json([*rows(count), *more]), by=None)
    put_in_force(source=source, by=None)
    source.refresh_from_db()
    return source
