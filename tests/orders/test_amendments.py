"""An amendment takes the place of what it amends with everything that was released under it; nothing is lost, doubled or overdrawn."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from certifications.attestations.models import Attestation
from certifications.declarations.data import LineData
from certifications.declarations.models import Declaration
from certifications.declarations.queries import data_of, version_of
from certifications.flow import advance, order_acts, release
from certifications.flow import sign as flow
from certifications.flow.order_acts import OnHold
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.orders.models import Balance, OrderLine
from tests.architecture.test_database_guards import refused
from tests.world import proof_for

from .shop import _FORCE, Shop, _as_owner, later
from .test_ledger import assert_adds_up

pytestmark = pytest.mark.django_db


def amendment(shop: Shop, quantity: str | Decimal, **changes: Any) -> Declaration:
    """A signed amendment of the shop's declaration, screened and ready."""
    data = data_of(version_of(shop.declaration))
    lines = changes.pop("lines", (LineData(shop.world.kit.pk, Decimal(quantity)),))
    changed = type(data)(**{**vars(data), "lines": lines, **changes})
    made = flow.draft(by=shop.world.filer, data=changed, form_key=new_ulid(), follows=shop.declaration, how="amend")
    shop.world.signed(made)
    assert advance.advance(made.pk) == "ready"
    made.refresh_from_db()
    return made


def release_it(shop: Shop, made: Declaration) -> Attestation:
    proof = proof_for(shop.world.reviewer, release.release_digest([made]), "release")
    return release.release_with(declarations=[made], by=shop.world.reviewer, proof=proof)[0]


def seal_it(made: Declaration, attestation: Attestation) -> None:
    """What the signer writes; the worker has not come yet."""
    values = {"id": new_ulid(), "sha": new_ulid().ljust(64, "0"), "attestation": attestation.pk, "declaration": made.pk}
    _as_owner(_FORCE, values, committed=False)


def in_force(shop: Shop, made: Declaration) -> Shop:
    """Released, sealed, and its balances taken over."""
    attestation = release_it(shop, made)
    seal_it(made, attestation)
    order_acts.declare(made.pk)
    made.refresh_from_db()
    shop.declaration.refresh_from_db()
    return Shop(shop.world, made)


def test_what_was_released_stays_released_and_counts_on_the_amendment(shop: Shop) -> None:
    line = shop.order("10").line
    shop.act(line, "ship", "4")
    after = in_force(shop, amendment(shop, "30"))
    assert (shop.declaration.status, shop.attestation.status) == ("superseded", "superseded")
    assert not Balance.objects.filter(declaration=shop.declaration).exists()
    balance = after.balance
    assert (balance.declared, balance.reserved, balance.shipped, balance.left) == (30, 6, 4, 20)
    line.refresh_from_db()
    assert (line.status, line.balance_id) == ("released", balance.pk)
    assert shop.act(line, "ship").shipped == 10
    assert after.order("20").answer == "release"
    assert after.order("1").answer == "hold"
    assert_adds_up()


def test_a_cancelled_and_a_returned_unit_may_be_ordered_again_under_the_amendment(shop: Shop) -> None:
    line = shop.order("24").line
    shop.act(line, "ship", "4")
    after = in_force(shop, amendment(shop, "24", end_use="Kinship testing in the transplant ward, about 300 samples a month."))
    assert after.order("1").answer == "hold"
    shop.act(line, "return", "1")
    shop.act(line, "release")
    assert after.balance.left == 21
    assert after.order("21").answer == "release"
    assert_adds_up()


