"""What the indexes proposed is kept for the next who asks: so much of it, whatever the number of indexes."""

import pytest

from certifications.matching import Entry, build_index
from certifications.resolution import engine


def test_one_bound_holds_over_all_indexes_and_what_was_asked_last_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_NAMES_HELD", 3)
    asked: list[tuple[str, ...]] = []
    whole = engine.match_many
    monkeypatch.setattr(engine, "match_many", lambda names, *more, **words: asked.append(tuple(names)) or whole(names, *more, **words))
    one, two = (build_index([Entry(pk, "Organization", ["Alder Optics Limited"])]) for pk in ("A", "B"))
    assert engine._by_name(["Alder Optics", "Birch Optics"], one)["Alder Optics"] == {"A"}
    assert engine._by_name(["Alder Optics"], two)["Alder Optics"] == {"B"}
    engine._by_name(["Alder Optics"], one)
    engine._by_name(["Cedar Optics"], two)
    assert len(engine._proposed) == 3
    asked.clear()
    for name, index in (("Alder Optics", one), ("Alder Optics", two), ("Cedar Optics", two), ("Birch Optics", one)):
        engine._by_name([name], index)
    assert asked == [(), (), (), ("Birch Optics",)]
