"""A product says what its version of the day says; what was declared is never said differently in hindsight."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from certifications.catalogue.products import turn_all
from certifications.catalogue.rules_products import read_units
from certifications.declarations.queries import frozen_form, version_of
from certifications.flow import catalogue as flow
from certifications.ledger.days import civil_today
from certifications.ledger.queries import history
from certifications.parties.actions import Incomplete
from certifications.tasks import daily
from tests.world import World

from .changes import said

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def fields(world: World, **changes: object) -> list[str]:
    with pytest.raises(Incomplete) as refused:
        flow.record_version(product=world.kit, by=world.lead, data=said(world.kit, **changes))
    return [problem.field for problem in refused.value.problems]


def test_a_version_counts_from_its_day_and_not_before(world: World) -> None:
    later = civil_today() + 3 * DAY
    flow.record_version(product=world.kit, by=world.lead, data=said(world.kit, classification="EAR99", from_date=later))
    assert world.kit.classification == ""
    assert turn_all(later - DAY) == 0
    assert turn_all(later) == 1
    assert (world.kit.classification, world.kit.version_number) == ("EAR99", 2)
    assert turn_all(later) == 0, "once"
    assert [event.verb for event in history(world.kit)] == ["product.version", "product.in_force"]


def test_todays_version_counts_at_once_and_the_hourly_round_brings_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    flow.record_version(product=world.kit, by=world.lead, data=said(world.kit, units={"Case": Decimal(10)}))
    assert {unit.name: unit.factor for unit in world.kit.units.all()} == {"Case": 10}
    flow.record_version(
        product=world.kit, by=world.lead, data=said(world.kit, units={"Pallet": Decimal(400)}, from_date=civil_today() + DAY)
    )
    monkeypatch.setattr("certifications.catalogue.products.civil_today", lambda: dt.datetime.now(tz=dt.UTC).date() + 2 * DAY)
    daily()
    assert {unit.name for unit in world.kit.units.all()} == {"Pallet"}


def test_a_signed_text_keeps_the_words_it_was_signed_with(world: World) -> None:
    declaration = world.signed()
    before = frozen_form(version_of(declaration))
    flow.record_version(product=world.kit, by=world.lead, data=said(world.kit, name="IdentiPrime 24 STR kit, second edition"))
    assert frozen_form(version_of(declaration)) == before
    assert "second edition" not in before[0]


def test_line_and_unit_of_what_a_declaration_names_stay(world: World) -> None:
    flow.record_version(product=world.kit, by=world.lead, data=said(world.kit, unit="box"))
    world.draft()
    tomorrow = civil_today() + DAY
    assert fields(world, unit="kit", from_date=tomorrow) == ["unit"]
    assert fields(world, line="analysers", from_date=tomorrow) == ["line"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name_zh": " "}, "name_zh"),
        ({"line": "Kits!"}, "line"),
        ({"from_date": civil_today() - DAY}, "from_date"),
        ({"from_date": civil_today() + 800 * DAY}, "from_date"),
        ({"samples_per_unit": 0}, "samples_per_unit"),
        ({"units": {"kits": Decimal(2)}}, "units"),
        ({"units": {"samples": Decimal(2)}}, "units"),
        ({"units": {"case": Decimal("0.00001")}}, "units"),
        ({"units": {"case": Decimal(-1)}}, "units"),
        ({"reason": ""}, "reason"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(world: World, changes: dict[str, object], field: str) -> None:
    assert fields(world, **changes) == [field]


def test_two_versions_do_not_begin_on_one_day(world: World) -> None:
    flow.record_version(product=world.kit, by=world.lead, data=said(world.kit, name="One"))
    assert fields(world, name="Two") == ["from_date"]


def test_a_new_number_is_declared_from_its_day_on(world: World) -> None:
    data = said(world.kit, from_date=civil_today() + DAY)
    made = flow.add_product(catalogue_number="CI-9000", by=world.lead, data=data)
    assert not made.is_current
    turn_all(civil_today() + DAY)
    made.refresh_from_db()
    assert made.is_current
    with pytest.raises(Incomplete) as twice:
        flow.add_product(catalogue_number="ci-9000", by=world.lead, data=data)
    assert [problem.field for problem in twice.value.problems] == ["catalogue_number"]


def test_only_a_lead_writes(world: World) -> None:
    with pytest.raises(PermissionDenied):
        flow.record_version(product=world.kit, by=world.reviewer, data=said(world.kit, name="Other"))


def test_units_are_read_as_they_are_typed() -> None:
    assert read_units("case = 10\n\n箱＝ 2.5 ") == {"case": Decimal(10), "箱": Decimal("2.5")}
    for wrong in ("case", "case = ten", "= 4", "case = 1\nCase = 2", "case = NaN"):
        with pytest.raises(ValueError, match=r"."):
            read_units(wrong)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE certifications_product SET name = 'Another' WHERE id = %s", "says what its version says"),
        ("UPDATE certifications_product SET version_number = 2 WHERE id = %s", "says what its version says"),
        ("UPDATE certifications_product SET unit = 'box' WHERE id = %s", "never change"),
        ("UPDATE certifications_product SET catalogue_number = 'X' WHERE id = %s", "never change"),
        (
            (
                "INSERT INTO certifications_productversion (id, product_id, number, from_date, name, name_zh, line, unit, unit_zh, classification,"
                " is_current, units, reason) SELECT 'V', id, 2, '2026-01-02', name, name_zh, line, unit, unit_zh, '', true, '[]', ''"
                " FROM certifications_product WHERE id = %s"
            ),
            "not back-dated",
        ),
    ],
)
def test_postgresql_refuses_another_past(world: World, statement: str, words: str) -> None:
    world.draft()
    with pytest.raises(DatabaseError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [world.kit.pk])
