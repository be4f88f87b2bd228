"""The same notice in other clothes says the same: other tags, widths, labels, line ends, a copy from the browser."""

from pathlib import Path

import pytest

from bench._disguises import DISGUISES, disguised, wrapped
from bench.notices import COUNTED, Result, judge
from certifications.evidence.readers import read_notice
from tests.evidence.readers.samples import FRESH, FRESH_HELD_OUT, HELD_OUT, TUNED

# In percent of what is read of the plain notice's labels; a table that lost its cells may say less, never something else.
MUST_KEEP = {"suppliers": 95, "buyer": 90, "project_no": 93, "amounts": 90, "stage": 95}
ITEMS_MUST_KEEP = 85


@pytest.mark.parametrize("folder", [TUNED, HELD_OUT, FRESH, FRESH_HELD_OUT], ids=lambda folder: folder.name)
def test_a_disguise_takes_nothing_away_and_never_makes_a_sale(folder: Path) -> None:
    results: dict[str, Result] = {}
    for name, label, content in disguised(folder):
        judge(results.setdefault(name, Result()), label, read_notice(content))
    assert folder not in {TUNED, HELD_OUT} or set(results) == {disguise.__name__ for disguise in DISGUISES}
    for name, result in results.items():
        assert (result.false_awards, result.wrong_suppliers) == (0, 0), name
    for part, percent in MUST_KEEP.items():
        right, of = (sum(getattr(r, counts)[part] for r in results.values()) for counts in ("right", "of"))
        assert right * 100 >= percent * of, part
    right, of = (
        sum(getattr(r, counts).get(f"items.{part}", 0) for r in results.values() for part in COUNTED) for counts in ("right", "of")
    )
    assert right * 100 >= ITEMS_MUST_KEEP * of


def test_a_name_and_a_price_broken_at_the_margin_are_whole() -> None:
    said = (
        "库尔勒市公安局试剂采购成交公告\n本次采购经评审小组评审并经采购人确认，现将有关事项公告如下，供应商如有异议，可在公告期内书面提出，监督部门的电话与地址见公告附件，成交供应商："
        "兰州朔禾科学器材有限公司，成交金额：人民币壹拾贰万叁仟元整，成交供应商地址为甘肃省兰州市城关区雁南街道某某科技创新园三号楼八层。"
    )
    broken = wrapped(said, "text")
    assert broken is not None
    assert "兰州朔禾科学器材有限公司" not in broken
    proposal = read_notice(broken.encode())
    assert [s.name for s in proposal.suppliers] == ["兰州朔禾科学器材有限公司"]
    assert proposal.amounts == (123_000,)
