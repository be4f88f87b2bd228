"""Which reasons may close what, and that "not on our register" closes nothing, in whatever words."""

import pytest

from certifications.flags.outcomes import (
    CLEARING,
    CONFIRMING,
    REASON_WORDS,
    Outcome,
    allowed_reasons,
    check,
    needs_second,
    says_only_not_on_register,
)
from certifications.flags.rules import BY_ID

GOOD = "The branch licence 2024-118 shows that this is the former name of a registered seller."


def refused(
    outcome: str, reason: str, text: str = GOOD, rules: tuple[str, ...] = ("S01",), *, declared: bool = False, message: str = ""
) -> str:
    """The field that a decision is refused for; empty when it may be made."""
    refusal = check(outcome=outcome, reason=reason, explanation=text, message=message, rules=rules, has_declaration=declared)
    return refusal.field if refusal else ""


def test_every_rule_has_its_reasons_and_every_reason_its_words() -> None:
    assert set(CLEARING) == set(CONFIRMING) == set(BY_ID)
    used = set().union(*CLEARING.values(), *CONFIRMING.values())
    assert used | {"incomplete", "wrong_party"} == set(REASON_WORDS)


def test_not_on_our_register_is_no_reason_for_anything() -> None:
    assert not any("register" in code and code.startswith("not") for code in REASON_WORDS)
    for made_up in ("not_on_register", "not_in_system", "unknown_seller", "unregistered_seller", "no_authorisation"):
        assert refused("clear", made_up) == "reason"


@pytest.mark.parametrize(
    "text",
    [
        "The seller is not on our register.",
        "Not in our system, not in our system.",
        "This company was never registered with us.",
        "The supplier is not known in our database.",
        "Not listed in our records.",
        "该供应商不在我们的系统中。这家公司未被列入名单。",
        "供应商不在名册中，未列入名单。",
    ],
)
def test_a_text_that_says_nothing_but_that_is_refused(text: str) -> None:
    assert says_only_not_on_register(text)
    padded = text if len(text) >= 15 else text * 2
    assert refused("clear", "error_in_source", padded) == "explanation"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "Not on our register under this name; the licence of 3 May shows it is Xi'an Hongqiao, registered since 2024.",
        "不在名册中的这个名称是已登记公司的旧称，见 2024 年变更通知书。",
        "The correction notice of 9 June names another supplier.",
    ],
)
def test_a_text_that_says_what_shows_it_is_accepted(text: str) -> None:
    assert not says_only_not_on_register(text)
    assert refused("clear", "error_in_source", text) == ""


@pytest.mark.parametrize(("outcome", "field"), [("approve", "outcome"), ("", "outcome"), ("return", "outcome")])
def test_an_outcome_that_is_none_or_cannot_be_is_named(outcome: str, field: str) -> None:
    assert refused(outcome, "incomplete") == field


def test_a_declaration_can_be_returned_and_evidence_cannot() -> None:
    assert refused("return", "incomplete", rules=("B01",), declared=True, message="Name the department that will use them.") == ""
    assert refused("return", "incomplete", rules=("B01",), declared=True) == "message"
    assert refused("clear", "class_misread", rules=("B01",), declared=True, message="Something for the distributor.") == "message"
    assert refused("return", "incomplete", rules=("S01",)) == "outcome"


@pytest.mark.parametrize("text", ["", "too short", " " * 40])
def test_a_decision_is_explained_in_a_sentence(text: str) -> None:
    assert refused("confirm", "unregistered_seller", text) == "explanation"


@pytest.mark.parametrize("rules", [("UNSC",), ("UNSC", "LIST"), ("B01", "UNSC")])
def test_what_was_not_screened_is_cleared_by_nobody(rules: tuple[str, ...]) -> None:
    assert allowed_reasons(Outcome.CLEAR, rules) == []
    for reason in REASON_WORDS:
        assert refused("clear", reason, rules=rules, declared=True) == "outcome"


def test_a_reason_must_hold_for_every_flag_where_they_share_one() -> None:
    assert allowed_reasons(Outcome.CLEAR, ("S01", "S04")) == ["error_in_source", "before_programme"]
    assert refused("clear", "our_affiliate", rules=("S01", "S04")) == "reason"


@pytest.mark.parametrize(
    ("outcome", "severities", "two"),
    [
        (Outcome.CLEAR, ["high"], True),
        (Outcome.CONFIRM, ["critical", "low"], True),
        (Outcome.CLEAR, ["low", "medium"], False),
        (Outcome.CONFIRM, ["medium"], False),
        (Outcome.RETURN, ["critical"], False),
    ],
)
def test_two_people_for_whatever_clears_or_confirms_a_blocking_flag(outcome: Outcome, severities: list[str], *, two: bool) -> None:
    assert needs_second(outcome, severities) is two
