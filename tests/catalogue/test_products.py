"""A product says what its version of the day says; what was declared is never said differently in hindsight."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from certifications.catalogue.models import Product
from certifications.catalogue.models_versions import CatalogueProposal, ProductVersion
from certifications.catalogue.products import turn_all
from certifications.catalogue.queries import current_products
from certifications.catalogue.rules_products import WORDS, read_units
from certifications.declarations.drafting import draft
from certifications.declarations.queries import frozen_form, version_of
from certifications.flow import catalogue as flow
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.parties.actions import Incomplete
from certifications.people.factors import FactorRefused
from certifications.tasks import daily
from tests.world import World, code_of

from .changes import WHY, agreed, proposed, said, versioned

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def fields(world: World, **changes: object) -> list[str]:
    with pytest.raises(Incomplete) as refused:
        flow.check_product(world.kit.catalogue_number, said(world.kit, **changes))
    return [problem.field for problem in refused.value.problems]


def test_a_version_counts_from_its_day_and_not_before(world: World) -> None:
    later = civil_today() + 3 * DAY
    versioned(world, world.kit, classification="EAR99", from_date=later)
    assert world.kit.classification == ""
    assert turn_all(later - DAY) == 0
    assert turn_all(later) == 1
    assert (world.kit.classification, world.kit.version_number) == ("EAR99", 2)
    assert turn_all(later) == 0, "once"
    assert [event.verb for event in history(world.kit)] == ["product.version", "product.in_force"]


def test_todays_version_counts_at_once_and_the_hourly_round_brings_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    versioned(world, world.kit, units={"Case": Decimal(10)})
    assert {unit.name: unit.factor for unit in world.kit.units.all()} == {"Case": 10}
    versioned(world, world.kit, units={"Pallet": Decimal(400)}, from_date=civil_today() + DAY)
    monkeypatch.setattr("certifications.catalogue.products.civil_today", lambda: dt.datetime.now(tz=dt.UTC).date() + 2 * DAY)
    daily()
    assert {unit.name for unit in world.kit.units.all()} == {"Pallet"}


def test_a_signed_text_keeps_the_words_it_was_signed_with(world: World) -> None:
    declaration = world.signed()
    before = frozen_form(version_of(declaration))
    versioned(world, world.kit, name="IdentiPrime 24 STR kit, second edition")
    assert frozen_form(version_of(declaration)) == before
    assert "second edition" not in before[0]


def test_line_and_unit_of_what_a_declaration_names_stay(world: World) -> None:
    versioned(world, world.kit, unit="box")
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
        ({"from_date": civil_today() + DAY}, "name"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(world: World, changes: dict[str, object], field: str) -> None:
    assert fields(world, **changes) == [field]


def test_two_versions_do_not_begin_on_one_day(world: World) -> None:
    versioned(world, world.kit, name="One")
    assert fields(world, name="Two") == ["from_date"]


def test_a_new_number_is_declared_from_its_day_on(world: World) -> None:
    data = said(world.kit, from_date=civil_today() + DAY)
    made = agreed(proposed(world.lead, "product", "CI-9000", data.content()), world.reviewer)
    assert isinstance(made, Product)
    assert not made.is_current
    turn_all(civil_today() + DAY)
    made.refresh_from_db()
    assert made.is_current
    with pytest.raises(Incomplete) as twice:
        flow.check_product("ci-9000", data)
    assert [problem.field for problem in twice.value.problems] == ["catalogue_number"]


def test_what_is_said_of_a_product_needs_two_people_each_with_a_factor(world: World) -> None:
    words: dict[str, Any] = {
        "kind": "product", "subject": "CI-2440-100", "content": said(world.kit, classification="EAR99").content(), "explanation": WHY,
    }  # fmt: skip
    with pytest.raises(PermissionDenied):
        flow.propose(by=world.reviewer, code=code_of(world.reviewer), **words)
    with pytest.raises(FactorRefused):
        flow.propose(by=world.lead, **words)
    proposal = flow.propose(by=world.lead, code=code_of(world.lead), **words)
    with pytest.raises(NotAllowed):
        flow.agree(proposal=proposal, by=world.lead, code="000000")
    assert world.kit.classification == ""
    flow.agree(proposal=proposal, by=world.reviewer, code=code_of(world.reviewer))
    assert world.kit.classification == "EAR99"
    version = world.kit.versions.get(number=2)
    assert (version.recorded_by, version.proposal.agreed_by, version.reason) == (world.lead, world.reviewer, WHY)


def test_a_product_that_was_declared_since_it_was_proposed_keeps_its_unit(world: World) -> None:
    proposal = proposed(world.lead, "product", "CI-2440-100", said(world.kit, unit="box").content())
    world.draft()
    with pytest.raises(Incomplete) as refused:
        flow.agree(proposal=proposal, by=world.reviewer, code="000000")
    assert [problem.field for problem in refused.value.problems] == ["unit"]


def test_a_product_is_not_declared_from_the_midnight_on_which_it_is_retired(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    declaration, data = world.draft(), world.data(world.customer(native_name="明州检测站", latin_name="Mingzhou", uscc="", lei=""))
    versioned(world, world.kit, is_current=False, from_date=civil_today() + DAY)
    assert world.kit in current_products()
    monkeypatch.setattr("certifications.catalogue.queries.civil_today", lambda: dt.datetime.now(tz=dt.UTC).date() + DAY)
    assert world.kit.is_current, "no round came by since"
    assert world.kit not in current_products()
    with pytest.raises(NotAllowed, match="no longer in the catalogue"):
        draft(by=world.filer, data=data, form_key=new_ulid())
    with pytest.raises(NotAllowed, match="no longer in the catalogue"):
        world.signed(declaration)


def test_units_are_read_as_they_are_typed() -> None:
    assert read_units("case = 10\n\n箱＝ 2.5 ") == {"case": Decimal(10), "箱": Decimal("2.5")}
    for wrong in ("case", "case = ten", "= 4", "case = 1\nCase = 2", "case = NaN"):
        with pytest.raises(ValueError, match=r"."):
            read_units(wrong)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE certifications_product SET name = 'Another' WHERE id = %s", "says what its version says"),
        ("UPDATE certifications_product SET version_number = 3 WHERE id = %s", "says what its version says"),
        ("UPDATE certifications_product SET unit = 'box' WHERE id = %s", "never change"),
        ("UPDATE certifications_product SET catalogue_number = 'X' WHERE id = %s", "never change"),
        (
            (
                "INSERT INTO certifications_productversion (id, product_id, number, from_date, name, name_zh, line, unit, unit_zh, classification,"
                " is_current, units, reason) SELECT 'V', id, 2, '2026-01-02', name, name_zh, line, unit, unit_zh, '', true, '[]', ''"
                " FROM certifications_product WHERE id = %s"
            ),
            "two people agree",
        ),
        ("INSERT INTO certifications_productunit (product_id, name, factor) VALUES (%s, 'case', 10)", "units that its version says"),
        ("UPDATE certifications_productunit SET factor = 100 WHERE product_id = %s", "units that its version says"),
        ("DELETE FROM certifications_productunit WHERE product_id = %s", "units that its version says"),
        (
            (
                "INSERT INTO certifications_product (id, catalogue_number, name, name_zh, line, unit, unit_zh, classification, is_current,"
                " version_number) SELECT 'P', 'CI-9', name, name_zh, line, unit, unit_zh, '', true, 0"
                " FROM certifications_product WHERE id = %s"
            ),
            "begins without a version",
        ),
    ],
)
def test_postgresql_refuses_another_past(world: World, statement: str, words: str) -> None:
    versioned(world, world.kit, units={"Box": Decimal(5)})
    world.draft()
    with pytest.raises(DatabaseError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [world.kit.pk])


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Other"}, {"name_zh": "x"}, {"line": "analysers"}, {"unit": "box"}, {"unit_zh": "箱"}, {"samples_per_unit": 7},
        {"classification": "x"}, {"is_current": False}, {"from_date": civil_today() + 2 * DAY}, {"units": [["case", "99"]]}, {},
    ],
)  # fmt: skip
def test_postgresql_takes_one_version_of_an_agreement_as_it_was_agreed_to(world: World, wrong: dict[str, Any]) -> None:
    versioned(world, world.kit, units={"case": Decimal(10)}, from_date=civil_today() + DAY)
    made = world.kit.versions.get(number=2)
    words = {name: getattr(made, name) for name in (*WORDS, "from_date", "units", "proposal")} | wrong
    with pytest.raises(DatabaseError, match="two people agree" if wrong else "proposal_id|once_a_day"), transaction.atomic():
        ProductVersion.objects.create(product=world.kit, number=9, **words)


def test_postgresql_does_not_back_date_a_version(world: World) -> None:
    content = said(world.kit, name="Other", from_date=civil_today() - 5 * DAY).content()
    proposal = CatalogueProposal.objects.create(
        kind="product", subject="CI-2440-100", content=content, reason="catalogue", explanation=WHY, digest="0" * 64,
        proposed_by=world.lead, proposed_proof_id="P" * 26,
    )  # fmt: skip
    CatalogueProposal.objects.update(state="effective", agreed_by=world.reviewer, agreed_at=proposal.proposed_at, agreed_proof_id="A" * 26)
    with pytest.raises(DatabaseError, match="not back-dated"), transaction.atomic():
        ProductVersion.objects.create(product=world.kit, number=2, proposal=proposal, **content)
