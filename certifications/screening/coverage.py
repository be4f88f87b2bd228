"""Whether an earlier run still holds under other list versions: only where recorded deltas prove it, party by party.

Reads only. Must not know how a delta was worked out.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery

from certifications.matching import Crowd
from certifications.parties.models import Party

from .models import ScreeningRun
from .models_rescreening import DeltaReach, ListDelta

FEW = 200
_FIELDS = ("party_id", "party_revision", "lists_key", "engine", "state", "near", "ran_at")


@dataclass(frozen=True)
class LastRun:
    """What coverage asks of a party's newest run."""

    party_id: str
    revision: int
    lists_key: str
    engine: str
    done: bool
    near: bool
    ran_at: dt.datetime
    # (list|entry, how far from a threshold): ScreeningRun.close.
    close: tuple[tuple[str, float], ...] = ()
    # Names whose proposals may change their order: ScreeningRun.crowds.
    crowds: tuple[Crowd, ...] = ()


def last_runs() -> dict[str, LastRun]:
    """The newest run of every party that has one, without its texts, `close` and `crowds`."""
    rows = newest_runs().values_list(*_FIELDS).iterator(chunk_size=5000)
    return {party: LastRun(party, *row, state == ScreeningRun.State.DONE, near, at) for party, *row, state, near, at in rows}


def runs_on_edge() -> dict[str, LastRun]:
    """Of the newest runs those that a change of other entries than they found may reach, whole."""
    found = {}
    rows = newest_runs().filter(Q(near=True) | ~Q(close=[])).values_list(*_FIELDS, "close", "crowds")
    for party, *row, state, near, at, close, crowds in rows.iterator(chunk_size=5000):
        held = tuple(map(tuple, close)), tuple(Crowd(*one) for one in crowds)
        found[party] = LastRun(party, *row, state == ScreeningRun.State.DONE, near, at, *held)
    return found


def newest_runs(party_ids: Iterable[str] | None = None) -> QuerySet[ScreeningRun]:
    """The newest run of every party that has one, finished or failed; of some parties where they are named.

    Asked party by party along the index: the cost is that of the parties, however many runs each has had over the years.
    """
    parties = Party.objects.all() if party_ids is None else Party.objects.filter(pk__in=list(party_ids))
    own = ScreeningRun.objects.filter(party=OuterRef("pk")).order_by("-ran_at", "-pk")
    return ScreeningRun.objects.filter(pk__in=parties.order_by().values(newest=Subquery(own.values("pk")[:1])))


def last_of(run: ScreeningRun) -> LastRun:
    """The run as `covered` asks of it, which needs neither `close` nor `crowds`."""
    done = run.state == ScreeningRun.State.DONE
    return LastRun(run.party_id, run.party_revision, run.lists_key, run.engine, done, run.near, run.ran_at)


def covered(runs: Iterable[LastRun], key: str) -> set[str]:
    """Parties whose run holds under `key`. A party that a delta reached, or that it could not have seen, is never among them."""
    waiting = [run for run in runs if run.done]
    found = {run.party_id for run in waiting if run.lists_key == key}
    waiting = [run for run in waiting if run.lists_key != key]
    if not waiting:
        return found
    oldest = min(run.ran_at for run in waiting)
    steps: defaultdict[tuple[str, str], list[ListDelta]] = defaultdict(list)
    for delta in ListDelta.objects.filter(started_at__gt=oldest).order_by("started_at"):
        steps[delta.engine, delta.from_key].append(delta)
    if not steps:
        return found
    # A page of parties is asked for by name; for a round over all of them the whole table is the shorter way.
    named = [run.party_id for run in waiting] if len(waiting) <= FEW else None
    reaches = DeltaReach.objects.filter(delta__started_at__gt=oldest)
    reached: defaultdict[str, set[str]] = defaultdict(set)
    for delta_id, party_id in (reaches.filter(party__in=named) if named else reaches).values_list("delta_id", "party_id"):
        reached[delta_id].add(party_id)
    return found | {run.party_id for run in waiting if _leads(run, key, steps, reached)}


def _leads(run: LastRun, key: str, steps: dict[tuple[str, str], list[ListDelta]], reached: dict[str, set[str]]) -> bool:
    """Whether deltas that hold for the run lead from its lists to `key`."""
    seen, frontier = {run.lists_key}, [run.lists_key]
    while frontier:
        for delta in steps.get((run.engine, frontier.pop()), ()):
            if delta.to_key in seen or delta.started_at <= run.ran_at or run.party_id in reached.get(delta.pk, ()):
                continue
            if delta.to_key == key:
                return True
            seen.add(delta.to_key)
            frontier.append(delta.to_key)
    return False
