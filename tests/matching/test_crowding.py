"""Where many stored names share as much with a name, a change of the list that can bring others forward is noticed, and no other."""

import random

import pytest

from certifications.matching import Entry, Index, build_index, crowds, pushed
from certifications.matching.search import proposals
from certifications.matching.segment import units_of, words_of

SYLLABLES = ("vel", "tor", "kam", "zun", "dor", "mira", "pol", "quen")
KINDS = ("Instruments", "Trading", "Optics", "Reagents")
HAN, BODIES = "瑞博康诺新原华测明远青岚安捷", ("生物科技有限公司", "仪器有限公司", "贸易有限公司", "公安局")


def named(chance: random.Random) -> str:
    if chance.random() < 0.3:
        return chance.choice(("广州", "喀什地区", "宁波")) + "".join(chance.choices(HAN, k=2)) + chance.choice(BODIES)
    return f"{chance.choice(SYLLABLES)}{chance.choice(SYLLABLES)} {chance.choice(KINDS)} {chance.choice(KINDS)}".title()


def entries(chance: random.Random, count: int, key: str) -> list[Entry]:
    schemas = ("Company", "Company", "Company", "Person")
    return [Entry(f"{key}-{n}", chance.choice(schemas), [named(chance) for _ in range(chance.randint(1, 3))]) for n in range(count)]


def proposed(name: str, kind: str, index: Index) -> set[tuple[str, str]]:
    """(entry, name) of what the index proposes of that kind."""
    person = kind == "person"
    numbers = proposals(index, words_of(name) if person else units_of(name), persons=True if person else None)
    flags = index.flags[numbers] & 2
    some = numbers if person else numbers[(flags != 0) == (kind == "han")]
    return {(index.entries[int(index.entry_of[n])], index.names[int(n)]) for n in some.tolist()}


@pytest.mark.parametrize("seed", range(6))
def test_whatever_comes_into_the_proposals_or_goes_from_them_is_noticed(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    for module in ("crowding", "search"):
        monkeypatch.setattr(f"certifications.matching.{module}.PROPOSED_PER_SCRIPT", 6)
        monkeypatch.setattr(f"certifications.matching.{module}.PROPOSED", 6)
    chance = random.Random(seed)
    before = entries(chance, 300, "kept")
    gone, fresh = before[::40], entries(chance, 8, "fresh")
    after = [one for one in before if one not in gone] + fresh
    old, new = build_index(before), build_index(after)
    asked = [named(chance) for _ in range(150)]
    everybody = set(old.entries)
    known = {name: rows for name in asked if (rows := crowds(name, everybody, old))}
    assert {row.kind for rows in known.values() for row in rows} == {"han", "other", "person"}
    noticed = pushed(known, (*gone, *fresh), old, new)
    moved = {one.id for one in (*gone, *fresh)}
    for name, rows in known.items():
        for row in rows:
            there = {entry for entry, _name in proposed(name, row.kind, old) ^ proposed(name, row.kind, new)}
            assert name in noticed or not there & moved, (name, row, there & moved)
    assert noticed < known.keys(), "some are left alone"


def test_an_entry_that_would_stand_behind_the_last_place_moves_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("crowding", "search"):
        monkeypatch.setattr(f"certifications.matching.{module}.PROPOSED_PER_SCRIPT", 4)
    held = [Entry(f"held-{n}", "Company", [f"Windrush Instruments Trading {'Ltd' * n}"]) for n in range(5)]
    others = [Entry(f"other-{n}", "Company", [f"Harbour Quayside{n} Optics"]) for n in range(20)]
    old = build_index([*held, *others])
    name = "Windrush Instruments Trading"
    known = {name: crowds(name, {one.id for one in held}, old)}
    assert [row.kind for row in known[name]] == ["other"]

    def noticed(text: str) -> bool:
        fresh = Entry("fresh", "Company", [text])
        return bool(pushed(known, [fresh], old, build_index([*held, *others, fresh])))

    assert noticed("Windrush Instruments Trading Group")
    assert not noticed("Windrush Bakery")
    assert not noticed("喀什地区公安局")
    assert not pushed(known, [], old, old)
    assert crowds(name, set(), old) == [], "nothing was found: nothing can be pushed out"
