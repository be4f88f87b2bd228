"""How well and how fast the notice reader reads: counts against hand-made labels, milliseconds a notice.

    python bench/notices.py [FOLDER ...]

A folder holds labels.jsonl and the notices it names. Without arguments: the repository's own notices, and real ones where a
neighbouring folder shared/data/notices is present. The labels of the real ones were visible while the reader was written.
"""

import json
import sys
import time
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OWN = ROOT / "tests" / "evidence" / "notices"
REAL = ROOT.parent / "shared" / "data" / "notices"
PARTS = ("suppliers", "buyer", "project_no", "amounts")


def plain(text: str | None) -> str:
    """For comparing: NFKC, no white space."""
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def answers(label: dict[str, Any], proposal: Any) -> dict[str, bool]:
    """Which parts were read exactly; an empty label is right only when nothing is proposed."""
    return {
        "suppliers": {plain(s) for s in label["suppliers"]} == {plain(s.name) for s in proposal.suppliers},
        "buyer": plain(label["buyer"]) == plain(proposal.buyer),
        "project_no": plain(label["project_no"]) == plain(proposal.project_no),
        "amounts": sorted(Decimal(str(a)) for a in label["amounts"]) == sorted(proposal.amounts),
    }


def measure(folder: Path) -> tuple[int, dict[str, int], list[str], list[float]]:
    """(notices, right answers by part, sentences about wrong ones, milliseconds each)."""
    from certifications.evidence.readers import read_notice

    right = dict.fromkeys(PARTS, 0)
    wrong: list[str] = []
    spent: list[float] = []
    labels = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines() if line.strip()]
    for label in labels:
        content = (folder / label["file"]).read_bytes()
        started = time.perf_counter()
        proposal = read_notice(content, title=label.get("title") or "")
        spent.append((time.perf_counter() - started) * 1000)
        got = {
            "suppliers": [s.name for s in proposal.suppliers],
            "buyer": proposal.buyer,
            "project_no": proposal.project_no,
            "amounts": [str(a) for a in proposal.amounts],
        }
        for part, good in answers(label, proposal).items():
            right[part] += good
            if not good:
                wrong.append(f"{label['file']}: {part} is {label[part]!r}, read {got[part]!r}")
    return len(labels), right, wrong, spent


def main() -> None:
    """Print one table a folder."""
    sys.path.insert(0, str(ROOT))
    folders = [Path(a) for a in sys.argv[1:]] or [f for f in (OWN, REAL) if (f / "labels.jsonl").is_file()]
    for folder in folders:
        measure(folder)  # warm up: the first call loads patterns
        count, right, wrong, spent = measure(folder)
        print(f"{folder.name if folder != REAL else 'real notices (labels were visible)'}: {count} notices")
        for part in PARTS:
            print(f"  {part:<12}{right[part]:>4} of {count}  {right[part] / count:>6.1%}")
        spent.sort()
        print(f"  milliseconds: median {spent[len(spent) // 2]:.1f}, slowest {spent[-1]:.1f}")
        for sentence in wrong:
            print(f"  - {sentence}")


if __name__ == "__main__":
    main()
