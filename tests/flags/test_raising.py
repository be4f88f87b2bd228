"""A flag keeps what it was raised from and reads the same for ever; the same facts again are one flag, counted."""

import pytest
from django.db import IntegrityError, transaction

from certifications.evidence.models import EvidenceLine
from certifications.flags.actions import Subject, raise_flag
from certifications.flags.models import Case, Flag
from certifications.flags.rules import BY_ID, evaluate_line
from certifications.flow.evidence import match_line
from certifications.ledger.models import Event
from certifications.parties.models import PartyName
from tests.catalogue.changes import versioned
from tests.flags.decisions import judged
from tests.world import World, client_of

from .cases import case_on_evidence, line
from .decisions import proposed
from .facts import NEVER
from .facts import line as facts

pytestmark = pytest.mark.django_db


def test_a_sale_to_the_police_in_xinjiang_by_nobody_we_know_raises_four_flags_in_one_case(world: World) -> None:
    case = case_on_evidence(world)
    assert {f.rule: f.severity for f in case.flags.all()} == {"S01": "high", "B01": "critical", "B02": "high", "B03": "critical"}
    assert case.title_name == "西安泓桥生物科技有限公司"
    assert Case.objects.count() == 1
    assert Event.objects.filter(verb="flag.raised").count() == 4


def test_a_case_is_due_by_its_gravest_flag(world: World) -> None:
    case = case_on_evidence(world)
    hours = (case.due_at - case.opened_at).total_seconds() / 3600
    assert 7.9 < hours < 8.1


def test_the_sentence_stays_what_it_was_when_register_and_notice_move_on(world: World) -> None:
    case = case_on_evidence(world)
    flag = case.flags.get(rule="S01")
    before = BY_ID[flag.rule].explain(flag.inputs)
    assert "The notice names 西安泓桥生物科技有限公司 as supplier" in before
    page = client_of(world.auditor).get(f"/c/?case={case.number}").content.decode()
    versioned(world, world.kit, name="Renamed kit")
    PartyName.objects.filter(kind="official").update(text="另一个名字")
    flag.refresh_from_db()
    assert BY_ID[flag.rule].explain(flag.inputs) == before
    assert "西安泓桥生物科技有限公司" in page
    again = client_of(world.auditor).get(f"/c/?case={case.number}").content.decode()
    assert "IdentiPrime 24 STR kit" in again


def test_a_flag_remembers_the_version_and_the_thresholds_of_its_rule(world: World) -> None:
    flag = case_on_evidence(world).flags.get(rule="B02")
    assert (flag.rule_version, flag.thresholds) == (1, {"prefixes": ["65", "54"]})
    assert flag.inputs["divisions"] == ["652801"] or flag.inputs["divisions"][0].startswith("65")


def test_the_same_facts_again_are_the_same_flags_counted_again(world: World) -> None:
    case = case_on_evidence(world)
    confirmed = EvidenceLine.objects.get()
    for _again in range(2):
        match_line(confirmed.pk)
    assert sorted(case.flags.values_list("rule", "count")) == [("B01", 3), ("B02", 3), ("B03", 3), ("S01", 3)]
    assert Event.objects.filter(verb="flag.raised").count() == 4


def test_facts_that_were_decided_are_counted_and_stay_as_decided(world: World) -> None:
    case = case_on_evidence(world)
    judged(case, "clear", "error_in_source", world.reviewer, world.lead)
    match_line(EvidenceLine.objects.get().pk)
    assert set(case.flags.values_list("state", "count")) == {("cleared", 2)}


def test_another_notice_is_another_case(world: World) -> None:
    one, two = case_on_evidence(world), case_on_evidence(world, project_no="XJKL-2026-312")
    assert one.pk != two.pk
    assert Flag.objects.count() == 8


def test_one_subject_has_one_open_case_and_the_database_says_so(world: World) -> None:
    case = case_on_evidence(world)
    with pytest.raises(IntegrityError, match="case_one_open_per_subject"), transaction.atomic():
        Case.objects.create(number="C-2026-DOUBLE", subject=case.subject, title_name="x", due_at=case.due_at)


def test_a_new_flag_voids_what_was_proposed_without_it(world: World) -> None:
    """The proposal did not speak to it."""
    case = case_on_evidence(world, buyer="宁波江南医院")
    decision = proposed(world, case, reason="error_in_source")
    (fired,) = evaluate_line(facts(seller=NEVER))
    raise_flag(fired=fired, subject=Subject(case.subject, "x", document=case.document), facts_key="more")
    decision.refresh_from_db()
    case.refresh_from_db()
    assert (decision.state, case.status) == ("voided", "open")
    assert Event.objects.get(verb="decision.voided").actor_id == ""


def test_what_nobody_confirmed_raises_nothing(world: World) -> None:
    confirmed = line(world)
    confirmed.document.status = "read"
    type(confirmed.document).objects.filter(pk=confirmed.document_id).update(status="read", confirmed_at=None, confirmed_by=None)
    match_line(confirmed.pk)
    assert not Flag.objects.exists()
