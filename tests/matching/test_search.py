"""The quick search gives what the slow one gives: every proposed name compared, no bound, no block."""

import random
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from certifications.matching import Band, Candidate, Entry, Index, build_index, compare, match, match_many, reached_by
from certifications.matching.bounds import Block, side_of
from certifications.matching.index import PERSON
from certifications.matching.score import score
from certifications.matching.search import PROPOSED_PER_SCRIPT, proposals
from certifications.matching.segment import units_of, words_of
from tests.matching.listed import entities, invented_names
from tests.matching.test_properties import BAD, names

REVIEW = 0.70
FIRMS = 1_200  # with the Entity List more than 1,000 names: enough for rarity to count
PERSONS = ["LIN, Yue", "Abdul Rahman al-Ghafari", "林悦", "Petrov, Sergei Ivanovich", "Ng, Wai Ming", "Сергей Петров"]
ASKED = [
    *(
        "新疆维吾尔自治区公安厅",
        "Xinjiang Uyghur Autonomous Region Public Security Bureau",
        "wu lu mu qi shi gong an ju",
        "阿克苏地区公安局",
    ),
    *(
        "广州博瑞生物科技有限公司",
        "Guangzhou Borui Biotech Co., Ltd.",
        "Bo Rui",
        "博富瑞",
        "Lin Yue",
        "Sergei Petrov",
        "有限公司",
        "新疆",
        "锦江",
    ),
    "Public Security Bureau 分局",
    *("Urumqi Municipal Public Sеcurity Burеau", "人民医院", "Hospital", "兵团第八师公安局", "XPCC 8th Division", "xinjiangyikedaxue"),
]


@lru_cache(maxsize=1)
def big_index() -> Index:
    """The Entity List, invented firms and some persons: enough names for rarity to count."""
    listed = [Entry(e["id"], e["schema"], [e["name"], *e["aliases"], *e["zh_unofficial"]]) for e in entities()]
    firms = [Entry(f"firm-{number // 2}", "Company", [name]) for number, name in enumerate(invented_names(FIRMS))]
    return build_index([*listed, *firms, *(Entry(f"person-{n}", "Person", [name]) for n, name in enumerate(PERSONS))])


def slowly(name: str, index: Index, top: int, schema: str) -> list[tuple[str, str, float]]:
    """`match` without bounds, from the same proposals."""
    wanted = None if not schema else schema == "Person"
    numbers = set() if wanted else set(proposals(index, units_of(name), persons=wanted).tolist())
    if wanted is not False:
        numbers |= set(proposals(index, words_of(name), persons=True).tolist())
    return ranked(name, index, numbers)[: max(0, top)]


def ranked(name: str, index: Index, numbers: set[int]) -> list[tuple[str, str, float]]:
    best: dict[str, tuple[float, str]] = {}
    for number in numbers:
        read = words_of if index.flags[number] & PERSON else units_of
        known = index.names[number]
        found = score(read(name), read(known), (name, known), lambda unit: index.weights([unit])[0])
        entry = index.entries[int(index.entry_of[number])]
        if found.score > 0:
            best[entry] = max(best.get(entry, (0.0, "")), (found.score, known))
    return sorted(((entry, known, points) for entry, (points, known) in best.items()), key=lambda row: (-row[2], row[0]))


def plain(found: list[Candidate]) -> list[tuple[str, str, float]]:
    return [(c.id, c.name, c.score) for c in found]


def some_queries() -> list[str]:
    listed = [name for e in entities()[::30] for name in (e["name"], *e["zh_unofficial"])]
    return [*ASKED, *PERSONS, *listed, *invented_names(FIRMS)[::67], *(name[:-3] for name in invented_names(FIRMS)[5::91])]


@pytest.mark.parametrize(("top", "schema"), [(1, "Company"), (1, "Person"), (5, "")])
def test_bounds_change_no_answer(top: int, schema: str) -> None:
    queries = some_queries()
    for query, found in zip(queries, match_many(queries, big_index(), top, schema=schema), strict=True):
        assert plain(found) == slowly(query, big_index(), top, schema), query


@settings(max_examples=50, deadline=None)
@given(names)
def test_bounds_change_no_answer_for_any_name(name: str) -> None:
    assert plain(match(name, big_index())) == slowly(name, big_index(), 5, "")


