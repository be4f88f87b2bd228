"""Each rule fires on what it is about and is silent on what is next to it; severities as custody-and-flags.md says."""

from typing import Any

import pytest

from certifications.flags.rules import BY_ID, DECLARATION_RULES, LINE_RULES, blocks, evaluate_declaration, evaluate_line
from certifications.flags.rules.base import NameFacts

from .facts import HOSPITAL, NEVER, declared, fires, fires_for_declaration, line, police, screened, seller

HOLD = {
    "finding": "F1",
    "band": "hold",
    "score": "0.97",
    "entry_name": "Kashgar Prefecture Public Security Bureau",
    "list_title": "US list",
}


def test_an_ordinary_sale_and_an_ordinary_declaration_raise_nothing() -> None:
    assert fires() == {}
    assert fires_for_declaration() == {}


def test_s01_fires_for_a_seller_that_was_never_registered_and_names_the_nearest() -> None:
    assert fires(seller=NEVER, covering_declarations=[]) == {"S01": "high"}
    (hit,) = evaluate_line(line(seller=NEVER))
    assert (hit.inputs["best"], hit.inputs["score"]) == ("西安泓桥商贸有限公司", "0.61")


def test_s01_says_nothing_of_a_supplier_that_the_notice_withholds() -> None:
    assert "S01" not in fires(seller=None, seller_withheld=True)
    assert "S01" not in fires(seller=NEVER, seller_withheld=True)


@pytest.mark.parametrize("kind", ["lapsed", "suspended", "entered_later"])
def test_s01_is_never_registered_and_s03_is_registered_without_a_valid_interval(kind: str) -> None:
    assert fires(seller=seller(kind)) == {"S03": "high"}
    assert "S03" not in fires(seller=NEVER)


def test_s02_fires_for_another_territory_or_line_alone() -> None:
    assert fires(seller=seller("elsewhere")) == {"S02": "medium"}
    assert fires(seller=seller("authorised")) == {}


def test_s04_fires_when_a_registered_seller_sold_our_product_without_a_declaration() -> None:
    assert fires(covering_declarations=[]) == {"S04": "high"}


@pytest.mark.parametrize("changes", [{"catalogue_number": ""}, {"seller": NEVER}, {"seller": None}, {"covering_declarations": ["EUD-1"]}])
def test_s04_is_silent_without_our_product_a_registered_seller_or_with_a_declaration(changes: dict[str, Any]) -> None:
    assert "S04" not in fires(**{"covering_declarations": [], **changes})


@pytest.mark.parametrize("class_", ["police", "state_security", "prison", "armed_police", "xpcc", "political_legal"])
def test_b01_is_critical_for_restricted_classes(class_: str) -> None:
    assert fires(buyer=NameFacts("某局", (class_,), ("330200",))) == {"B01": "critical"}


@pytest.mark.parametrize("class_", ["court", "procuratorate", "justice", "forensic_institute"])
def test_b01_is_medium_for_courts_and_their_like(class_: str) -> None:
    assert fires(buyer=NameFacts("某院", (class_,), ("330200",))) == {"B01": "medium"}


@pytest.mark.parametrize("class_", ["hospital", "university", ""])
def test_b01_is_silent_for_hospitals_and_universities(class_: str) -> None:
    assert fires(buyer=NameFacts("某院", (class_,), ("330200",))) == {}


@pytest.mark.parametrize("division", ["650100", "540100", "659001"])
def test_b02_alone_is_low_because_hospitals_are_there_too(division: str) -> None:
    assert fires(buyer=NameFacts("乌鲁木齐市第一人民医院", (), (division,))) == {"B02": "low"}
    assert fires(region_divisions=(division,)) == {"B02": "low"}


def test_b02_is_silent_elsewhere() -> None:
    assert fires(buyer=NameFacts("成都市医院", (), ("510100",)), region_divisions=("620100",)) == {}


def test_b02_is_high_with_b01_and_b03_says_both_at_once() -> None:
    assert fires(buyer=police("652800")) == {"B01": "critical", "B02": "high", "B03": "critical"}
    assert fires(buyer=police("330200")) == {"B01": "critical"}
    assert fires(buyer=police(), region_divisions=("652800",)) == {"B01": "critical", "B02": "high", "B03": "critical"}


def test_a_court_in_a_controlled_region_is_not_a_restricted_class_there() -> None:
    assert fires(buyer=NameFacts("某法院", ("court",), ("650100",))) == {"B01": "medium", "B02": "low"}