def test_from_its_release_on_no_more_is_taken_than_the_amendment_declares(shop: Shop) -> None:
    shop.order("10")
    made = amendment(shop, "12")
    assert shop.order("3", order_number="SO-A").answer == "release"
    with pytest.raises(NotAllowed, match="13 of CI-2440-100"):
        release_it(shop, made)
    shop.act(OrderLine.objects.get(order_number="SO-A"), "release")
    attestation = release_it(shop, made)
    assert shop.balance.left == 2
    assert shop.order("3").answer == "hold"
    assert shop.order("2").answer == "release"
    seal_it(made, attestation)
    # The signer has sealed and the worker has not come: the earlier one is in force, within what the new one declares.
    assert shop.order("1").answer == "hold"
    order_acts.declare(made.pk)
    assert (Shop(shop.world, made).balance.declared, Shop(shop.world, made).balance.left) == (12, 0)
    order_acts.declare(made.pk)
    assert_adds_up()


def test_postgresql_keeps_what_is_taken_within_the_ceiling(shop: Shop) -> None:
    shop.order("10")
    said = refused("UPDATE certifications_balance SET ceiling = 9 WHERE id = %s", [shop.balance.pk])
    assert "balance_within_ceiling" in said


def test_a_release_that_was_taken_back_frees_what_it_had_capped(shop: Shop) -> None:
    made = amendment(shop, "5")
    attestation = release_it(shop, made)
    assert shop.order("6").answer == "hold"
    order_acts.uncap(made.pk)
    assert shop.balance.left == 5, "it is being issued"
    release.take_back(attestation, "a test")
    order_acts.uncap(made.pk)
    assert shop.balance.left == 24
    assert shop.order("6").answer == "release"


def test_taking_a_release_back_asks_the_worker_to_free_the_balance(shop: Shop) -> None:
    from certifications.work.models import Job

    release.take_back(release_it(shop, amendment(shop, "5")), "a test")
    assert Job.objects.filter(kind="uncap").count() == 1


def test_a_balance_goes_over_to_the_attested_amendment_and_nowhere_else(shop: Shop) -> None:
    made, other = amendment(shop, "30"), shop.world.draft(shop.declaration.customer)
    for declaration in (made, other):
        said = refused("UPDATE certifications_balance SET declaration_id = %s", [declaration.pk])
        assert "to the amendment alone" in said


def test_an_amendment_of_what_was_suspended_meanwhile_is_not_released(shop: Shop) -> None:
    made = amendment(shop, "30")
    shop.say(status="suspended")
    with pytest.raises(NotAllowed, match="not in force any more"):
        release_it(shop, made)


def test_a_product_that_an_amendment_leaves_out_has_nothing_left(shop: Shop) -> None:
    from .shop import product

    after = in_force(shop, amendment(shop, "0", lines=(LineData(product("CI-2717-200").pk, Decimal(3)),)))
    assert {b.product.catalogue_number: (b.declared, b.left) for b in Balance.objects.filter(declaration=after.declaration)} == {
        "CI-2440-100": (0, 0),
        "CI-2717-200": (3, 3),
    }


def test_an_order_for_the_place_that_was_amended_away_does_not_ship(shop: Shop) -> None:
    line = shop.order("10").line
    in_force(shop, amendment(shop, "24", place_address="杭州市西湖区 1 号", place_division="330100"))
    with pytest.raises(OnHold) as held:
        shop.act(line, "ship", "1")
    assert [reason.code for reason in held.value.reasons] == ["place_differs"]


def test_a_renewal_declares_anew_and_leaves_the_earlier_one_as_it_is(shop: Shop) -> None:
    line = shop.order("10").line
    data = data_of(version_of(shop.declaration))
    renewed = type(data)(**{**vars(data), "valid_from": data.valid_until, "valid_until": later(700)})
    made = flow.draft(by=shop.world.filer, data=renewed, form_key=new_ulid(), follows=shop.declaration, how="renew")
    shop.world.signed(made)
    advance.advance(made.pk)
    made.refresh_from_db()
    after = in_force(shop, made)
    assert (shop.declaration.status, shop.attestation.status) == ("attested", "valid")
    assert (shop.balance.reserved, shop.balance.left, after.balance.declared, after.balance.left) == (10, 14, 24, 24)
    assert shop.act(line, "ship").status == "shipped"
    assert shop.order("20").answer == "hold"
    # By then the distributor's own authorisation has ended; nothing else holds it.
    assert {reason.code for reason in after.order("20", wanted_on=data.valid_until).reasons} == {"seller"}
    assert_adds_up()


