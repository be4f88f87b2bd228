"""The same notice in other clothes says the same: other tags, widths, labels, line ends, a copy from the browser."""

from pathlib import Path

import pytest

from bench._disguises import DISGUISES, disguised
from bench.notices import COUNTED, Result, judge
from certifications.evidence.readers import read_notice
from tests.evidence.readers.samples import HELD_OUT, TUNED

# In percent of what is read of the plain notice's labels; a table that lost its cells may say less, never something else.
MUST_KEEP = {"suppliers": 95, "buyer": 90, "project_no": 93, "amounts": 90, "stage": 95}
ITEMS_MUST_KEEP = 85


@pytest.mark.parametrize("folder", [TUNED, HELD_OUT], ids=lambda folder: folder.name)
def test_a_disguise_takes_nothing_away_and_never_makes_a_sale(folder: Path) -> None:
    results: dict[str, Result] = {}
    for name, label, content in disguised(folder):
        judge(results.setdefault(name, Result()), label, read_notice(content))
    assert set(results) == {disguise.__name__ for disguise in DISGUISES}
    for name, result in results.items():
        assert (result.false_awards, result.wrong_suppliers) == (0, 0), name
    for part, percent in MUST_KEEP.items():
        right, of = (sum(getattr(r, counts)[part] for r in results.values()) for counts in ("right", "of"))
        assert right * 100 >= percent * of, part
    right, of = (
        sum(getattr(r, counts).get(f"items.{part}", 0) for r in results.values() for part in COUNTED) for counts in ("right", "of")
    )
    assert right * 100 >= ITEMS_MUST_KEEP * of
