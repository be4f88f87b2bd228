"""What reading packages costs: milliseconds a release in this process, in its cage, and the schema's check alone beside it.

    ./dev bench evidence [FILE...]

Without files: a package of 1,000 invented releases, and the real ones where they lie. The notices' figures are `./dev bench notices`.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "data" / "ocds"
MARKS = ("CI-2440-100", "STR kit")
TIMES = 3


def invented(count: int = 1000) -> bytes:
    """A package whose every tenth award names our products."""
    from tests.evidence.packages import award, package, release

    other = award(title="Parking tickets", items=[{"id": "1", "description": "Paper"}])
    return package(*(release(n) if n % 10 == 0 else release(n, awards=[other]) for n in range(count))).encode()


def best(act: Callable[[], Any]) -> tuple[float, Any]:
    """(milliseconds of the fastest of TIMES, the answer)."""
    spent, answer = [], None
    for _time in range(TIMES):
        started = time.perf_counter()
        answer = act()
        spent.append((time.perf_counter() - started) * 1000)
    return min(spent), answer


def measure(name: str, content: bytes) -> None:
    """Print one row."""
    from certifications.evidence.readers.everything import read_any
    from certifications.evidence.readers.ocds_faults import validator
    from certifications.evidence.readers.sandbox import read_in_child
    from certifications.evidence.readers.sniffing import JSON, sniff

    kind = sniff(content, name).media_type
    here, found = best(lambda: read_any(content, kind, "", MARKS))
    caged, _same = best(lambda: read_in_child(content, kind, marks=MARKS))
    alone = 0.0
    if kind == JSON:
        releases = json.loads(content).get("releases", [])
        alone, _count = best(lambda: sum(1 for one in releases for _error in validator("release").iter_errors(one)))
    n = max(found.releases, 1)
    print(
        f"{name[:44]:<46}{len(content) / 1024:>8.0f} kB{n:>6}{len(found.lines):>7}{found.fault_count:>8}"
        f"{here / n:>10.2f}{caged / n:>9.2f}{alone / n:>9.2f}{here:>9.0f}{caged:>9.0f}"
    )


def main() -> None:
    """Print one row a package."""
    sys.path.insert(0, str(ROOT))
    print(f"{'':<46}{'size':>11}{'rel.':>6}{'lines':>7}{'faults':>8}{'ms/rel.':>10}{'caged':>9}{'schema':>9}{'ms':>9}{'caged':>9}")
    files = [Path(a) for a in sys.argv[1:]] or (sorted([*REAL.glob("*.json"), *REAL.glob("*.xml")]) if REAL.is_dir() else [])
    if not sys.argv[1:]:
        measure("1,000 invented releases", invented())
    for file in files:
        measure(file.name, file.read_bytes())


if __name__ == "__main__":
    main()
