"""How long it takes to screen everybody again, and to find out whom a new version of a list touches.

    ./dev bench rescreening [--parties 5000] [--names 78000] [--changed 100] [--compare]

Parties with three invented names each (a few of them mean somebody listed) against a list of so many names, through the portal's
own queues: worker processes as `./dev run` starts them, a real broker, PostgreSQL that writes to disk as in production. Then some
entries change and the delta is followed the same way. CPU seconds are beside the seconds, because other work on the machine
stretches only the latter. `--compare` screens everybody once more after the delta and counts where the two differ.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench._processes import Spent, analysed  # noqa: E402

GOAL_PARTIES, GOAL_NAMES, GOAL_ROUND, GOAL_DELTA = 100_000, 78_000, 240.0, 5.0
MEANT = 50  # one party in so many bears a name like one that is listed
BATCH = 5_000


def like_in_production() -> None:
    """The throw-away server forgets to write to disk and to keep its statistics; this one does both."""
    settings = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "autovacuum": "on"}
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        for name, value in settings.items():
            admin.execute(f"ALTER SYSTEM SET {name} = {value}")
        admin.execute("SELECT pg_reload_conf()")


def bring(entries: list[Any]) -> None:
    """The entries as the version of the list that counts."""
    from certifications.ledger.ids import new_ulid
    from certifications.screening.models import ListEntry, ListSource, ListVersion

    source, _made = ListSource.objects.get_or_create(
        code="bench", defaults={"title": "Measured", "kind": "dated", "formats": "us_csl", "in_force": True}
    )
    key = new_ulid()
    ListVersion(pk=key, source=source, sha256=key.rjust(64, "0"), entry_count=len(entries), state="accepted").save(force_insert=True)
    rows = (
        ListEntry(version_id=key, entry_id=entry.id, schema=entry.schema, name=entry.names[0], names=list(entry.names)) for entry in entries
    )
    while some := list(islice(rows, BATCH)):
        ListEntry.objects.bulk_create(some)


def altered(entries: list[Any], fresh: list[Any]) -> list[Any]:
    """A newer list: of as many entries as there are fresh ones a third go, a third bear other names, a third come."""
    third = len(fresh) // 3
    step = len(entries) // (2 * third)
    gone, renamed = range(0, step * third, step), range(step * third, 2 * step * third, step)
    names = dict(zip(renamed, fresh, strict=False))
    kept = [type(e)(e.id, e.schema, names[n].names) if n in names else e for n, e in enumerate(entries) if n not in set(gone)]
    return [*kept, *fresh[2 * third :]]


def make_parties(firms: list[Any], listed: list[Any]) -> list[str]:
    """Parties with the names of the firms, now and then one of somebody listed instead. Their ids, in order."""
    from certifications.parties.models import Party, PartyName
    from certifications.parties.rules import script_of

    dice, ids = random.Random(23), []
    for start in range(0, len(firms), BATCH):
        made = Party.objects.bulk_create(Party(kind="end_user", country="CN") for _ in firms[start : start + BATCH])
        names = []
        for party, firm in zip(made, firms[start : start + BATCH], strict=True):
            texts = list(firm.names)
            if dice.randrange(MEANT) == 0:
                texts[-1] = dice.choice(dice.choice(listed).names)[:300]
            for position, text in enumerate(dict.fromkeys(texts)):
                names.append(PartyName(party=party, text=text, script=script_of(text), kind="official", position=position))
        PartyName.objects.bulk_create(names)
        ids += [party.pk for party in made]
    return sorted(ids)


@contextmanager
def workers(folder: Path) -> Iterator[None]:
    """Worker and beat as `./dev run` starts them."""
    from portal.celery import app
    from portal.local.serve import commands, spawn, stop_all

    running = {}
    with (folder / "processes.log").open("w") as log:
        try:
            for name in ("worker", "beat"):
                _role, argv = commands("", 0, folder)[name]
                own = {"PORTAL_PROCESS": name, **({"PORTAL_BEAT": "1"} if name == "beat" else {})}
                running[name] = spawn(name, argv, os.environ | own, log)
            wait(lambda: app.control.ping(timeout=1.0), 120)
            yield
        finally:
            stop_all(running)


def wait(true: Callable[[], object], most: float = 4 * 3600.0) -> None:
    """Until it is so."""
    end = time.monotonic() + most
    while not true():
        if time.monotonic() > end:
            sys.exit("it never came")
        time.sleep(0.1)


class Bench:
    """Runs one thing after another and prints a row for each."""

    def __init__(self) -> None:
        print(f"{'':<52}{'parties':>9}{'seconds':>9}{'parties/s':>11}{'CPU s':>8}{'workers':>9}{'database':>10}{'asked':>12}", flush=True)

    def row(self, words: str, act: Callable[[], object], *, asked: str = "", parties: Callable[[], int] = lambda: 0) -> float:
        """Seconds of one act, everything that ran for it included."""
        spent, began = Spent(), time.perf_counter()
        act()
        seconds, cpu = time.perf_counter() - began, spent.since()
        count = parties()
        rate = f"{count / seconds:,.0f}" if count else ""
        total, by = sum(cpu.values()), f"{cpu['python']:>9.1f}{cpu['postgres']:>10.1f}"
        print(f"{words:<52}{count or '':>9}{seconds:>9.1f}{rate:>11}{total:>8.1f}{by}{asked:>12}", flush=True)
        return seconds


def finished(once: str) -> Any:
    """Wait for a round to begin and to end; the round."""
    from certifications.screening.models_rescreening import Rescreening

    wait(lambda: Rescreening.objects.filter(once__startswith=once, finished_at__isnull=False).exists())
    return Rescreening.objects.get(once__startswith=once)


def counted(held: Any) -> str:
    """done, hits, failed of a round."""
    from django.db.models import Sum

    sums = held.chunks.aggregate(done=Sum("done"), hits=Sum("hits"), failed=Sum("failed"))
    return f"{sums['done'] or 0:,} screened, {sums['hits'] or 0:,} with a possible match, {sums['failed'] or 0} failed"


def everything() -> dict[str, dict[str, tuple[str, str]]]:
    """What the newest run of every party found: band and score by entry."""
    from certifications.screening.models import Finding, ScreeningRun

    newest = ScreeningRun.objects.order_by("party_id", "-ran_at", "-pk").distinct("party_id").values_list("pk", "party_id")
    party_of = dict(newest.iterator(chunk_size=BATCH))
    found: dict[str, dict[str, tuple[str, str]]] = {party: {} for party in party_of.values()}
    for run, entry, band, score in Finding.objects.values_list("run_id", "entry_id", "band", "score").iterator(chunk_size=BATCH):
        if run in party_of:
            found[party_of[run]][entry] = (band, str(score))
    return found


def differences(before: dict[str, Any], after: dict[str, Any], changed: set[str]) -> None:
    """Print where the delta left things other than a full round finds them."""
    counts: Counter[str] = Counter()
    for party, found in after.items():
        held = before.get(party, {})
        for entry in found.keys() | held.keys():
            where = "changed entries" if entry in changed else "other entries"
            if entry not in held:
                counts[f"{where}: found by the full round alone"] += 1
            elif entry not in found:
                counts[f"{where}: kept from the earlier round alone"] += 1
            elif found[entry][0] != held[entry][0]:
                counts[f"{where}: another band"] += 1
            elif found[entry] != held[entry]:
                counts[f"{where}: another score in the same band"] += 1
            else:
                counts["the same"] += 1
    for words, count in sorted(counts.items()):
        print(f"    {words}: {count:,}")


def measure(arguments: argparse.Namespace, folder: Path) -> None:
    import django

    os.environ["PORTAL_INDEXES"] = str(folder / "indexes")
    django.setup()
    from bench._lists import firms, grown
    from certifications.flow import rescreening as flow
    from certifications.screening import rescreening as rounds
    from certifications.screening.delta import index_parties
    from certifications.screening.engine import listed
    from certifications.screening.models_rescreening import ListDelta, Rescreening
    from certifications.screening.queries import key_of, lists_in_force
    from certifications.work.actions import enqueue
    from certifications.work.models import Job

    def index() -> None:
        listed([held.version for held in lists_in_force() if held.version])

    like_in_production()
    entries, where = grown(arguments.names)
    made = firms(arguments.parties + arguments.changed)
    bring(entries)
    ids = make_parties(made[arguments.changed :], entries)
    analysed()
    print(f"{len(ids):,} parties with three names each; {sum(len(e.names) for e in entries):,} names of {len(entries):,} entries ({where})")
    bench = Bench()
    bench.row("index over the list, once a version", index)
    goal = GOAL_ROUND * len(ids) / GOAL_PARTIES
    with workers(folder):

        def first() -> None:
            rounds.start(cause=Rescreening.Cause.LISTS, once="first", parties=ids)
            finished("first")

        bench.row("everybody, for the first time", first, asked=f"{goal:.0f}", parties=lambda: len(ids))
        print(f"    {counted(finished('first'))}")
        analysed()
        bench.row("everybody, nothing changed", lambda: finished(flow.rescreen_all().once), parties=lambda: len(ids))
        bench.row("index over the parties, once a day", index_parties)
        before = key_of(lists_in_force())
        newer = altered(entries, made[: arguments.changed])
        bring(newer)
        analysed()
        bench.row("index over the new version", index)

        def delta() -> None:
            job = enqueue("delta", before, version="bench")
            wait(lambda: Job.objects.filter(pk=job.pk, state="done").exists())
            if not ListDelta.objects.exists():
                sys.exit("the change was too much for a delta: everybody is being screened")
            finished("delta-")

        bench.row(
            f"delta of {arguments.changed} changed entries, to the end",
            delta,
            asked=f"{GOAL_DELTA:.0f}",
            parties=lambda: finished("delta-").total,
        )
        held = finished("delta-")
        print(f"    of these {(held.delta.made_at - held.delta.started_at).total_seconds():.1f} s to find out whom; {counted(held)}")
        print(f"    why: {dict(Counter(held.delta.reaches.values_list('why', flat=True)))}")
        if arguments.compare:
            left = everything()
            changed = {entry.id for entry in set(entries) ^ set(newer)}

            def again() -> None:
                finished(flow.rescreen_all().once)

            bench.row("everybody against the new version", again, asked=f"{goal:.0f}", parties=lambda: len(ids))
            differences(left, everything(), changed)


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--parties", type=int, default=5_000)
    reader.add_argument("--names", type=int, default=GOAL_NAMES)
    reader.add_argument("--changed", type=int, default=100)
    reader.add_argument("--compare", action="store_true")
    with tempfile.TemporaryDirectory(prefix="bench-rescreening-") as folder:
        measure(reader.parse_args(), Path(folder))


if __name__ == "__main__":
    main()
