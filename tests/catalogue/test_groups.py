"""Products stand in for one another when two people agreed, and until two people end it."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from certifications.catalogue import groups
from certifications.catalogue.models import EquivalenceGroup, Equivalent, Product
from certifications.catalogue.models_versions import CatalogueProposal
from certifications.flow import catalogue as flow
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from certifications.pages.compliance import proposing
from tests.world import World, code_of

from .changes import WHY, agreed, grouped, proposed, versioned

pytestmark = pytest.mark.django_db
KITS: dict[str, Any] = {"measures": {"CI-2440-100": "100", "CI-2717-200": "200"}}


def test_a_group_needs_two_people(world: World) -> None:
    proposal = proposed(world.lead, "group", "STR kits", KITS)
    with pytest.raises(NotAllowed) as same:
        agreed(proposal, world.lead)
    assert same.value.code == "same_person"
    assert not Equivalent.objects.exists()
    agreed(proposal, world.reviewer)
    assert {e.product.catalogue_number: e.measure for e in Equivalent.objects.select_related("product")} == {
        "CI-2440-100": 100,
        "CI-2717-200": 200,
    }


def test_only_a_lead_proposes_and_colleagues_are_told(world: World) -> None:
    words: dict[str, Any] = {"kind": "group", "subject": "STR kits", "content": KITS, "explanation": WHY}
    with pytest.raises(PermissionDenied):
        flow.propose(by=world.reviewer, **words)
    proposal = flow.propose(by=world.lead, code=code_of(world.lead), **words)
    told = set(Mail.objects.filter(template="second_person_for_catalogue").values_list("to_user_id", flat=True))
    assert told == {world.reviewer.pk, world.second_reviewer.pk}
    flow.agree(proposal=proposal, by=world.reviewer, code=code_of(world.reviewer))
    assert EquivalenceGroup.objects.get().name == "STR kits"


@pytest.mark.parametrize(("language", "between"), [("en", ", "), ("zh-hans", "，")])
def test_a_measure_stands_behind_its_product_with_the_mark_of_the_language(world: World, language: str, between: str) -> None:
    kit = Product.objects.get(catalogue_number="CI-2440-100")
    with translation.override(language):
        assert proposing.measures_of({kit.catalogue_number: 100, "ZZ-1": 2}) == [
            (kit.catalogue_number, f"{kit.name_zh if between == '，' else kit.name}{between}100"),
            ("ZZ-1", "2"),
        ]


@pytest.mark.parametrize(
    ("subject", "content", "why", "field"),
    [
        (" ", KITS, WHY, "name"),
        ("STR kits ", KITS, WHY, "name"),
        ("One", {"measures": {"CI-2440-100": "100"}}, WHY, "measures"),
        ("None such", {"measures": {"CI-2440-100": "100", "X-1": "1"}}, WHY, "measures"),
        ("Nothing", {"measures": {"CI-2440-100": "100", "CI-2717-200": "0"}}, WHY, "measures"),
        ("STR kits", KITS, "so", "explanation"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(world: World, subject: str, content: dict[str, Any], why: str, field: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        proposed(world.lead, "group", subject, content, why)
    assert refused.value.code == field


def test_a_product_is_in_one_group_even_where_both_were_proposed_before(world: World) -> None:
    other = proposed(world.lead, "group", "Others", {"measures": {"CI-2717-200": "1", "CI-3600-P4": "1"}})
    grouped(world)
    with pytest.raises(NotAllowed) as refused:
        agreed(other, world.reviewer)
    assert refused.value.code == "measures"
    assert CatalogueProposal.objects.get(pk=other.pk).state == "proposed"


def test_a_group_is_ended_by_two_people_and_its_products_are_free_again(world: World) -> None:
    made = grouped(world)
    end = proposed(world.lead, "group_end", made.name, {"group": made.pk})
    assert Equivalent.objects.exists(), "a proposal ends nothing"
    agreed(end, world.reviewer)
    assert not Equivalent.objects.exists()
    with pytest.raises(StaleState):
        proposed(world.lead, "group_end", made.name, {"group": made.pk})
    agreed(proposed(world.lead, "group", "STR kits again", KITS), world.reviewer)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certifications_catalogueproposal SET content = '{}'",
        "UPDATE certifications_catalogueproposal SET agreed_by_id = proposed_by_id",
        "DELETE FROM certifications_catalogueproposal",
        "INSERT INTO certifications_catalogueproposal SELECT 'X', reason, explanation, 'effective' FROM certifications_catalogueproposal",
    ],
)
def test_postgresql_refuses_another_past(world: World, statement: str) -> None:
    grouped(world)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certifications_equivalent SET measure = measure * 2",
        "DELETE FROM certifications_equivalent",
        "UPDATE certifications_equivalencegroup SET ended_at = now()",
        "UPDATE certifications_equivalencegroup SET name = 'x'",
    ],
)
def test_postgresql_keeps_a_group_until_two_people_end_it(world: World, statement: str) -> None:
    grouped(world)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO certifications_equivalencegroup (id, name, approved_by_id) VALUES ('G', 'Alone', '')",
        # Proposed and not agreed to.
        "INSERT INTO certifications_equivalencegroup (id, name, approved_by_id) VALUES ('G', 'Others', %(lead)s)",
        # Agreed to by somebody else.
        "INSERT INTO certifications_equivalencegroup (id, name, approved_by_id) VALUES ('G', 'STR kits 2', %(lead)s)",
        # A product that nobody agreed to; one in a group that was ended.
        "INSERT INTO certifications_equivalent (group_id, product_id, measure) VALUES (%(group)s, %(other)s, 100)",
        "INSERT INTO certifications_equivalent (group_id, product_id, measure) VALUES (%(ended)s, %(other)s, 1)",
    ],
)
def test_postgresql_takes_a_group_from_two_people_alone(world: World, statement: str) -> None:
    proposed(world.lead, "group", "Others", {"measures": {"CI-2717-200": "1", "CI-3600-P4": "1"}})
    made, other = grouped(world), Product.objects.get(catalogue_number="CI-3600-P4")
    ended = grouped(world, "Ended", **{"CI-3600-P4": "1", "CI-3600-A": "1"})
    agreed(proposed(world.lead, "group_end", "Ended", {"group": ended.pk}), world.reviewer)
    values = {"lead": world.lead.pk, "group": made.pk, "other": other.pk, "ended": ended.pk}
    with pytest.raises(DatabaseError, match="two people agree"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def agreed_alone(world: World) -> CatalogueProposal:
    """A group that two people agreed to and that nothing came of yet."""
    proposal = proposed(world.lead, "group", "STR kits", KITS)
    CatalogueProposal.objects.filter(pk=proposal.pk).update(
        state="effective", agreed_by=world.reviewer, agreed_at=proposal.proposed_at, agreed_proof_id="A" * 26
    )
    return proposal


@pytest.mark.parametrize(("number", "measure"), [("CI-2440-100", 99), ("CI-3600-P4", 100)])
def test_postgresql_takes_each_equivalent_as_it_was_agreed_to(world: World, number: str, measure: int) -> None:
    agreed_alone(world)
    made = EquivalenceGroup.objects.create(name="STR kits", approved_by_id=world.reviewer.pk)
    with pytest.raises(DatabaseError, match="each equivalent"), transaction.atomic():
        Equivalent.objects.create(group=made, product=Product.objects.get(catalogue_number=number), measure=measure)
    # What the transaction leaves must be whole: here, nothing.
    Equivalent.objects.create(group=made, product=world.kit, measure=100)
    Equivalent.objects.create(group=made, product=Product.objects.get(catalogue_number="CI-2717-200"), measure=200)


def test_postgresql_keeps_no_part_of_a_group(world: World) -> None:
    agreed_alone(world)
    with pytest.raises(DatabaseError, match="holds all that was agreed to"), transaction.atomic():
        made = EquivalenceGroup.objects.create(name="STR kits", approved_by_id=world.reviewer.pk)
        Equivalent.objects.create(group=made, product=world.kit, measure=100)
        connection.check_constraints()


def test_of_two_groups_that_name_one_product_the_first_takes_effect(world: World) -> None:
    other = proposed(world.lead, "group", "Others", {"measures": {"CI-2717-200": "1", "CI-3600-P4": "1"}})
    grouped(world)
    with pytest.raises(NotAllowed, match="one group alone"):
        groups.take_group(other, world.reviewer)


def test_a_new_version_of_a_product_leaves_its_group(world: World) -> None:
    made = grouped(world)
    versioned(world, world.kit, name="Second edition")
    assert world.kit.equivalent.group == made
