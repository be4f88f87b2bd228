"""How fast and in how much memory lists are read: a generated OpenSanctions file of 300,000 targets, read alone and imported.

    ./dev bench lists [TARGETS]

Beside every target stands one linked entity that is no target, as in the published file. The peer is the plain way: the same
file with json.loads over all lines at once and nothing checked. Each measurement is a process of its own, for its memory.
"""

import json
import mmap
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SYLLABLES = (
    "gra",
    "nit",
    "op",
    "tik",
    "ju",
    "ni",
    "per",
    "har",
    "bour",
    "mea",
    "dow",
    "co",
    "balt",
    "lan",
    "tern",
    "saf",
    "fron",
    "wal",
    "nut",
)
HAN = "广州深圳科学仪器生物技术贸易有限公司北京上海新疆光学精密"


def generate(path: Path, targets: int) -> None:
    """A file in the published shape, the same each time."""
    chance = random.Random(7)
    with path.open("w", encoding="utf-8") as out:
        for number in range(targets):
            names = [" ".join("".join(chance.choices(SYLLABLES, k=3)).title() for _ in range(3)) for _ in range(4)]
            names.append("".join(chance.choices(HAN, k=9)))
            properties = {
                "name": names[:1], "alias": names[1:], "topics": ["sanction"], "country": ["cn"], "address": [f"{number} Quay Road, Harbour"],
                "registrationNumber": [str(chance.randrange(10**12, 10**13))], "notes": ["Invented for measuring. " * 6],
                "sourceUrl": ["https://example.com/list"], "programId": ["XX-TEST"],
            }  # fmt: skip
            row = {
                "id": f"NK-{number:08d}", "caption": names[0], "schema": "Company", "properties": properties, "referents": [f"x-{number}"],
                "datasets": ["generated"], "first_seen": "2024-01-01T00:00:00", "last_seen": "2026-11-12T06:00:00", "target": True,
            }  # fmt: skip
            linked = {
                "id": f"addr-{number}",
                "schema": "Address",
                "properties": {"full": [f"{number} Quay Road"]},
                "datasets": ["generated"],
                "target": False,
            }
            out.write(json.dumps(row, ensure_ascii=False) + "\n" + json.dumps(linked) + "\n")


def memory() -> float:
    """Megabytes that this process holds, mapped file pages not counted where the system tells them apart."""
    status = Path("/proc/self/status")
    if status.exists():
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return int(fields["RssAnon"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _setup() -> None:
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


def measure(what: str, path: Path) -> None:
    """One measurement, in a process of its own: prints entries, seconds and megabytes as JSON."""
    _setup()
    from certifications.screening.importers import FORMATS, Notes, entries_of
    from certifications.screening.imports import import_list
    from certifications.screening.models import ListSource
    from certifications.screening.seed import make_sources

    count, before, most = 0, memory(), [0.0]
    threading.Thread(target=_watch, args=(most,), daemon=True).start()
    with path.open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    started, burnt = time.perf_counter(), time.process_time()
    if what == "read":
        count = sum(1 for _ in entries_of(mapped, Notes(), FORMATS["opensanctions_ftm"]))
    elif what == "import":
        make_sources()
        version = import_list(source=ListSource.objects.get(pk="opensanctions"), content=mapped, by=None)
        assert version.state == "accepted", version.refusal
        count = version.entry_count
    else:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        count = sum(row["target"] for row in rows)
    spent = time.perf_counter() - started
    burnt = time.process_time() - burnt
    print(json.dumps({"entries": count, "seconds": spent, "cpu": burnt, "mb": max(*most, memory()) - before}))


def _watch(most: list[float]) -> None:
    while True:
        most[0] = max(most[0], memory())
        time.sleep(0.05)


def main() -> None:
    """Print one table."""
    if len(sys.argv) == 3 and sys.argv[1] in {"read", "import", "peer"}:
        measure(sys.argv[1], Path(sys.argv[2]))
        return
    targets = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    with tempfile.TemporaryDirectory(prefix="lists-") as folder:
        path = Path(folder) / "entities.ftm.json"
        generate(path, targets)
        print(f"{targets:,} targets and as many linked entities, {path.stat().st_size / 1e6:,.0f} MB")
        print(f"{'':<44}{'entries/s':>12}{'seconds':>10}{'of CPU':>10}{'peak MB':>10}")
        for what, words in (
            ("read", "read, checked, typed"),
            ("import", "read and kept in PostgreSQL"),
            ("peer", "peer: json.loads of every line, unchecked"),
        ):
            done = subprocess.run([sys.executable, __file__, what, str(path)], env=os.environ, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(done.stderr[-2000:])
            got = json.loads(done.stdout.strip().splitlines()[-1])
            print(
                f"{words:<44}{got['entries'] / got['seconds']:>12,.0f}{got['seconds']:>10.1f}{got['cpu']:>10.1f}{got['mb']:>10,.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
