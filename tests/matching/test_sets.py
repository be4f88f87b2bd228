"""The engine on the project's own labelled names. The halves are split by hash; only the held-out one is asserted on."""

from functools import lru_cache

from certifications.matching import CLASSES, Candidate, Index, build_index, classify, match
from tests.matching import sets

FALSE_POSITIVES = 0.01


@lru_cache(maxsize=1)
def index() -> Index:
    return build_index(sets.bureaux())


@lru_cache(maxsize=1)
def answers() -> list[tuple[sets.Query, Candidate | None]]:
    found = [(query, match(query.name, index(), 1)) for query in sets.bodies() if sets.held_out(query.name)]
    return [(query, best[0] if best else None) for query, best in found]


def test_the_sets_are_wide_enough_and_say_nothing_twice() -> None:
    queries, names = sets.bodies(), sets.classes()
    assert sum(bool(q.truth) for q in queries) >= 300
    assert sum(not q.truth for q in queries) >= 200
    assert len(names) >= 300
    assert len({q.name for q in queries}) == len(queries)
    assert len({n.name for n in names}) == len(names)
    listed = {entry.id for entry in sets.bureaux()}
    assert {q.truth for q in queries if q.truth} <= listed
    assert {name for n in names for name in n.classes} == set(CLASSES)
    for half in (True, False):
        assert sum(sets.held_out(q.name) is half and bool(q.truth) for q in queries) >= 150
        assert sum(sets.held_out(n.name) is half for n in names) >= 150


def test_every_division_of_the_two_regions_has_a_bureau_in_the_list() -> None:
    listed = {entry.id for entry in sets.bureaux()}
    assert len(listed) == len(sets.bureaux())
    assert {f"psb-{place.code}" for place in sets.places()} | {"psb-650000", "psb-540000", "psb-xpcc"} == listed


def test_a_bureau_is_found_under_its_own_division_however_it_is_written() -> None:
    wanted = [(query, best) for query, best in answers() if query.truth]
    missed = [(query.name, best.id if best else "") for query, best in wanted if best is None or best.id != query.truth]
    assert 1 - len(missed) / len(wanted) >= 0.98, missed


def test_other_bodies_of_the_place_and_bureaux_elsewhere_stay_below_the_bureaux() -> None:
    wrong = sorted((best.score if best else 0.0 for query, best in answers() if not query.truth), reverse=True)
    limit = wrong[int(FALSE_POSITIVES * len(wrong))]
    assert limit < 0.70
    wanted = [(query, best) for query, best in answers() if query.truth]
    missed = [query.name for query, best in wanted if best is None or best.id != query.truth or best.score <= limit]
    assert 1 - len(missed) / len(wanted) >= 0.97, missed


def test_class_and_division_of_a_name_are_exact() -> None:
    names = [n for n in sets.classes() if sets.held_out(n.name)]
    found = [(n, classify(n.name)) for n in names]
    missed = [
        (n.name, c.classes, c.divisions) for n, c in found if set(c.classes) != set(n.classes) or set(c.divisions) != set(n.divisions)
    ]
    assert 1 - len(missed) / len(names) >= 0.97, missed