@settings(max_examples=60, deadline=None)
@given(names, names)
def test_no_name_scores_above_its_bound(query: str, known: str) -> None:
    index = build_index([Entry("it", "", [known])])
    units = units_of(query)
    numbers = proposals(index, units, persons=None)
    if len(numbers):
        block = Block([side_of(query, units, numbers, index)], index)
        assert compare(query, known).score <= block.most[0]


# Made so that what a crossing may tie is near its limits: two sounds, runs of short words, initials, words read one way or another.
CROSSING = [
    "广州", "金正大", "西门子", "夜光明", "青岚", "博瑞", "科达", "济民", "科技", "生态工程", "集团", "有限公司", "达",
    "Guangzhou", "Kingenta", "Siemens", "YGM", "Chimin", "Qinglan", "Bo", "Rui", "Keda", "Ke", "Da", "Boruida", "Kinda", "Technology",
    "Ecological", "Group", "Co., Ltd.", "Atlas", "Goldensea", "Zhenjiang",
]  # fmt: skip
in_two_scripts = st.lists(st.sampled_from(CROSSING), min_size=1, max_size=6)


@settings(max_examples=400, deadline=None)
@given(in_two_scripts, in_two_scripts)
@example(["门德尔松广州克林顿有限公司"], ["Mendelssohn Guangzhou Clinton Ltd"])  # two words by their sound
@example(["瑞可达"], ["Recodeal"])
@example(["瑞可达"], ["Rico JMN Han"])  # one sound, spelt by several short words
@example(["夜光明"], ["YGM"])
def test_no_company_in_two_scripts_scores_above_its_bound(han: list[str], latin: list[str]) -> None:
    one, other = "".join(w for w in han if not w.isascii()), " ".join(w for w in latin if w.isascii())
    for query, known in ((one, other), (other, one)):
        index, units = build_index([Entry("it", "", [known])]), units_of(query)
        if len(index) and units:
            block = Block([side_of(query, units, np.array([0]), index)], index)
            found = block.account(0, block.units(0))
            assert found.score == found.comparison().score == compare(query, known).score <= block.most[0], (query, known)


PARTS = [
    "普京", "特朗普", "李嘉诚", "欧阳", "王", "弗拉基米尔", "淑兰", "科技有限公司",
    "Vladimir", "Putin", "Lee", "Ka-shing", "Ouyang", "Li", "Wang Shulan", "V.",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4), st.lists(st.sampled_from(PARTS), min_size=1, max_size=4))
@example(["李嘉诚"], ["Li", "Ka-shing"])
@example(["弗拉基米尔", "普京"], ["Vladimir", "Putin"])
@example(["Putin"], ["普京", "普京"])  # one word for two of the same
@example(["普京", "欧阳"], ["Ouyang", "Ouyang"])  # and one spelling that stands twice
def test_no_person_in_two_scripts_scores_above_the_bound(one: list[str], other: list[str]) -> None:
    query, known = "·".join(one), " ".join(other)
    index, units = build_index([Entry("it", "Person", [known])]), words_of(query)
    if len(index) and units:
        block = Block([side_of(query, units, np.array([0]), index)], index)
        assert block.account(0, block.units(0)).score <= block.most[0], (query, known)


def test_a_company_is_not_compared_with_persons_in_another_script() -> None:
    """Its name is one long word, and one part of a person's name that agrees is never worth a review."""
    index = build_index([Entry("it", "Person", ["Gao Hua", "Gao"])])
    for query in ("南京高华科技股份有限公司", "高"):
        block = Block([side_of(query, words_of(query), np.array([0, 1]), index)], index)
        assert max(block.most) < REVIEW
    assert match("高华", index)[0].score > REVIEW


@pytest.mark.parametrize(("typed", "listed"), [("青银行股份有限公司", "青岛银行股份有限公司"), ("源钢铁有限公司", "凌源钢铁有限公司")])
def test_a_lost_character_is_put_before_a_person(typed: str, listed: str) -> None:
    assert compare(typed, listed).band is compare(listed, typed).band is Band.REVIEW
    assert match(typed, build_index([Entry("it", "Company", [listed])]))[0].score >= REVIEW
    assert compare(typed, listed, "register").band is Band.DIFFERENT


def test_the_pass_that_proposes_loses_no_name_that_would_be_looked_at() -> None:
    index = big_index()
    everyone = set(range(len(index)))
    lost = []
    for query in some_queries()[::16]:
        for entry, _known, points in ranked(query, index, everyone)[:1]:
            if points >= 0.70 and entry not in {c.id for c in match(query, index, PROPOSED_PER_SCRIPT)}:
                lost.append(query)
    assert not lost


