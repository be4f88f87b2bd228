"""Whether an earlier run still holds under other list versions: only where recorded deltas prove it, party by party.

Reads only. Must not know how a delta was worked out.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from .models import ScreeningRun
from .models_rescreening import DeltaReach, ListDelta

FEW = 200


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


def last_runs(party_ids: Iterable[str] | None = None) -> dict[str, LastRun]:
    """The newest run of every party that has one, without its texts; of some parties where they are named."""
    runs = ScreeningRun.objects.order_by("party_id", "-ran_at", "-pk").distinct("party_id")
    if party_ids is not None:
        runs = runs.filter(party__in=list(party_ids))
    fields = ("party_id", "party_revision", "lists_key", "engine", "state", "near", "ran_at")
    return {
        row[0]: LastRun(row[0], row[1], row[2], row[3], row[4] == ScreeningRun.State.DONE, row[5], row[6])
        for row in runs.values_list(*fields).iterator(chunk_size=5000)
    }


def last_of(run: ScreeningRun) -> LastRun:
    """The run as coverage asks of it."""
    return LastRun(run.party_id, run.party_revision, run.lists_key, run.engine, run.state == ScreeningRun.State.DONE, run.near, run.ran_at)


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
