"""What is said of a right that is for another place: that it is, where it is in force; else how it stands."""

from types import SimpleNamespace
from typing import Any

import pytest

from certifications.parties.register import Entry
from certifications.parties.rules_register import NOT_KNOWN
from certifications.parties.sellers import kind_among

from .rights import DAY, TODAY

ANHUI, ZHEJIANG = "340000", "330000"


def right(standing: str = "authorised", divisions: tuple[str, ...] = (ANHUI,), risk_ends: tuple[Any, ...] = ()) -> Entry:
    terms: Any = SimpleNamespace(lines=["kits"], countries=["CN"], divisions=list(divisions), risk_ends=list(risk_ends))
    return Entry(terms=terms, standing=standing)


def standing(*rights: Entry, division: str = ZHEJIANG) -> str:
    return kind_among(rights, "kits", "CN", division, TODAY)


@pytest.mark.parametrize("stopped", ["suspended", "revoked"])
def test_a_stopped_right_for_another_place_is_stopped(stopped: str) -> None:
    assert standing(right(stopped)) == stopped
    assert standing(right(stopped), right("ended", (ZHEJIANG,))) == stopped
    assert standing(right(stopped), right()) == "elsewhere", "another one is in force elsewhere"
    assert standing(right(stopped), right(), right("authorised", (ZHEJIANG,))) == "authorised"
    assert standing(right(), right(stopped, (ZHEJIANG,))) == stopped, "the one for this place counts"


def test_where_the_place_is_not_known_a_right_that_ended_for_a_part_of_the_country_is_a_question() -> None:
    end = {"until": TODAY.isoformat(), "countries": ["CN"], "lines": ["kits"], "divisions": [ANHUI]}
    assert standing(right(divisions=(), risk_ends=(end,)), division=NOT_KNOWN) == "elsewhere"
    assert standing(right(divisions=(), risk_ends=(end,)), division=ANHUI) == "lapsed"
    assert standing(right(divisions=(), risk_ends=(end,))) == "authorised"
    later = {**end, "until": (TODAY + DAY).isoformat()}
    assert standing(right(divisions=(), risk_ends=(later,)), division=NOT_KNOWN) == "authorised"
    assert standing(right(divisions=(), risk_ends=({**end, "lines": ["analysers"]},)), division=NOT_KNOWN) == "authorised"
