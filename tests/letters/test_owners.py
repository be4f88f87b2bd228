"""Who owns those whom a letter names: screened with them, weighed by the rules of the day, and asked until the seal and after it."""

import pytest

from certifications.flags.models import Case, Flag
from certifications.flow import letters as flow
from certifications.flow import rescreening
from certifications.letters import queries
from certifications.letters.models import Letter
from certifications.parties.models import Party
from certifications.work.models import Job
from tests.catalogue.asked import held as policy_held
from tests.catalogue.asked import policy
from tests.flags.decisions import judged
from tests.flow.steps import dated_list
from tests.parties.owning import LISTED, found, stated
from tests.world import World

from .asked import asked, decided, released, waiting

pytestmark = pytest.mark.django_db


class Never:
    """A sealer that must not be asked."""

    by_test_authority = True

    def __call__(self, pdf: bytes) -> object:
        raise AssertionError("it was sealed")


def buyer_of(letter: Letter) -> Party:
    return letter.parties.get(role="buyer").party


def confirmed(world: World, owner_id: str | None) -> None:
    judged(Case.objects.get(subject=f"party:{owner_id}"), "confirm", "listed_party", world.reviewer, world.lead)


def test_the_owners_of_who_is_named_are_screened_before_anybody_may_release(world: World) -> None:
    dated_list()
    row = stated(world.filer, world.customer(), latin_name=LISTED)
    letter = waiting(world, buyer_native="宁波江南医院")
    assert Flag.objects.filter(rule="LIST", party=row.owner, state="open").exists()
    assert any("screened" in problem for problem in flow.problems_with(letter))


def test_a_listed_owner_holds_the_letter_until_two_people_cleared_what_it_owns(world: World) -> None:
    dated_list()
    letter = waiting(world)
    buyer = buyer_of(letter)
    row = found(world.reviewer, buyer, latin_name=LISTED)
    assert row.owner is not None
    assert any("screened" in problem for problem in flow.problems_with(letter)), "nobody has screened the owner yet"
    rescreening.rescreen(row.owner.pk)
    assert any("screened" in problem for problem in flow.problems_with(letter)), "its finding is open"
    confirmed(world, row.owner_id)
    flag = Flag.objects.filter(rule="OWN5", party=buyer, state="open").first()
    assert flag is not None
    assert any("Who owns" in problem for problem in flow.problems_with(letter))
    judged(flag.case, "clear", "licence_held", world.reviewer, world.lead)
    assert flow.problems_with(letter) == []


def test_a_listing_of_an_owner_takes_a_released_letter_back(world: World) -> None:
    dated_list()
    letter = released(world)
    row = found(world.reviewer, buyer_of(letter), latin_name=LISTED)
    assert row.owner is not None
    rescreening.rescreen(row.owner.pk)
    letter.refresh_from_db()
    assert letter.status == "waiting"
    assert Flag.objects.filter(rule="LIST", party=row.owner, state="open").exists()


def test_a_policy_that_came_since_the_release_leaves_nobody_waiting_for_a_seal(world: World) -> None:
    letter = released(world)
    policy_held(world, policy("two_people", title="Two look at Ningbo"))
    flow.seal(letter.pk, Never())
    letter.refresh_from_db()
    assert letter.status == "waiting"
    assert decided(letter, world.reviewer).state == "proposed"


def test_a_letter_in_force_is_suspended_while_somebody_whom_it_names_may_be_listed(world: World) -> None:
    dated_list()
    letter = released(world)
    row = found(world.reviewer, buyer_of(letter), latin_name=LISTED)
    assert row.owner is not None
    letter.status = "valid"
    assert queries.standing_of(letter) == "valid"
    rescreening.rescreen(row.owner.pk)
    assert queries.standing_of(letter) == "suspended"
    confirmed(world, row.owner_id)
    assert queries.standing_of(letter) == "suspended", "what it owns is not decided"
    case = Case.objects.get(subject=f"party:{buyer_of(letter).pk}")
    judged(case, "clear", "licence_held", world.reviewer, world.lead)
    assert queries.standing_of(letter) == "valid"


def test_who_is_named_is_compared_with_everybody_at_once(world: World) -> None:
    letter = asked(world, others=("宁波采购代理有限公司",))
    named = set(letter.parties.values_list("party", flat=True))
    assert set(Job.objects.filter(kind="identities").values_list("object_id", flat=True)) >= named
    assert len(named) == 2