@pytest.mark.parametrize("stage", ["candidate", "tender", "intention", "failed"])
def test_a_notice_that_is_no_award_caps_every_rule_at_low_and_remembers_from_where(stage: str) -> None:
    fired = evaluate_line(line(stage=stage, seller=NEVER, buyer=police("652800")))
    assert {hit.rule: hit.severity.value for hit in fired} == {"S01": "low", "B01": "low", "B02": "low", "B03": "low"}
    assert [hit.inputs["capped_from"] for hit in fired] == ["high", "critical", "high", "critical"]


@pytest.mark.parametrize("stage", ["award", "contract"])
def test_an_award_and_a_contract_are_not_capped(stage: str) -> None:
    assert fires(stage=stage, seller=NEVER) == {"S01": "high"}


def test_a_correction_that_names_a_supplier_weighs_as_the_award_that_it_corrects() -> None:
    assert fires(stage="amendment", seller=NEVER) == {"S01": "high"}


def test_a_correction_that_names_nobody_may_correct_a_tender_and_stays_low() -> None:
    withheld = {"seller": None, "seller_name": "", "seller_withheld": True}
    assert fires(stage="amendment", buyer=police("652800"), **withheld) == {"B01": "low", "B02": "low", "B03": "low"}
    assert fires(stage="award", buyer=police("652800"), **withheld)["B01"] == "critical"


@pytest.mark.parametrize(("band", "severity"), [("hold", "critical"), ("review", "high")])
def test_list_fires_once_for_each_finding(band: str, severity: str) -> None:
    assert fires_for_declaration(parties=(screened("hit", {**HOLD, "band": band}),)) == {"LIST": severity}
    two = evaluate_declaration(declared(parties=(screened("hit", HOLD, {**HOLD, "finding": "F2"}),)))
    assert [hit.inputs["finding"] for hit in two] == ["F1", "F2"]


@pytest.mark.parametrize("state", ["waiting", "stale", "failed"])
def test_unsc_fires_for_whatever_is_neither_clear_nor_a_hit(state: str) -> None:
    assert fires_for_declaration(parties=(screened(state),)) == {"UNSC": "high"}


@pytest.mark.parametrize("state", ["clear", "hit"])
def test_unsc_is_silent_for_what_was_screened(state: str) -> None:
    assert "UNSC" not in fires_for_declaration(parties=(screened(state),))


@pytest.mark.parametrize("kind", ["never", "lapsed", "suspended", "entered_later"])
def test_a_declaration_of_a_distributor_without_an_authorisation_in_force_raises_s03(kind: str) -> None:
    assert fires_for_declaration(seller=seller(kind)) == {"S03": "high"}


def test_a_declaration_is_asked_for_territory_class_and_region_too() -> None:
    assert fires_for_declaration(seller=seller("elsewhere")) == {"S02": "medium"}
    assert fires_for_declaration(buyer=police("652800")) == {"B01": "critical", "B02": "high", "B03": "critical"}
    assert fires_for_declaration(region_divisions=("650100",)) == {"B02": "low"}


def test_what_is_high_or_above_blocks_and_nothing_below() -> None:
    assert [s for s in ("info", "low", "medium", "high", "critical") if blocks(s)] == ["high", "critical"]


@pytest.mark.parametrize("rule", sorted(BY_ID))
def test_every_rule_says_what_it_is_and_what_would_clear_it(rule: str) -> None:
    assert BY_ID[rule].title()
    assert BY_ID[rule].clears().endswith(".")


def test_no_sentence_accuses() -> None:
    """The notice names somebody as supplier, never: somebody sold; no match was found, never: it is illegal."""
    facts = line(seller=NEVER, buyer=police("652800"), covering_declarations=[])
    fired = [*evaluate_line(facts), *evaluate_line(line(seller=seller("lapsed"), covering_declarations=[]))]
    fired += evaluate_declaration(declared(parties=(screened("hit", HOLD), screened("stale")), seller=seller("never")))
    assert {hit.rule for hit in fired} == {"S01", "S03", "S04", "B01", "B02", "B03", "LIST", "UNSC"}
    for hit in fired:
        sentence = BY_ID[hit.rule].explain(hit.inputs)
        assert not any(word in sentence.lower() for word in ("illegal", "violat", "guilty", " sold ", "diverted", "smuggl", "%("))


def test_region_and_class_rules_hold_for_both_kinds_of_facts() -> None:
    assert {rule.id for rule in LINE_RULES} == {"S01", "S02", "S03", "S04", "L01", "B01", "B02", "B03"}
    assert {rule.id for rule in DECLARATION_RULES} == {
        "UNSC",
        "LIST",
        "HELD",
        "POLR",
        "POL2",
        "POLC",
        "OWN5",
        "OWNL",
        "OWNU",
        "S02",
        "S03",
        "B01",
        "B02",
        "B03",
    }
    assert HOSPITAL.classes == ()
