"""Release, hold or needs a declaration: every reason that holds an order, and that nothing is reserved by it."""

import datetime as dt
import itertools
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from certifications.declarations.data import LineData
from certifications.flags.models import Flag
from certifications.flow import orders
from certifications.flow.order_facts import LineRequest
from certifications.flow.orders import Different
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.orders import actions
from certifications.orders.lookup import candidates
from certifications.orders.models import BalanceEntry, OrderLine
from certifications.orders.rules import REASONS, Candidate, LineFacts, decide
from certifications.parties import register
from certifications.parties.models import Party
from certifications.screening.actions import screen_party
from certifications.screening.coverage import last_of
from certifications.screening.hot import states_now
from certifications.screening.models import ListVersion, ScreeningRun
from certifications.screening.queries import party_states
from tests.attestations.conftest import become
from tests.catalogue.changes import grouped, versioned
from tests.flags.cases import case_on_evidence
from tests.parties.rights import changed
from tests.world import World, make_world

from .shop import CODE, Shop, attest, later, open_shop, product

pytestmark = pytest.mark.django_db


def codes(answer: Any) -> list[str]:
    """Codes as they leave the house."""
    return [REASONS[reason.code].code for reason in answer.reasons]


def held(shop: Shop, code: str, quantity: str = "1", **changes: Any) -> Any:
    """The order is held for this reason, and nothing is reserved."""
    answer = shop.order(quantity, **changes)
    assert (answer.answer, codes(answer)) == ("hold", [code])
    assert answer.line.status == "held"
    shop.balance.refresh_from_db()
    assert shop.balance.reserved == 0
    return answer


def test_what_is_declared_attested_and_clear_is_released_and_reserved(shop: Shop) -> None:
    answer = shop.order("5")
    assert (answer.answer, answer.left, answer.line.status) == ("release", Decimal(19), "released")
    assert (shop.balance.reserved, shop.balance.left) == (Decimal(5), Decimal(19))
    entry = BalanceEntry.objects.get(kind="reserve")
    assert (entry.quantity, entry.sequence, entry.order_line_id, entry.by_id) == (5, 2, answer.line.pk, shop.world.filer.pk)


def test_the_customer_may_be_named_by_its_registration_number(shop: Shop) -> None:
    assert shop.order(customer=f" {CODE.lower()} ").answer == "release"


def test_the_order_desk_asks_for_any_distributor_and_a_distributor_for_itself(shop: Shop) -> None:
    desk, yuhua = shop.world.order_desk, shop.world.stranger
    assert shop.order(by=desk, distributor=shop.world.qinglan.pk).answer == "release"
    for by, wanted in ((desk, ""), (desk, "0" * 26), (yuhua, shop.world.qinglan.pk), (desk, desk.organisation.pk)):  # type: ignore[union-attr]
        with pytest.raises(NotAllowed) as refused:
            shop.order(by=by, distributor=wanted)
        assert refused.value.code == "distributor"


def test_another_distributor_learns_nothing_of_the_customer(shop: Shop) -> None:
    stranger = shop.world.stranger
    for ref in (shop.customer_id, CODE, "91330203MA0000000X", new_ulid()):
        answer = shop.order(by=stranger, customer=ref)
        assert (answer.answer, codes(answer), answer.line.status) == ("hold", ["customer_unknown", "under_review"], "held")
        assert answer.left is answer.line.customer is None


def test_two_of_ones_customers_under_one_number_must_be_told_apart(shop: Shop) -> None:
    shop.world.customer(uscc=CODE, native_name="宁波第二医院", latin_name="Ningbo Second Hospital")
    held(shop, "customer_ambiguous", customer=CODE)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"catalogue_number": "CI-9999"}, "product_unknown"),
        ({"unit": "pallet"}, "unit"),
        ({"unit": "samples", "quantity": "3.333333"}, "unit"),
        ({"division": "330300"}, "place_differs"),
        ({"division": "650100"}, "place_differs"),
        ({"country": "DE", "division": ""}, "place_differs"),
    ],
)
def test_what_does_not_fit_holds(shop: Shop, changes: dict[str, Any], code: str) -> None:
    answer = shop.order(**changes)
    assert answer.answer == "hold"
    assert code in codes(answer)
    assert shop.balance.reserved == 0


def test_an_order_in_china_without_a_division_is_held(shop: Shop) -> None:
    assert "place" in codes(shop.order(division=""))


def test_a_district_lies_in_its_prefecture(shop: Shop) -> None:
    assert shop.order(division="330203").answer == "release"


