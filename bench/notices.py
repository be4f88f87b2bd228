"""How well and how fast the notice reader reads: counts against hand-made labels, milliseconds a notice.

    ./dev bench notices [FOLDER ...] [--show-held-out] [--changed] [--pdf]

A folder holds notices with their labels: labels.jsonl, or one TOML file beside each notice. Without arguments: the repository's
own notices and, where a neighbouring folder shared/data/notices is present, real ones.

What was in sight: `tuned`, `fresh`, `sites` and the real ones were looked at while the reader was written. `held_out` and `fresh_held_out` were
written down before the reader was changed for them and are only counted: their misses are printed on request, by whoever does not tune it.
With --changed every notice is also read in the disguises of bench/_disguises.py. With --pdf all notices are instead printed as PDF and typed as
Word documents by code and read back (bench/_printed.py): one table over all folders; --misses names each part that was not exact, of the unseen too.
"""

import json
import sys
import time
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OWN = ROOT / "tests" / "evidence" / "notices"
TUNED, HELD_OUT, CORRECTED = OWN / "tuned", OWN / "held_out", OWN / "corrected"
FRESH, FRESH_HELD_OUT, SITES = OWN / "fresh", OWN / "fresh_held_out", OWN / "sites"
UNSEEN = frozenset({HELD_OUT, FRESH_HELD_OUT})
REAL = ROOT.parent / "shared" / "data" / "notices"
PARTS = ("suppliers", "buyer", "project_no", "amounts")
ITEM_PARTS = ("text", "brand", "model", "quantity", "unit", "unit_price", "catalogue_no", "lot", "serial")
COUNTED = ("brand", "model", "quantity")
NUMBERS = {"quantity", "unit_price"}
SOLD = {"award", "contract"}


def labels(folder: Path) -> list[dict[str, Any]]:
    """What a person read in each notice of the folder, with the name of its file; nothing when the folder is absent."""
    found = []
    listed = folder / "labels.jsonl"
    if listed.is_file():
        found = [json.loads(line) for line in listed.read_text(encoding="utf-8").splitlines() if line.strip()]
    for source in sorted(folder.glob("*.toml")):
        notice = next(p for p in sorted(folder.glob(f"{source.stem}.*")) if p.suffix != ".toml")
        found.append({"file": notice.name, **tomllib.loads(source.read_text(encoding="utf-8"))})
    return found


def plain(text: str | None) -> str:
    """For comparing: NFKC, no white space."""
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def answers(label: dict[str, Any], proposal: Any) -> dict[str, bool]:
    """Which parts were read exactly; an empty label is right only when nothing is proposed."""
    found = {
        "suppliers": {plain(s) for s in label["suppliers"]} == {plain(s.name) for s in proposal.suppliers},
        "buyer": plain(label["buyer"]) == plain(proposal.buyer),
        "project_no": plain(label["project_no"]) == plain(proposal.project_no),
        "amounts": sorted(Decimal(str(a)) for a in label["amounts"]) == sorted(proposal.amounts),
    }
    if "stage" in label:
        found["stage"] = label["stage"] == proposal.stage
    return found


def item_answers(label: dict[str, Any], proposal: Any) -> Iterator[tuple[str, bool, str]]:
    """(part, exact, sentence) of every part of every labelled item; an item is found by its place, else by its text."""
    read = list(proposal.items)
    wanted = label.get("items", [])
    for i, item in enumerate(wanted):
        same = next((r for r in read if plain(r.text) == plain(item["text"])), None)
        got = read[i] if len(read) == len(wanted) else same
        for part in ITEM_PARTS:
            if part in item:
                said = getattr(got, part) if got else None
                exact = said is not None and (Decimal(item[part]) == said if part in NUMBERS else plain(item[part]) == plain(said))
                yield part, exact, f"items.{i}.{part} is {item[part]!r}, read {str(said) if said is not None else None!r}"
    if "items" in label:
        for extra in read[len(wanted) :]:
            yield "invented", False, f"an item that is none: {extra.text[:40]!r}"


@dataclass
class Result:
    """Counts over one folder. `right` and `of` by part; `wrong` sentences; `spent` milliseconds a notice in this process, `caged` in its child."""

    count: int = 0
    right: dict[str, int] = field(default_factory=dict)
    of: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)
    caged: list[float] = field(default_factory=list)
    false_awards: int = 0  # read as sold, though the label says candidate, failed, tender ...
    wrong_suppliers: int = 0  # notices that propose a supplier that the label does not name

    def add(self, part: str, *, good: bool, sentence: str = "") -> None:
        self.of[part] = self.of.get(part, 0) + 1
        self.right[part] = self.right.get(part, 0) + good
        if not good:
            self.wrong.append(sentence)


