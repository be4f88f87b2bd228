"""What an order check reads by hand around its parties is what the rooms themselves say, whatever is on record."""

import datetime as dt

import pytest

from certifications.ledger.days import civil_today
from certifications.parties import owners
from certifications.parties.around import around
from certifications.parties.authorising import correct
from certifications.parties.linked import linked, with_entities
from certifications.parties.models import Customer, Party
from certifications.parties.models_owners import Ownership
from certifications.parties.register import as_of
from certifications.parties.sellers import Rights, kind_among, seller_of_party
from tests.flow import test_identities as identities
from tests.parties.owning import found, unknown
from tests.parties.rights import DAY, TODAY, changed, entered, now, party, proposed, terms
from tests.world import World

pytestmark = pytest.mark.django_db
PLACES = (("kits", "CN", "340100"), ("kits", "CN", "330200"), ("kits", "DE", ""), ("sequencers", "CN", "340100"))


def said(world: World, one: Party, other: Party, answer: str) -> None:
    """Two people answered about a pair."""
    row = identities.said(world, (Customer(party=one), Customer(party=other)), answer)
    identities.agreed(world, row)


def judged(seller: Party, day: dt.date) -> None:
    """The rights as read by hand are the register's own, in every standing and for every place."""
    by_hand, register = around([seller.pk], seller=seller, today=TODAY, valid_on=day), as_of(day)
    assert sorted(by_hand.rights, key=lambda x: x.terms.pk) == sorted(register.of([seller.pk]), key=lambda x: x.terms.pk)
    for line, country, division in PLACES:
        asked = {"line": line, "country": country, "division": division}
        room = seller_of_party(party=seller, valid_on=day, known_at=None, **asked).kind
        assert kind_among(by_hand.rights, line, country, division, day) == room


def test_rights_are_those_of_the_register_down_every_tier(world: World) -> None:
    top, middle, low = party("上游甲"), party("中游乙"), party("下游丙")
    first = entered(top, since=300)
    second = entered(middle, parent=first, since=200, divisions=("340000",))
    entered(low, parent=second, since=100, until=50, divisions=("340100",))
    entered(low, since=90, until=-10, lines=("sequencers",))
    days = (TODAY - 150 * DAY, TODAY, TODAY + 60 * DAY)
    for seller in (top, middle, low, party("无权丁")):
        for day in days:
            judged(seller, day)
    proposed(world, second, "suspended")
    judged(low, TODAY)
    assert kind_among(around([], seller=low, today=TODAY, valid_on=TODAY).rights, *PLACES[0], TODAY) == "authorised"


def test_what_stops_a_right_above_stops_what_is_read_by_hand(world: World) -> None:
    top, low = party("上游甲"), party("下游丙")
    first = entered(top, since=300)
    entered(low, parent=first, since=100)
    changed(world, first, "suspended", TODAY)
    for day in (TODAY - DAY, TODAY, TODAY + DAY):
        judged(low, day)
    assert kind_among(around([], seller=low, today=TODAY, valid_on=TODAY).rights, *PLACES[0], TODAY) == "suspended"
    changed(world, first, "authorised", TODAY)
    judged(low, TODAY)
    assert around([], seller=None, today=TODAY, valid_on=TODAY).rights == []


def test_links_are_those_that_people_made_and_did_not_take_back(world: World) -> None:
    one, two, three, four, five = (party(name) for name in "甲乙丙丁戊")
    said(world, one, two, "same")
    said(world, two, three, "same")
    said(world, three, four, "same")
    said(world, three, four, "different")
    identities.said(world, (Customer(party=one), Customer(party=five)), "same")  # and nobody agreed yet
    read = around([one.pk], seller=None, today=TODAY, valid_on=TODAY)
    assert read.together == linked()
    assert with_entities([one.pk], read.together) == {one.pk, two.pk, three.pk}


def test_owners_are_seen_through_links_and_on_their_days(world: World) -> None:
    one, two, three, apart = (party(name) for name in "甲乙丙丁")
    said(world, one, two, "same")
    said(world, two, three, "same")
    today = civil_today()

    def owned(day: dt.date = today) -> bool:
        read = around([one.pk, apart.pk], seller=None, today=day, valid_on=day)
        assert not read.may_have_owners([apart.pk])
        assert read.may_have_owners([one.pk]) is bool(owners.above([one.pk], day))
        return read.may_have_owners([one.pk])

    assert not owned()
    held = found(world.reviewer, three, valid_from=today - DAY)
    assert owned()
    assert not owned(today - 2 * DAY)
    ended = owners.end_owner(ownership=held, by=world.reviewer, reason="Sold its share", held=True)
    assert owned(), "what compliance has not let go counts on"
    owners.let_go(ownership=ended, by=world.reviewer, reason="Seen on the register")
    owners.let_go(ownership=ended, by=world.lead, reason="Seen on the register")
    assert not owned()
    owners.record_owner(party=two, by=world.reviewer, data=unknown(), form_key="0" * 26)
    assert owned(), "that nobody knows the owners is on record too"
    assert Ownership.objects.count() == 2


def test_rights_that_are_read_once_are_the_register_of_every_day_and_time(world: World) -> None:
    """What is known of many sellers on many days is read once (sellers.Rights), and is what the register says of each day by itself."""
    top, middle, low, other = party("上游甲"), party("中游乙"), party("下游丙"), party("旁人丁")
    times = [now()]
    first = entered(top, since=300)
    second = entered(middle, parent=first, since=200, divisions=("340000",))
    times.append(now())
    entered(low, parent=second, since=100, until=50, divisions=("340100",))
    entered(low, since=90, until=-10, lines=("sequencers",))
    times.append(now())
    correct(authorisation=second, by=world.lead, data=terms(since=150, until=20), reason="The days were mistyped.", proof=None)
    times.append(now())
    changed(world, first, "suspended", TODAY - DAY)
    changed(world, second, "revoked")
    sellers = (top, middle, low, other, party("无权戊"))
    read_once = Rights(one.pk for one in sellers)
    for seller in sellers:
        for day in (TODAY - 180 * DAY, TODAY - DAY, TODAY, TODAY + 30 * DAY):
            for known_at in (*times, now(), None):
                assert read_once.of(seller.pk, day, known_at) == as_of(day, known_at).of([seller.pk]), (seller, day, known_at)
    assert read_once.of(low.pk, TODAY, times[2]) and not read_once.of(low.pk, TODAY, times[1])