def test_many_names_at_once_are_answered_like_one_by_one() -> None:
    queries = [*BAD, *some_queries()]
    assert list(match_many(queries, big_index(), 3)) == [match(query, big_index(), 3) for query in queries]
    assert list(match_many([], big_index())) == []


def test_nothing_under_the_least_score_is_given_and_nothing_else_changes() -> None:
    for query in some_queries()[::5]:
        everything = match(query, big_index(), 15)
        assert match(query, big_index(), 15, least=0.7) == [c for c in everything if c.score >= 0.7]


@pytest.mark.parametrize("name", BAD, ids=range(len(BAD)))
def test_bad_input_is_listed_and_asked_without_an_error(name: str) -> None:
    index = build_index([Entry("it", "", [name]), Entry("it", "Person", [name]), Entry("it", "", ["Borui"])])
    for schema in ("", "Person", "Company"):
        assert {c.id for c in match(name, index, schema=schema)} <= {"it"}


def test_the_same_identifier_twice_is_one_candidate() -> None:
    index = build_index([Entry("it", "", ["Borui Biotech"]), Entry("it", "", ["Borui Biotechnology"])])
    assert [c.id for c in match("Borui Biotech", index)] == ["it"]


def test_the_points_of_one_query_do_not_reach_the_next() -> None:
    index = big_index()
    before = plain(match("Guangzhou Borui Biotech", index))
    for query in some_queries():
        match(query, index)
    assert plain(match("Guangzhou Borui Biotech", index)) == before


def test_a_changed_entry_reaches_every_party_that_a_screening_would_report() -> None:
    parties = [Entry(f"party-{number}", "", [name]) for number, name in enumerate([*some_queries(), *invented_names(300)])]
    lists, index = big_index(), build_index(parties)
    changed = [Entry(e["id"], e["schema"], [e["name"], *e["aliases"], *e["zh_unofficial"]]) for e in entities()[::20]]
    changed += [Entry(f"person-{number}", "Person", [name]) for number, name in enumerate(PERSONS)]
    wanted = {e.id for e in changed}
    reported = {p.id for p in parties if any(c.id in wanted for c in match(p.names[0], lists, 15, least=0.7))}
    reached = reached_by(changed, index, lists, least=0.7)
    assert reported == reached & {p.id for p in parties if any(c.id in wanted for c in match(p.names[0], lists, 60, least=0.7))}
    assert reported <= reached


def test_a_name_that_very_many_parties_bear_reaches_them_all() -> None:
    parties = build_index(Entry(f"party-{n}", "", [f"Borui Biotech {'I' * (n % 5)}"]) for n in range(400))
    entry = Entry("it", "", ["Borui Biotech"])
    assert len(reached_by([entry], parties, build_index([entry]), least=0.7)) == 400


def invented_firms(dice: random.Random, count: int) -> list[str]:
    """A place, a name of two syllables and a trade, of few each."""
    syllables = ["xi", "yuan", "bo", "rui", "hong", "da", "lan", "qing", "ming", "hai", "sheng", "tian", "he", "kang", "nuo", "ze"]
    trades = [
        "Ship",
        "Chemical Equipment",
        "Life Science",
        "Silicone",
        "Landscaping",
        "Optics",
        "Reagents",
        "Import and Export",
        "Textile",
        "Power Equipment",
    ]
    return [f"{dice.choice(syllables)}{dice.choice(syllables)} {dice.choice(trades)}".title() for _ in range(count)]


def test_who_shares_a_name_is_reached_behind_all_who_share_a_trade() -> None:
    """The bench's invented firms: a hundred share each trade, and one another trade but the name."""
    dice = random.Random(5)
    listed_names = invented_firms(dice, 300)
    parties = [Entry(f"party-{n}", "", [name]) for n, name in enumerate(invented_firms(dice, 2_000))]
    lists, index = build_index([Entry(f"e-{n}", "Company", [name]) for n, name in enumerate(listed_names)]), build_index(parties)
    changed = [Entry(f"e-{n}", "Company", [name]) for n, name in enumerate(listed_names[:40])]
    wanted = {e.id for e in changed}
    reported = {p.id for p in parties if any(c.id in wanted for c in match(p.names[0], lists, 15, least=0.7))}
    assert len(reported) > 100
    assert reported <= reached_by(changed, index, lists, least=0.7)