def test_units_convert_exactly_or_not_at_all(shop: Shop) -> None:
    versioned(shop.world, shop.world.kit, units={"Case": Decimal(10)})
    for quantity, unit, units in (("200", "samples", 2), ("1", "case", 10), ("3", "盒", 3), ("2", "KITS", 2)):
        answer = shop.order(quantity, unit=unit)
        assert (answer.answer, answer.line.units) == ("release", Decimal(units)), unit


def test_more_than_is_left_is_held_with_the_number_left(shop: Shop) -> None:
    shop.order("20")
    answer = shop.order("5")
    assert (answer.answer, codes(answer), answer.left) == ("hold", ["quantity"], Decimal(4))
    assert shop.balance.reserved == 20
    assert shop.order("4").answer == "release"


def test_without_a_declaration_one_is_needed_and_with_one_on_its_way_the_order_waits(shop: Shop) -> None:
    other = shop.world.customer(native_name="宁波第三医院", latin_name="Ningbo Third Hospital")
    screen_party(other.party)
    answer = shop.order(customer=other.pk)
    assert (answer.answer, codes(answer), answer.line.status) == ("needs_declaration", ["needs_declaration"], "needs_declaration")
    shop.world.signed(shop.world.draft(other))
    waiting = shop.order(customer=other.pk)
    assert (waiting.answer, codes(waiting)) == ("hold", ["declaration_pending"])
    assert waiting.line.answer_by == later(5)


def test_a_line_waits_for_its_own_declaration_and_not_for_that_of_another_line(shop: Shop) -> None:
    other = LineData(product("CI-2717-200").pk, Decimal(5))
    lines = (LineRequest("1", "CI-2440-100", Decimal(1), "kit"), LineRequest("2", "CI-2717-200", Decimal(1), "kit"))
    request = replace(shop.request(), lines=lines)
    assert [a.answer for a in orders.check(by=shop.world.filer, request=request)] == ["release", "needs_declaration"]
    shop.world.signed(shop.world.draft(shop.declaration.customer, lines=(other,)))
    answers = orders.check(by=shop.world.filer, request=replace(request, order_number="SO-2"))
    assert [(a.answer, codes(a)) for a in answers] == [("release", []), ("hold", ["declaration_pending"])]


@pytest.mark.parametrize("status", ["withdrawn", "refused", "review", "draft", "returned"])
def test_what_is_not_attested_any_more_covers_nothing_whatever_its_attestation_says(shop: Shop, status: str) -> None:
    shop.declare(status)
    held(shop, "declaration_pending")


def test_another_product_needs_a_declaration_of_its_own(shop: Shop) -> None:
    assert shop.order(catalogue_number="CI-2717-200").answer == "needs_declaration"


@pytest.mark.parametrize(("status", "code"), [("suspended", "attestation_suspended"), ("revoked", "attestation_revoked")])
def test_an_attestation_out_of_force_holds(shop: Shop, status: str, code: str) -> None:
    shop.say(status=status)
    held(shop, code)


def test_a_superseded_attestation_covers_nothing(shop: Shop) -> None:
    shop.say(status="superseded")
    assert shop.order().answer == "needs_declaration"


def test_the_day_of_the_order_decides(shop: Shop) -> None:
    assert "expired" in codes(shop.order(wanted_on=shop.balance.valid_until))
    assert shop.order(wanted_on=shop.balance.valid_until - dt.timedelta(days=80)).answer == "release"
    for day in (later(-1), later(731)):
        with pytest.raises(NotAllowed):
            shop.order(wanted_on=day)


def test_a_declaration_that_begins_later_says_when(roles: None, db: None) -> None:
    become("portal_app")
    world = make_world()
    shop = open_shop(world, valid_from=later(10), valid_until=later(100))
    answer = held(shop, "not_yet")
    assert answer.reasons[0].until == later(10)
    assert shop.order(wanted_on=later(10)).answer == "release"


def test_no_authorisation_for_line_place_or_day_holds(shop: Shop) -> None:
    held_right = shop.world.qinglan.party.authorisations.get()
    last = register.today().one(held_right).valid_until  # type: ignore[union-attr]
    assert "not_authorised" in codes(shop.order(wanted_on=last))
    assert "not_authorised" in codes(shop.order(division="110100"))
    changed(shop.world, held_right, "suspended")
    held(shop, "not_authorised")


def test_a_party_that_is_not_shown_to_be_clear_holds(shop: Shop) -> None:
    party = shop.declaration.customer.party
    type(party).objects.filter(pk=party.pk).update(revision=party.revision + 1)
    answer = held(shop, "under_review")
    assert answer.line.answer_by == later(5)