def judge(result: Result, label: dict[str, Any], proposal: Any) -> None:
    """Add one notice to the counts."""
    result.count += 1
    got = {
        "suppliers": [s.name for s in proposal.suppliers],
        "amounts": [str(a) for a in proposal.amounts],
        **{part: getattr(proposal, part) for part in ("buyer", "project_no", "stage")},
    }
    for part, good in answers(label, proposal).items():
        result.add(part, good=good, sentence=f"{label['file']}: {part} is {label[part]!r}, read {got[part]!r}")
    for part in ("agency", "region", "delivery_place"):
        if part in label:
            said = getattr(proposal, part)
            result.add(part, good=plain(label[part]) == plain(said), sentence=f"{label['file']}: {part} is {label[part]!r}, read {said!r}")
    for part in ("published_on", "signed_on"):
        if part in label:
            day = getattr(proposal, part)
            good = label[part] == (day.isoformat() if day else "")
            result.add(part, good=good, sentence=f"{label['file']}: {part} {label[part]}, {day}")
    for part, listed in (("codes", [s.uscc for s in proposal.suppliers]), ("addresses", [s.address for s in proposal.suppliers])):
        if part in label:
            good = set(map(plain, label[part])) <= set(map(plain, listed))
            result.add(part, good=good, sentence=f"{label['file']}: {part} {label[part]}, read {listed}")
    if "other_bidders" in label:
        others = [b.name for b in getattr(proposal, "other_bidders", [])]
        good = set(map(plain, label["other_bidders"])) == set(map(plain, others))
        result.add("other_bidders", good=good, sentence=f"{label['file']}: other_bidders {label['other_bidders']}, read {others}")
    for part, good, sentence in item_answers(label, proposal):
        result.add(f"items.{part}", good=good, sentence=f"{label['file']}: {sentence}")
    result.false_awards += "stage" in label and label["stage"] not in SOLD and proposal.stage in SOLD
    result.wrong_suppliers += not {plain(s.name) for s in proposal.suppliers} <= {plain(s) for s in label["suppliers"]}


def measure(folder: Path) -> Result:
    """Read every notice of the folder and count."""
    from certifications.evidence.readers import sniff
    from certifications.evidence.readers.everything import read_any
    from certifications.evidence.readers.sandbox import read_in_child

    result = Result()
    for label in labels(folder):
        content = (folder / label["file"]).read_bytes()
        kind = sniff(content).media_type
        started = time.perf_counter()
        proposal = read_any(content, kind, label.get("title") or "")
        result.spent.append((time.perf_counter() - started) * 1000)
        started = time.perf_counter()
        read_in_child(content, kind, title=label.get("title") or "")
        result.caged.append((time.perf_counter() - started) * 1000)
        judge(result, label, proposal)
    return result


def show(name: str, result: Result, *, misses: bool) -> None:
    """Print one table."""
    print(f"{name}: {result.count} notices")
    for part, of in result.of.items():
        print(f"  {part:<18}{result.right[part]:>4} of {of:<4}{result.right[part] / of:>7.1%}")
    right, of = (sum(counts.get(f"items.{part}", 0) for part in COUNTED) for counts in (result.right, result.of))
    if of:
        print(f"  brand, model, quantity together  {right} of {of}  {right / of:.1%}")
    print(f"  read as sold though it was not   {result.false_awards}")
    print(f"  a supplier that is none          {result.wrong_suppliers}")
    if result.spent:
        spent = sorted(result.spent)
        print(f"  milliseconds: median {spent[len(spent) // 2]:.1f}, mean {sum(spent) / len(spent):.1f}, slowest {spent[-1]:.1f}")
        print(f"  milliseconds as a worker reads, a child forked for each: mean {sum(result.caged) / len(result.caged):.1f}")
    if misses:
        for sentence in result.wrong:
            print(f"  - {sentence}")


def main() -> None:
    """Print one table a folder."""
    sys.path.insert(0, str(ROOT))
    flags = {a for a in sys.argv[1:] if a.startswith("--")}
    given = [Path(a) for a in sys.argv[1:] if not a.startswith("--")]
    folders = given or [f for f in (OWN, TUNED, HELD_OUT, FRESH, FRESH_HELD_OUT, SITES, CORRECTED, REAL) if labels(f)]
    if "--pdf" in flags:
        from bench._printed import show_printed

        show_printed(folders, misses="--misses" in flags)
        return
    for folder in folders:
        measure(folder)  # warm up: the first call loads patterns
        name = "real notices (labels were visible)" if folder == REAL else folder.name
        show(name, measure(folder), misses=folder not in UNSEEN or "--show-held-out" in flags)
        if "--changed" in flags:
            from bench._disguises import measure_disguised

            for disguise, result in measure_disguised(folder):
                show(f"{name}, {disguise}", result, misses=folder not in UNSEEN and "--quiet" not in flags)


if __name__ == "__main__":
    main()
