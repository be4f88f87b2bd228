"""How the name index grows: build, memory, load, batch and single speed, a list's delta, at several numbers of names.

Names beyond a given list are invented. CPU seconds of one process; asserts nothing.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench._lists import invented, of_size
from certifications.matching import Entry, Index, build_index, load_index, match, match_many, reached_by

SIZES, LARGE = (10_000, 78_000, 200_000), 1_000_000
PARTIES = 300_000
SCREENED = 0.70
Query = tuple[str, str]  # a name and its schema


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


# Not ru_maxrss: a process inherits that of the one that starts it.
_ASK = """
import sys, time
sys.path.insert(0, sys.argv[2])
names = sys.stdin.read().splitlines()
started = time.process_time()
from certifications.matching import load_index, match
index = load_index(sys.argv[1])
match(names[0], index, 1)
print(time.process_time() - started)
for name in names:
    match(name, index, 1)
print(next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def _fresh(program: str, path: Path, told: str) -> list[str]:
    """What a fresh process prints that is told something on its standard input."""
    root = str(Path(__file__).resolve().parents[1])
    command = [sys.executable, "-c", program, str(path), root]
    return subprocess.run(command, input=told, capture_output=True, text=True, check=True).stdout.split()


def _of_a_worker(path: Path, names: list[str]) -> tuple[int, float]:
    """What a fresh process holds in MB that answers the names, pages of the file included; its CPU seconds until the first answer."""
    first, megabytes = _fresh(_ASK, path, "\n".join(names))
    return int(megabytes), float(first)


_BUILD = """
import json, sys, time
sys.path.insert(0, sys.argv[2])
from certifications.matching import Entry, build_index, save_index
entries = [Entry(*row) for row in json.load(sys.stdin)]
started = time.process_time()
index = build_index(entries)
print(time.process_time() - started)
save_index(index, sys.argv[1])
print(next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def _built(entries: list[Entry], path: Path) -> tuple[float, int]:
    """Builds and stores an index in a fresh process: its CPU seconds, and what it held in MB at most, the entries included."""
    rows = json.dumps([(e.id, e.schema, e.names) for e in entries])
    seconds, megabytes = _fresh(_BUILD, path, rows)
    return float(seconds), int(megabytes)


def _batch(queries: list[Query], index: Index) -> None:
    """Every name once, as its kind of party."""
    for schema in dict.fromkeys(schema for _, schema in queries):
        list(match_many([name for name, kind in queries if kind == schema], index, 1, schema=schema))


def _row(size: int, entries: list[Entry], queries: list[Query]) -> Index:
    """Builds, stores and asks an index over the entries and prints its line; the index."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "names.index"
        built, building = _built(entries, path)
        megabytes = path.stat().st_size / 1e6
        worker, first = _of_a_worker(path, [name for name, _ in queries[:400]])
        stored = load_index(path)
        # The vocabulary's own words are in memory after the first few hundred names, whatever the index; no name is asked twice.
        warm, asked, others, singles = (queries[part::4] for part in range(4))
        _batch(warm, stored)
        batch = len(asked) / _cpu(lambda: _batch(asked, stored))
        screening = len(others) / _cpu(lambda: list(match_many([name for name, _ in others], stored, 15, least=SCREENED)))
        single = sorted(_cpu(lambda one=one: match(one[0], stored, 1, schema=one[1])) for one in singles)  # type: ignore[misc]
    middle, p95 = (single[int(share * (len(single) - 1))] * 1000 for share in (0.5, 0.95))
    figures = f"{built:8.1f} {megabytes:7.0f} {building:9d} {worker:9d} {first:8.2f}"
    print(f"{size:9,d} {figures} {batch:9.0f} {screening:10.0f} {middle:7.1f} {p95:8.1f}", flush=True)
    return stored


def _long_names(index: Index) -> None:
    """The slowest of some names of 10,000 characters."""
    names = ["博瑞" * 5_000, "borui " * 1_667, "新疆公安局" * 2_000, "Ab1- " * 2_000, "xinjiang" * 1_250, "é" * 10_000]
    worst = max(_cpu(lambda name=name: match(name, index, 5)) for name in names)  # type: ignore[misc]
    print(f"name of 10,000 characters: {worst * 1000:.0f} ms at most")


def _delta() -> None:
    """Which of very many parties a hundred changed entries reach."""
    parties, changed = build_index(invented(PARTIES // 3)), invented(100)
    listed = build_index(changed)
    reached_by(changed[:1], parties, listed, least=0.7)
    print(
        f"100 changed entries against {len(parties):,d} names of parties: {_cpu(lambda: reached_by(changed, parties, listed, least=0.7)):.1f} s",
        flush=True,
    )


def table(entries: list[Entry], queries: list[Query], *, large: bool) -> None:
    """Prints one row per size. Takes minutes, with `large` some more."""
    print("    names  build s  file MB  build MB  worker MB  first s   batch/s  screens/s  p50 ms   p95 ms")
    for size in (*SIZES, *([LARGE] if large else [])):
        index = _row(size, of_size(entries, size), queries)
        if size == SIZES[1]:
            _long_names(index)
    del index
    _delta()