def test_no_good_list_in_force_holds_everything(shop: Shop, settings: Any) -> None:
    settings.PORTAL_DEMO = False
    assert ListVersion.objects.exists()
    held(shop, "under_review")


def flagged(shop: Shop, **fields: Any) -> Flag:
    """A flag on a case of its own."""
    case = case_on_evidence(shop.world)
    return Flag.objects.create(rule="S01", case=case, fingerprint=new_ulid(), **fields)


@pytest.mark.parametrize("state", ["open", "confirmed"])
def test_an_open_grave_flag_or_a_confirmed_concern_about_a_party_holds_in_the_same_words(shop: Shop, state: str) -> None:
    closed = None if state == "open" else timezone.now()
    flagged(shop, party=shop.declaration.customer.party, severity="high", state=state, closed_at=closed)
    held(shop, "under_review")


def test_a_lesser_flag_about_a_party_holds_nothing(shop: Shop) -> None:
    flagged(shop, party=shop.declaration.customer.party, severity="medium")
    assert shop.order().answer == "release"


@pytest.mark.parametrize("state", ["open", "confirmed"])
def test_an_open_grave_flag_on_the_declaration_or_a_confirmed_one_holds(shop: Shop, state: str) -> None:
    closed = None if state == "open" else timezone.now()
    flagged(shop, declaration=shop.declaration, severity="high" if state == "open" else "low", state=state, closed_at=closed)
    held(shop, "under_review")


def test_every_reason_is_said_at_once(shop: Shop) -> None:
    answer = shop.order("99", division="330300", wanted_on=shop.balance.valid_until)
    assert set(codes(answer)) == {"not_authorised", "expired", "place_differs", "quantity"}


def test_the_same_line_asked_twice_is_reserved_once_and_asked_differently_refused(shop: Shop) -> None:
    first, again = shop.order("5", order_number="SO-1"), shop.order("5", order_number="SO-1")
    assert (again.line.pk, again.answer) == (first.line.pk, "release")
    assert shop.balance.reserved == 5
    for changes in ({"quantity": "6"}, {"quantity": "5", "division": "330203"}, {"quantity": "5", "customer": "91330203MA0000000X"}):
        with pytest.raises(Different):
            shop.order(order_number="SO-1", **changes)
    assert shop.balance.reserved == 5


def test_a_released_line_asked_again_after_a_suspension_is_held_and_stays_reserved(shop: Shop) -> None:
    shop.order("5", order_number="SO-1")
    shop.say(status="suspended")
    again = shop.order("5", order_number="SO-1")
    assert (again.answer, codes(again)) == ("hold", ["attestation_suspended"])
    assert shop.balance.reserved == 5


def test_a_held_line_asked_again_is_released_when_the_hold_is_over(shop: Shop) -> None:
    shop.say(status="suspended")
    first = shop.order("5", order_number="SO-1")
    shop.say(status="valid")
    again = shop.order("5", order_number="SO-1")
    assert (again.line.pk, again.answer, again.line.status) == (first.line.pk, "release", "released")
    assert shop.balance.reserved == 5


def test_lines_of_one_order_share_what_is_left(shop: Shop) -> None:
    lines = tuple(LineRequest(str(n), "CI-2440-100", Decimal(10), "kit") for n in (30, 10, 20))
    answers = orders.check(by=shop.world.filer, request=replace(shop.request(), lines=lines))
    assert [(a.line.line, a.answer) for a in answers] == [("30", "hold"), ("10", "release"), ("20", "release")]
    assert shop.balance.reserved == 20


def test_an_equivalent_product_draws_by_its_measure_and_the_own_one_goes_first(shop: Shop) -> None:
    grouped(shop.world)
    answer = shop.order("3", catalogue_number="CI-2717-200")
    assert (answer.answer, answer.line.ratio, answer.left) == ("release", Decimal(2), Decimal(9))
    assert (shop.balance.reserved, answer.line.reserved) == (6, 3)
    assert shop.order("9.5", catalogue_number="CI-2717-200").left == Decimal(9)


def test_what_ends_first_is_drawn_first(shop: Shop) -> None:
    sooner = shop.world.signed(shop.world.draft(shop.declaration.customer, valid_until=later(90)))
    attest(sooner, shop.world)
    assert shop.order("5").line.balance.declaration_id == sooner.pk
    assert shop.order("22").line.balance.declaration_id == shop.declaration.pk


