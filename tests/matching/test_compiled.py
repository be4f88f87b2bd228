"""The loops that run as machine code: kept for this engine only, one piece for every index, and without a place to keep them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from certifications.matching import Entry, build_index, compiled, load_index, match, save_index
from certifications.matching.bounds_loops import may_be_alike, most_of_names
from certifications.matching.postings import names_that_share_most


def test_an_index_in_memory_and_one_that_is_mapped_run_the_same_code(tmp_path: Path) -> None:
    index = build_index([Entry("it", "Company", ["博瑞生物科技有限公司", "Borui Biotech Co., Ltd."]), Entry("he", "Person", ["李嘉诚"])])
    save_index(index, tmp_path / "it.index")
    stored = load_index(tmp_path / "it.index")
    for name in ("Borui Biotech", "Lee Ka-shing", "博瑞"):
        assert match(name, index) == match(name, stored)
    for loop in (names_that_share_most, may_be_alike, most_of_names):
        assert len(loop.signatures) == 1, loop  # type: ignore[attr-defined]


def test_code_is_kept_under_the_engine_that_it_was_made_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Constants are built into it: a weight that changes in another file must not meet old code."""
    named = []
    for engine in ("one", "other"):
        monkeypatch.setattr(compiled, "_ENGINE", engine)

        def twice(number: int) -> int:
            return 2 * number

        loop: Any = compiled.compiled(twice)
        assert loop(21) == 42
        named.append(loop.py_func.__qualname__)
        assert engine in loop._cache._impl.filename_base, "the digest stands in the name of the file"
    assert named[0] != named[1]


def test_any_source_of_the_engine_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = compiled._engine()
    (tmp_path / "rules.py").write_text("WEIGHT = 1\n")
    monkeypatch.setattr(compiled, "__file__", str(tmp_path / "compiled.py"))
    one = compiled._engine()
    (tmp_path / "rules.py").write_text("WEIGHT = 2\n")
    assert len({before, one, compiled._engine()}) == 3


def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    real = compiled.njit

    def without_a_place(**options: Any) -> Any:
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    def thrice(number: int) -> int:
        return 3 * number

    monkeypatch.setattr(compiled, "njit", without_a_place)
    assert compiled.compiled(thrice)(14) == 42


def test_who_asks_no_index_does_not_pay_for_the_compiler() -> None:
    """60 MB and a fifth of a second of every process that only reads names or compares two."""
    asked = "import sys; from certifications.matching import classify, compare; classify('和田地区公安局'); compare('博瑞', 'Borui')"
    subprocess.run([sys.executable, "-c", f"{asked}; sys.exit('numba' in sys.modules)"], check=True)
