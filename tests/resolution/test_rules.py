"""What is sure of a name, what is asked, and that a person goes before the rule. Values in, values out."""

import pytest

from certifications.resolution.rules import Found, standing_of, sure_of


def found(party: str, score: float = 1.0, *, number: str = "missing", exact: bool = False, entity: str = "") -> Found:
    return Found(party, entity or party, score, "name", number, exact)


def test_the_very_name_that_one_party_bears_is_sure() -> None:
    assert sure_of([found("A", exact=True), found("B", 0.95)]) == {"A"}


def test_a_name_that_two_bear_is_a_question_unless_people_said_they_are_one() -> None:
    assert sure_of([found("A", exact=True), found("B", exact=True)]) == frozenset()
    assert sure_of([found("A", exact=True, entity="A"), found("B", exact=True, entity="A")]) == {"A", "B"}


def test_however_alike_a_name_is_it_is_a_question() -> None:
    standing = standing_of([found("A", 0.99)], {})
    assert (standing.state, standing.bound) == ("ask", frozenset())


def test_the_same_number_with_a_name_that_does_not_conflict_is_sure() -> None:
    assert sure_of([found("A", 0.75, number="same"), found("B", 0.9)]) == {"A"}


@pytest.mark.parametrize(
    "rows",
    [
        [found("A", 0.30, number="same")],
        [found("A", 0.80, number="same"), found("B", exact=True)],
        [found("A", 0.80, number="same"), found("B", 0.10, number="same")],
        [found("A", exact=True, number="other")],
    ],
    ids=["another name", "the very name is somebody else's", "one number of two firms", "the very name with another number"],
)
def test_what_contradicts_itself_is_a_question(rows: list[Found]) -> None:
    assert sure_of(rows) == frozenset()
    assert standing_of(rows, {}).state == "ask"


def test_a_person_goes_before_the_rule() -> None:
    rows = [found("A", exact=True), found("B", 0.9)]
    assert standing_of(rows, {"B": "same"}).bound == {"B"}
    assert standing_of(rows, {"A": "different"}).state == "ask", "B is left to be asked"
    assert standing_of(rows, {"A": "different", "B": "different"}).state == "nobody"
    assert standing_of(rows, {"A": "unsure", "B": "different"}).state == "unsure"


def test_what_is_unlike_is_nobody() -> None:
    assert standing_of([found("A", 0.5)], {}).state == "nobody"
    assert standing_of([], {}).state == "nobody"