def test_a_check_takes_few_statements_whatever_is_on_record(shop: Shop, django_assert_max_num_queries: Any) -> None:
    request = shop.request("1")
    # One of them asks who owns the parties, who is one entity with them, and who has their number or name.
    with django_assert_max_num_queries(12):
        assert orders.check(by=shop.world.filer, request=request)[0].answer == "release"


@pytest.mark.parametrize("products", [1, 2])
def test_a_large_order_takes_the_statements_of_its_writes_and_no_more(
    shop: Shop, products: int, django_assert_max_num_queries: Any
) -> None:
    numbers = ("CI-2440-100", "CI-2717-200")[:products]
    lines = tuple(LineRequest(str(n), numbers[n % products], Decimal(99), "kit") for n in range(40))
    with django_assert_max_num_queries(14 + 2 * 40):
        orders.check(by=shop.world.filer, request=replace(shop.request(), lines=lines))


def test_balances_are_read_within_the_one_distributor(shop: Shop) -> None:
    asked = {"customer_id": shop.customer_id, "product_ids": [shop.balance.product_id]}
    assert [one.pk for one in candidates(organisation_id=shop.world.qinglan.pk, **asked)] == [shop.balance.pk]
    assert candidates(organisation_id=shop.world.stranger.organisation.pk, **asked) == []


def test_what_is_read_by_hand_is_what_the_rooms_themselves_say(shop: Shop) -> None:
    parties = [shop.declaration.customer.party, shop.world.qinglan.party]
    for change in (lambda: None, lambda: Party.objects.filter(pk=parties[0].pk).update(revision=9)):
        change()
        for party in parties:
            party.refresh_from_db()
        by_hand, by_room = states_now(parties), party_states(parties)
        assert {pk: (s.state, s.reasons) for pk, s in by_hand.items()} == {pk: (s.state, s.reasons) for pk, s in by_room.items()}
    assert by_hand[parties[0].pk].state == "waiting"


def test_what_is_read_by_hand_says_all_that_decides_whether_a_run_still_holds(shop: Shop) -> None:
    party = shop.declaration.customer.party
    ScreeningRun.objects.create(party=party, party_revision=7, lists_key="other", engine="an older one", state="done", near=True)
    by_hand, by_room = states_now([party])[party.pk].run, party_states([party])[party.pk].run
    assert by_hand is not None
    assert by_room is not None
    assert last_of(by_hand) == last_of(by_room)


def test_two_products_of_a_declaration_have_a_balance_each(roles: None, db: None) -> None:
    become("portal_app")
    world: World = make_world()
    shop = open_shop(world, lines=(LineData(world.kit.pk, Decimal(3)), LineData(product("CI-2717-200").pk, Decimal(7))))
    assert shop.order("7", catalogue_number="CI-2717-200").answer == "release"
    assert shop.order("3").answer == "release"
    assert shop.order("1", order_number="SO-9").answer == "hold"


def test_an_answer_and_its_reservation_are_one_write(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("no event")

    monkeypatch.setattr(actions, "record_first", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        shop.order("5")
    assert not OrderLine.objects.exists()
    assert shop.balance.reserved == 0
    assert connection.in_atomic_block


def test_of_several_balances_that_do_the_nearest_is_drawn_first() -> None:
    day = dt.date(2026, 6, 1)

    def one(number: int, **changes: Any) -> Candidate:
        values: dict[str, Any] = {
            "ratio": Decimal(1), "is_own": True, "left": Decimal(9), "valid_from": day, "valid_until": dt.date(2026, 12, 1), "place_fits": True,
            "standing": "valid",
        }  # fmt: skip
        return Candidate(number, **{**values, **changes})

    def drawn(*candidates: Candidate) -> int | None:
        facts = LineFacts(day, "CN", "330200", "", True, Decimal(2), "authorised", candidates=candidates)
        found = {decide(replace(facts, candidates=order)).balance_id for order in itertools.permutations(candidates)}
        assert len(found) == 1, "whatever the order in which they were read"
        return found.pop()

    soon, equivalent, empty = (
        dt.date(2026, 7, 1),
        one(3, is_own=False, valid_until=dt.date(2026, 6, 9)),
        one(4, left=Decimal(1), valid_until=day),
    )
    assert drawn(one(1), one(2, valid_until=soon), equivalent, empty) == 2, "of the product itself, what ends first"
    assert drawn(one(1), one(2, is_own=False, valid_until=soon)) == 1, "the product itself before an equivalent, even one that ends first"
    assert drawn(one(1, left=Decimal(1)), one(2, is_own=False)) == 2, "an equivalent where the product itself does not do"
    assert drawn(one(7), one(5)) == 5, "the older of two alike"
