"""How high the error rate of a set may be by its sample, and what is set aside. Values in, values out."""

from decimal import Decimal

import pytest

from certifications.evidence.rules_intake import confidence_of, drawn, is_ours, least_sample, rank_of, template_of, upper_bound, word_of


@pytest.mark.parametrize(
    ("wrong", "size", "bound"),
    [(0, 1, "0.95"), (0, 10, "0.25887"), (0, 59, "0.04951"), (1, 20, "0.21611"), (3, 100, "0.07572"), (5, 5, "1"), (0, 2000, "0.0015")],
)
def test_the_bound_is_that_of_clopper_and_pearson(wrong: int, size: int, bound: str) -> None:
    assert abs(upper_bound(wrong, size) - Decimal(bound)) < Decimal("0.00002")


def test_without_errors_the_bound_has_a_closed_form() -> None:
    for size in (2, 30, 299, 1500):
        assert abs(float(upper_bound(0, size)) - (1 - 0.05 ** (1 / size))) < 0.00002


def test_more_wrong_is_a_higher_bound_and_more_checked_a_lower_one() -> None:
    assert upper_bound(0, 100) < upper_bound(1, 100) < upper_bound(2, 100)
    assert upper_bound(1, 200) < upper_bound(1, 100)


def test_what_is_no_sample_has_no_bound() -> None:
    for wrong, size in ((1, 0), (-1, 5), (6, 5)):
        with pytest.raises(ValueError, match="wrong of size"):
            upper_bound(wrong, size)


@pytest.mark.parametrize(("limit", "wrong", "size"), [("0.05", 0, 59), ("0.05", 1, 93), ("0.01", 0, 299), ("0.2", 0, 14)])
def test_the_least_sample_is_the_first_that_may_do(limit: str, wrong: int, size: int) -> None:
    assert least_sample(Decimal(limit), wrong) == size
    assert upper_bound(wrong, size) <= Decimal(limit) < upper_bound(wrong, size - 1)


def test_a_sample_can_be_drawn_again_by_anybody_and_differs_by_seed() -> None:
    numbers = [f"EV-{n}" for n in range(100)]
    assert drawn(numbers, 10, "a") == drawn(list(reversed(numbers)), 10, "a")
    assert set(drawn(numbers, 10, "a")) != set(drawn(numbers, 10, "b"))


def test_the_queue_is_ordered_by_the_gravest() -> None:
    assert rank_of(["low", "critical"]) > rank_of(["high"]) > rank_of(["medium"]) > rank_of([])
    assert [word_of(rank_of(some)) for some in (["high"], [])] == ["high", "nothing"]


def test_only_listed_goods_of_others_are_set_aside() -> None:
    desk = {"product_text": "办公桌", "brand": "", "model": "", "product": ""}
    assert not is_ours({}, [desk])
    assert is_ours({"products": [{"text": "测序仪", "family": "instrument"}]}, [desk])
    assert is_ours({}, [desk, {**desk, "product": "P"}])
    assert is_ours({}, [{"product_text": "", "brand": "", "model": "", "product": ""}]), "what is not disclosed is no reason to skip"


def test_the_least_sure_field_counts_and_the_way_of_finding_makes_the_template() -> None:
    fields = {
        "buyer": {"confidence": 0.9, "reason": "label"},
        "stage": {"confidence": 0.6, "reason": "label"},
        "x": {"confidence": 0.1, "reason": "cell"},
    }
    assert confidence_of({"fields": fields}, [{"buyer": "buyer", "stage": "stage"}]) == Decimal("0.6")
    assert confidence_of({}, []) == 0
    assert template_of("text/html", {"fields": fields}) == "html label"
