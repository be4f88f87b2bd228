"""What the register said for a past moment it says for ever, whatever is recorded, corrected, suspended or lifted later."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from certifications.ledger.moves import NotAllowed
from certifications.parties import register
from certifications.parties.authorising import correct, data_of, record_authorisation
from certifications.parties.models import Party
from certifications.parties.models_register import Authorisation, RiskSet
from certifications.parties.rules_register import TermsData
from certifications.parties.sellers import kind_among
from certifications.parties.there import standing_there
from tests.world import World

from .rights import DAY, TODAY, changed, now, party

pytestmark = pytest.mark.django_db
DAYS = (-40, 0, 35)
LINES = ("kits", "analysers")
PLACES = ("330000", "330200", "340000", "650100")
OFFSETS = st.integers(-100, 100)

ACTS = st.one_of(
    st.tuples(st.just("record"), st.integers(0, 1), OFFSETS, st.integers(1, 150), st.sampled_from(PLACES)),
    st.tuples(st.just("below"), OFFSETS, st.integers(1, 90), st.sampled_from(PLACES)),
    st.tuples(st.just("correct"), OFFSETS, st.integers(1, 150), st.sampled_from(PLACES)),
    st.tuples(st.sampled_from(["suspended", "authorised", "revoked"]), OFFSETS),
)


def days(start: int, length: int) -> dict[str, dt.date]:
    return {"valid_from": TODAY + start * DAY, "valid_until": TODAY + (start + length) * DAY}


def act(world: World, holders: list[Party], chance: int, what: tuple[Any, ...]) -> None:
    """Do one thing to the register, or find that it may not be done."""
    rights = list(Authorisation.objects.filter(party__in=holders).order_by("pk"))
    chosen = rights[chance % len(rights)] if rights else None
    with transaction.atomic():
        match what:
            case ("record", who, start, length, place):
                record_authorisation(party=holders[who], by=None, data=TermsData(LINES, ("CN",), (place,), **days(start, length)))
            case ("below", start, length, place) if chosen is not None:
                data = TermsData(("kits",), ("CN",), (place,), **days(start, length))
                record_authorisation(party=holders[2], by=None, data=data, parent=chosen)
            case ("correct", start, length, place) if chosen is not None:
                entry = register.today().one(chosen)
                assert entry is not None
                lines = LINES[: 1 + start % 2]
                data = replace(data_of(entry.terms), lines=lines, divisions=(place,), risk_until={}, **days(start, length))
                correct(authorisation=chosen, by=world.lead, data=data, reason="As the contract says", proof=None)
            case (str() as to, int() as start) if chosen is not None:
                changed(world, chosen, to, TODAY + start * DAY)


def answers(holders: list[Party], known_at: dt.datetime) -> list[Any]:
    """Everything that the register says as known at a moment: rows, standings, days, places, on several days."""
    found: list[Any] = []
    for offset in DAYS:
        held = register.as_of(TODAY + offset * DAY, known_at)
        for entry in sorted(held.of([p.pk for p in holders]), key=lambda e: e.terms.pk):
            inside = [entry.covers("kits", "CN", place) for place in PLACES]
            found.append((offset, entry.terms.pk, entry.standing, entry.valid_until, inside, entry.change.pk if entry.change else ""))
    held = register.as_of(TODAY, known_at)
    found += [sorted(held.with_standing(word).values_list("pk", flat=True)) for word in register.STANDINGS]
    return found


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 9), ACTS), min_size=2, max_size=6))
def test_an_answer_for_a_past_moment_never_changes(world: World, steps: list[tuple[int, tuple[Any, ...]]]) -> None:
    with transaction.atomic():
        holders = [party(f"蚌埠淮禾仪器第{n}有限公司") for n in range(3)]
        told: list[tuple[dt.datetime, list[Any]]] = []
        for chance, what in steps:
            try:
                act(world, holders, chance, what)
            except NotAllowed:
                continue
            moment = now()
            told.append((moment, answers(holders, moment)))
        for moment, then in told:
            assert answers(holders, moment) == then
        transaction.set_rollback(True)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 9), ACTS), min_size=2, max_size=6))
def test_page_and_answer_agree_and_no_right_is_wider_than_the_one_above(world: World, steps: list[tuple[int, tuple[Any, ...]]]) -> None:
    with transaction.atomic():
        holders = [party(f"蚌埠淮禾仪器第{n}有限公司") for n in range(3)]
        for chance, what in steps:
            try:
                act(world, holders, chance, what)
            except NotAllowed:
                continue
        for offset in DAYS:
            held = register.as_of(TODAY + offset * DAY)
            entries = {entry.terms.pk: entry for entry in held.of([p.pk for p in holders])}
            for word in register.STANDINGS:
                listed = set(held.with_standing(word).filter(authorisation__party__in=holders).values_list("pk", flat=True))
                assert listed == {pk for pk, entry in entries.items() if entry.standing == word}
            for entry in entries.values():
                parent = entry.authorisation.parent
                above = held.one(parent) if parent else None
                if entry.standing == "authorised" and above is not None:
                    assert above.standing == "authorised"
                    assert entry.valid_until <= above.valid_until
                if above is not None:
                    assert all(above.covers("kits", "CN", place) for place in PLACES if entry.covers("kits", "CN", place))
        transaction.set_rollback(True)


NARROWED = [
    (0, ("record", 0, -90, 150, "330000")), (0, ("below", -80, 90, "330200")), (0, ("below", 10, 20, "330000")),
    (0, ("correct", -90, 150, "340000")),
]  # fmt: skip
RISKY = [(0, ("record", 0, -90, 150, "330000")), (0, ("below", -80, 90, "330200")), (0, ("record", 1, -20, 60, "330200"))]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 9), ACTS), min_size=2, max_size=6))
@example(NARROWED)
@example(RISKY)
def test_page_and_answer_agree_for_every_line_and_place(world: World, steps: list[tuple[int, tuple[Any, ...]]]) -> None:
    """A right above that was narrowed, and a risk set that ended a part of one, count for the page as for the answer of a check."""
    with transaction.atomic():
        RiskSet.objects.create(
            code="coast", title="Coast", title_zh="沿海", lines=["kits"], countries=["CN"], divisions=["330200"], most_days=50
        )
        holders = [party(f"蚌埠淮禾仪器第{n}有限公司") for n in range(3)]
        for chance, what in steps:
            try:
                act(world, holders, chance, what)
            except NotAllowed:
                continue
        asked = [
            ("", "CN", "330200"),
            ("analysers", "CN", "330200"),
            ("kits", "CN", ""),
            ("kits", "CN", "330200"),
            ("kits", "CN", "340000"),
        ]
        for offset in DAYS[1:]:
            held = register.as_of(TODAY + offset * DAY)
            entries = held.of([p.pk for p in holders])
            for line, country, code in asked:
                there = {e.terms.pk: e.there(line, country, code, held.valid_on) for e in entries if e.covers(line, country, code)}
                listed = {}
                for word in ("authorised", "ended", "suspended", "stopped"):
                    rows = standing_there(held, word, line, country, code).filter(authorisation__party__in=holders)
                    listed[word] = set(rows.values_list("pk", flat=True))
                    assert listed[word] == {pk for pk, entry in there.items() if entry.standing == word}, (word, line, code)
                for holder in holders:
                    own = [entry for entry in entries if entry.authorisation.party_id == holder.pk]
                    says = kind_among(own, line, country, code, held.valid_on) == "authorised"
                    assert says == any(entry.terms.pk in listed["authorised"] for entry in own)
        transaction.set_rollback(True)
