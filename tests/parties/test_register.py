"""The register has two times: when an authorisation held, and when we knew of it. A later entry never clears by itself."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from certifications.flow.resolution import find_seller
from certifications.ledger.models import Event
from certifications.parties import register
from certifications.parties.actions import Incomplete
from certifications.parties.authorising import record_authorisation
from certifications.parties.models import Party
from certifications.parties.models_register import AuthorisationTerms
from tests.flags.cases import captured, case_on_evidence, line
from tests.flow.steps import work
from tests.world import World

from .rights import DAY, TODAY, changed, entered, now, party, terms

pytestmark = pytest.mark.django_db
HUAIHE = "蚌埠淮禾仪器有限公司"


@pytest.fixture
def seller(world: World) -> Party:
    """A sub-reseller that the register knows by name, without any authorisation yet."""
    return party(HUAIHE)


def kind(valid_on: dt.date = TODAY, known_at: dt.datetime | None = None, **more: str) -> str:
    """The register's answer for the sub-reseller."""
    return find_seller(name=HUAIHE, line="kits", valid_on=valid_on, known_at=known_at, **more).kind


def standings(seller: Party, valid_on: dt.date, known_at: dt.datetime | None = None) -> list[str]:
    """How the seller stands on the register of a day, as known at a time."""
    return [entry.standing for entry in register.as_of(valid_on, known_at).of([seller.pk])]


def test_a_party_that_never_held_an_authorisation_is_not_on_the_register(seller: Party) -> None:
    assert kind() == "never"
    assert standings(seller, TODAY) == []


def test_the_last_day_is_not_included_and_the_first_is(seller: Party) -> None:
    entered(seller, since=10, until=10)
    assert [kind(TODAY + n * DAY) for n in (-11, -10, 9, 10)] == ["lapsed", "authorised", "authorised", "lapsed"]
    assert [standings(seller, TODAY + n * DAY)[0] for n in (-11, -10, 9, 10)] == ["not_yet", "authorised", "authorised", "ended"]


def test_what_was_entered_after_the_evidence_is_shown_as_entered_later_and_never_as_authorised(seller: Party) -> None:
    before = now() - dt.timedelta(minutes=1)
    entered(seller)
    assert standings(seller, TODAY - 50 * DAY, before) == []
    assert kind(TODAY - 50 * DAY, before) == "entered_later"
    assert kind(TODAY - 50 * DAY, now() + dt.timedelta(minutes=1)) == "authorised"


def test_an_authorisation_known_in_time_wins_over_one_entered_later(seller: Party) -> None:
    entered(seller)
    between = now() + dt.timedelta(minutes=1)
    assert kind(TODAY, between) == "authorised"
    assert standings(seller, TODAY, between) == ["authorised"]


def test_back_dating_after_the_capture_goes_to_review_and_clears_nothing(world: World, seller: Party) -> None:
    """The whole way: a notice is captured, then somebody enters the authorisation that was missing."""
    confirmed = line(world, seller=HUAIHE, buyer="蚌埠市第九医院")
    entered(seller)
    from certifications.flow.evidence import match_line

    match_line(confirmed.pk)
    rules = {flag.rule: flag for flag in confirmed.flags.all()}
    assert rules["S03"].severity == "high"
    assert rules["S03"].inputs["standing"] == "entered_later"
    assert "S01" not in rules
    # Nothing that runs later closes it either.
    work()
    match_line(confirmed.pk)
    assert {f.state for f in confirmed.flags.all()} == {"open"}


def test_a_flag_of_a_seller_that_nobody_registered_stays_open_when_it_is_registered_afterwards(world: World, seller: Party) -> None:
    case = case_on_evidence(world, seller=HUAIHE, buyer="蚌埠市第九医院")
    assert [f.rule for f in case.flags.all()] == ["S01"]
    entered(seller)
    work()
    case.refresh_from_db()
    assert case.status == "open"
    assert [(f.rule, f.state) for f in case.flags.all()] == [("S01", "open")]


def test_a_suspension_counts_from_its_day_and_only_once_it_was_known(world: World, seller: Party) -> None:
    held = entered(seller)
    before = now()
    changed(world, held, "suspended", TODAY - 5 * DAY)
    assert kind(TODAY) == "suspended"
    assert kind(TODAY - 6 * DAY) == "authorised"
    assert standings(seller, TODAY) == ["suspended"]
    assert standings(seller, TODAY, before) == ["authorised"]


def test_another_line_or_territory_is_elsewhere(seller: Party) -> None:
    entered(seller, lines=("kits",), divisions=("340000", "320100"))
    assert kind(division="340300") == "authorised"
    assert kind(division="320102") == "authorised"
    assert kind(division="320500") == "elsewhere"
    assert kind(division="650100") == "elsewhere"
    assert kind(country="KZ") == "elsewhere"
    assert find_seller(name=HUAIHE, line="analysers", valid_on=TODAY).kind == "elsewhere"


def test_the_registration_number_decides_before_the_name_unless_that_conflicts(world: World, seller: Party) -> None:
    entered(seller)
    seller.identifiers.create(scheme="uscc", value="91340300MA8NHUAH15")
    near = HUAIHE.replace("有限公司", "股份有限公司")
    assert find_seller(name=near, uscc="91340300 ma8nhuah15", valid_on=TODAY).party_id == seller.pk
    assert find_seller(name=near, valid_on=TODAY).kind == "unanswered"
    assert find_seller(name="完全不同的名字", uscc="91340300 ma8nhuah15", valid_on=TODAY).kind == "unanswered", "a person looks at both"
    other = find_seller(name=HUAIHE, uscc="91340300MA8NHUAH99", valid_on=TODAY)
    assert (other.kind, other.best_name) == ("never", HUAIHE)


def test_an_authorisation_that_ends_before_it_begins_is_refused_by_the_room_and_by_the_database(seller: Party) -> None:
    with pytest.raises(Incomplete, match="ends before it begins"):
        entered(seller, since=-10, until=5)
    held = entered(seller)
    with pytest.raises(IntegrityError, match="authorisation_dates_in_order"), transaction.atomic():
        AuthorisationTerms.objects.create(
            authorisation=held,
            supersedes=held.terms.get(),
            reason="Shorter than no day",
            lines=["kits"],
            countries=["CN"],
            valid_from=TODAY,
            valid_until=TODAY,
        )


def test_who_entered_what_when_is_on_record(world: World, seller: Party) -> None:
    held = record_authorisation(party=seller, by=world.lead, data=terms(1, 1))
    event = Event.objects.get(verb="authorisation.recorded", object_id=held.pk)
    assert (event.actor_id, event.data["party"]) == (world.lead.pk, seller.pk)
    assert held.terms.get().recorded_by == world.lead


def test_the_notice_is_captured_before_the_question_is_asked(world: World) -> None:
    """known_at is the capture, never the moment of a rerun."""
    document = captured(world)
    assert document.captured_at <= now()