class Amending(RuleBasedStateMachine):
    """Orders and returns while amendments are released, taken back, sealed and put in force, against a count of one's own."""

    shop: Shop

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = connection.savepoint()
        self.now = Shop(type(self).shop.world, Declaration.objects.get(pk=type(self).shop.declaration.pk))
        self.lines: list[str] = []
        self.declared, self.taken = Decimal(24), Decimal(0)
        self.next: tuple[Declaration, Attestation, Decimal] | None = None
        self.sealed = False

    def teardown(self) -> None:
        connection.savepoint_rollback(self.savepoint)

    @property
    def left(self) -> Decimal:
        ceiling = self.declared if self.next is None else min(self.declared, self.next[2])
        return ceiling - self.taken

    @rule(n=st.decimals("0.01", "20", places=2))
    def order(self, n: Decimal) -> None:
        answer = self.now.order(str(n))
        assert (answer.answer == "release") == (n <= self.left)
        if answer.answer == "release":
            self.taken += n
            self.lines.append(answer.line.pk)

    @precondition(lambda self: self.lines)
    @rule(which=st.integers(0, 9), kind=st.sampled_from(["ship", "release", "return"]), share=st.sampled_from(["0.01", "2.5", None]))
    def act(self, which: int, kind: str, share: str | None) -> None:
        line = OrderLine.objects.get(pk=self.lines[which % len(self.lines)])
        before = line.reserved + line.shipped
        try:
            after = self.now.act(line, kind, share)
        except NotAllowed:
            return
        self.taken -= before - after.reserved - after.shipped

    @precondition(lambda self: self.next is None)
    @rule(n=st.decimals("0.5", "40", places=1))
    def release(self, n: Decimal) -> None:
        if n == self.declared:
            return
        mark = connection.savepoint()
        try:
            made = amendment(self.now, n)
            self.next = made, release_it(self.now, made), n
        except NotAllowed:
            connection.savepoint_rollback(mark)
            assert n < self.taken
        else:
            assert n >= self.taken

    @precondition(lambda self: self.next is not None and not self.sealed)
    @rule()
    def take_back(self) -> None:
        assert self.next is not None
        made = self.next[0]
        release.take_back(self.next[1], "a test")
        order_acts.uncap(made.pk)
        made.refresh_from_db()
        advance.advance(made.pk)
        made.refresh_from_db()
        flow.withdraw_declaration(declaration=made, by=self.now.world.filer, reason="mistake")
        self.next = None

    @precondition(lambda self: self.next is not None and not self.sealed)
    @rule()
    def seal(self) -> None:
        assert self.next is not None
        seal_it(self.next[0], self.next[1])
        self.sealed = True

    @precondition(lambda self: self.sealed)
    @rule()
    def put_in_force(self) -> None:
        assert self.next is not None
        order_acts.declare(self.next[0].pk)
        self.next[0].refresh_from_db()
        self.now = Shop(self.now.world, self.next[0])
        self.declared = self.next[2]
        self.next, self.sealed = None, False

    @invariant()
    def adds_up(self) -> None:
        assert_adds_up()
        balance = Balance.objects.get()
        assert balance.declaration_id == self.now.declaration.pk
        assert balance.ceiling == (self.next[2] if self.next is not None else None)
        assert (balance.declared, balance.reserved + balance.shipped, balance.left) == (self.declared, self.taken, self.left)


def test_under_any_interleaving_with_amendments_nothing_is_negative_doubled_or_lost(shop: Shop) -> None:
    machine = type("OfThisShop", (Amending,), {"shop": shop})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    )
