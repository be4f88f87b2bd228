"""How the name index grows: build, memory, load, batch and single speed, a list's delta, at several numbers of names.

Names beyond a given list are invented. CPU seconds of one process; asserts nothing.
"""

import itertools
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from certifications.matching import Entry, Index, build_index, load_index, match, match_many, reached_by, save_index
from certifications.matching.readings import reading
from certifications.matching.tables import rows, values

SIZES, LARGE = (10_000, 78_000, 200_000), 1_000_000
PARTIES = 300_000
SCREENED = 0.70
_CHARACTERS = "博瑞富华泰恒远达兴隆盛宏鑫源创新智汇通联益康安和信诚德凯旺嘉禾丰瀚宇晨曦朗睿驰腾跃锦绣宝利美佳永顺天海江山"


def invented(count: int) -> list[Entry]:
    """Firms that do not exist, each with a Chinese, a pinyin and an English name; the same in every run."""
    dice = random.Random(11)
    terms = [(values(row["han"])[0], values(row["latin"])[0]) for row in rows("glossary") if values(row["latin"]) and values(row["han"])]
    places = [row["name"].removesuffix("市") for row in rows("divisions") if row["name"].endswith("市")]
    made = []
    for number in range(count):
        brand = "".join(dice.choices(_CHARACTERS, k=dice.choice((2, 2, 3))))
        (han, latin), place = dice.choice(terms), dice.choice(places)
        spoken, city = ("".join(reading(text)) for text in (brand, place))
        names = (f"{place}{brand}{han}有限公司", f"{city} {spoken} {latin} Co., Ltd.".title(), f"{spoken} {latin}".title())
        made.append(Entry(f"invented-{number}", "Company", names))
    return made


def _of_size(entries: list[Entry], more: list[Entry], size: int) -> list[Entry]:
    """Entries with `size` names in all, invented ones where the list is too short."""
    taken, held = [], 0
    for entry in itertools.chain(entries, more):
        if held >= size:
            break
        taken.append(Entry(entry.id, entry.schema, entry.names[: size - held]))
        held += len(taken[-1].names)
    return taken


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


# Not ru_maxrss: a process inherits that of the one that starts it.
_ASK = """
import sys
sys.path.insert(0, sys.argv[2])
from certifications.matching import load_index, match
index = load_index(sys.argv[1])
for name in sys.stdin.read().splitlines():
    match(name, index, 1)
print(next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def _megabytes_of_a_worker(path: Path, queries: list[str]) -> int:
    """What a fresh process holds that loads the index and answers the queries; the file's pages are counted too."""
    root = str(Path(__file__).resolve().parents[1])
    answered = subprocess.run(
        [sys.executable, "-c", _ASK, str(path), root], input="\n".join(queries), capture_output=True, text=True, check=True
    )
    return int(answered.stdout)


def _row(size: int, index: Index, built: float, queries: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "names.index"
        save_index(index, path)
        megabytes = path.stat().st_size / 1e6
        building = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        worker = _megabytes_of_a_worker(path, queries)
        loaded = _cpu(lambda: load_index(path))
        stored = load_index(path)
        for name in queries[::7]:
            match(name, stored, 1)
        batch = len(queries) / _cpu(lambda: list(match_many(queries, stored, 1, schema="Company")))
        screening = len(queries) / _cpu(lambda: list(match_many(queries, stored, 15, least=SCREENED)))
        single = sorted(_cpu(lambda name=name: match(name, stored, 1, schema="Company")) for name in queries)  # type: ignore[misc]
    p95 = single[int(0.95 * (len(single) - 1))] * 1000
    figures = f"{built:8.1f} {megabytes:7.0f} {building:9d} {worker:9d} {loaded:7.2f}"
    print(f"{size:9,d} {figures} {batch:9.0f} {screening:10.0f} {p95:8.1f}", flush=True)


def _long_names(index: Index) -> None:
    """The slowest of some names of 10,000 characters."""
    names = ["博瑞" * 5_000, "borui " * 1_667, "新疆公安局" * 2_000, "Ab1- " * 2_000, "xinjiang" * 1_250, "é" * 10_000]
    worst = max(_cpu(lambda name=name: match(name, index, 5)) for name in names)  # type: ignore[misc]
    print(f"name of 10,000 characters: {worst * 1000:.0f} ms at most")


def _delta() -> None:
    """Which of very many parties a hundred changed entries reach."""
    parties = build_index(invented(PARTIES // 3))
    changed = invented(100)
    reached_by(changed[:1], parties)
    print(f"100 changed entries against {len(parties):,d} names of parties: {_cpu(lambda: reached_by(changed, parties)):.1f} s", flush=True)


def table(entries: list[Entry], queries: list[str], *, large: bool) -> None:
    """Prints one row per size. Takes minutes, with `large` about half an hour."""
    print("    names  build s  file MB  build MB  worker MB  load s   batch/s  screens/s   p95 ms")
    for size in (*SIZES, *([LARGE] if large else [])):
        held = _of_size(entries, invented(max(0, size // 3)), size)
        started = time.process_time()
        index = build_index(held)
        _row(size, index, time.process_time() - started, queries)
        if size == SIZES[1]:
            _long_names(index)
    del index, held
    _delta()
