"""The ledger: what PostgreSQL refuses, what happens to a line after its release, and that any sequence of acts adds up."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from certifications.declarations.models import Declaration, DeclarationLine, DeclarationVersion, FrozenText
from certifications.flow import order_acts
from certifications.flow.order_acts import OnHold
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.orders import actions
from certifications.orders.models import Balance, BalanceEntry, OrderLine
from tests.architecture.test_database_guards import refused
from tests.catalogue.changes import grouped

from .shop import Shop, later, product

pytestmark = pytest.mark.django_db


def sums(balance: Balance) -> dict[str, Decimal]:
    """The entries of a balance by kind."""
    rows = BalanceEntry.objects.filter(balance=balance).values_list("kind").annotate(n=Sum("quantity"))
    return {kind: total for kind, total in rows}  # noqa: C416 - mypy reads rows as tuples


def assert_adds_up() -> None:
    """Balances and lines are the sums of their entries, none is negative, none is overdrawn, sequences have no gap."""
    for balance in Balance.objects.all():
        found = sums(balance)
        get = lambda kind: found.get(kind, Decimal(0))  # noqa: B023, E731
        assert balance.declared == get("declare") + get("amend")
        assert balance.reserved == get("reserve") - get("release") - get("expire") - get("ship")
        assert balance.shipped == get("ship") - get("return")
        assert 0 <= balance.reserved + balance.shipped <= balance.declared
        assert balance.reserved >= 0
        assert balance.shipped >= 0
        numbers = list(balance.entries.order_by("sequence").values_list("sequence", flat=True))
        assert numbers == list(range(1, balance.entry_count + 1))
        lines = OrderLine.objects.filter(balance=balance)
        assert sum((line.reserved * line.ratio for line in lines), Decimal(0)) == balance.reserved
        assert sum((line.shipped * line.ratio for line in lines), Decimal(0)) == balance.shipped
    for line in OrderLine.objects.exclude(units=None):
        assert 0 <= line.reserved + line.shipped + line.returned <= line.units  # type: ignore[operator]


def test_a_declaration_is_entered_once_however_often_the_worker_comes(shop: Shop) -> None:
    order_acts.declare(shop.declaration.pk)
    assert list(BalanceEntry.objects.values_list("kind", "quantity")) == [("declare", Decimal(24))]
    assert Event.objects.filter(verb="balance.declare").count() == 1


def test_ship_in_parts_return_and_cancel_the_rest(shop: Shop) -> None:
    line = shop.order("10").line
    line = shop.act(line, "ship", "4")
    assert (line.status, line.reserved, line.shipped) == ("released", 6, 4)
    line = shop.act(line, "return", "1")
    assert (shop.balance.left, shop.balance.shipped) == (Decimal(15), Decimal(3))
    line = shop.act(line, "release")
    assert (line.status, line.reserved, line.shipped, line.returned) == ("shipped", 0, 3, 1)
    line = shop.act(line, "return")
    assert (line.status, shop.balance.left) == ("returned", Decimal(24))
    assert_adds_up()


def test_a_cancelled_line_gives_its_quantity_back_and_its_number_may_be_used_again(shop: Shop) -> None:
    line = shop.order("24", order_number="SO-1").line
    assert shop.act(line, "release").status == "cancelled"
    again = shop.order("24", order_number="SO-1")
    assert (again.answer, again.line.pk == line.pk) == ("release", False)
    assert_adds_up()


def test_a_held_line_is_cancelled_without_an_entry(shop: Shop) -> None:
    line = shop.order("99").line
    assert shop.act(line, "release").status == "cancelled"
    assert not line.entries.exists()


@pytest.mark.parametrize("units", ["0", "-1", "10.0001", "11"])
def test_nobody_ships_more_than_is_reserved_or_less_than_nothing(shop: Shop, units: str) -> None:
    line = shop.order("10").line
    with pytest.raises(NotAllowed) as refusal:
        shop.act(line, "ship", units)
    assert refusal.value.code == "quantity"
    assert_adds_up()


def test_nothing_comes_back_that_was_not_shipped_and_nothing_ships_twice(shop: Shop) -> None:
    line = shop.order("10").line
    with pytest.raises(StaleState):
        shop.act(line, "return", "1")
    shop.act(line, "ship")
    for kind in ("ship", "release"):
        with pytest.raises(StaleState):
            shop.act(line, kind)
    assert shop.balance.shipped == 10


def test_the_same_form_sent_twice_ships_once(shop: Shop) -> None:
    line, key = shop.order("10").line, new_ulid()
    for _ in range(2):
        shop.act(line, "ship", "3", key=key)
    assert shop.balance.shipped == 3


def test_what_is_held_by_now_does_not_ship_and_may_still_be_cancelled(shop: Shop) -> None:
    line = shop.order("10").line
    shop.say(status="suspended")
    with pytest.raises(OnHold) as held:
        shop.act(line, "ship", "1")
    assert [reason.code for reason in held.value.reasons] == ["attestation_suspended"]
    assert shop.balance.shipped == 0
    assert shop.act(line, "release").status == "cancelled"


def test_when_the_declaration_s_last_day_is_over_what_is_reserved_goes_back(shop: Shop) -> None:
    part, whole = shop.order("10").line, shop.order("5").line
    shop.act(part, "ship", "4")
    Balance.objects.update(valid_until=later(0), valid_from=later(-9))
    assert order_acts.expire() == 2
    assert order_acts.expire() == 0
    part.refresh_from_db()
    whole.refresh_from_db()
    assert (part.status, part.shipped, whole.status) == ("shipped", 4, "expired")
    assert shop.balance.left == 20
    assert_adds_up()


def test_what_was_renewed_while_the_round_ran_is_not_given_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    line = shop.order("10").line
    until = shop.balance.valid_until
    Balance.objects.update(valid_until=later(0), valid_from=later(-9))

    def renewed_before(*given: Any) -> OrderLine:
        Balance.objects.update(valid_until=until)
        return real(*given)

    real = actions.locked
    monkeypatch.setattr(actions, "locked", renewed_before)
    assert order_acts.expire() == 0
    line.refresh_from_db()
    assert (line.status, line.reserved) == ("released", 10)


def test_a_quantity_is_converted_by_the_product_that_the_line_has_now(shop: Shop) -> None:
    grouped(shop.world)
    line = shop.order("20").line
    substitute(shop, line, "CI-2717-200", "10")
    within = OrderLine.objects.all()
    done = order_acts.act(line_id=line.pk, kind="ship", quantity=Decimal(400), unit="samples", by=shop.world.filer, within=within)
    assert (done.shipped, shop.balance.shipped) == (2, 4)
    for unit in ("pallet", "bottle"):
        with pytest.raises(NotAllowed) as refusal:
            order_acts.act(line_id=line.pk, kind="ship", quantity=Decimal(1), unit=unit, by=shop.world.filer, within=within)
        assert refusal.value.code == "unit"


def test_another_product_of_the_group_takes_the_place_of_the_ordered_one(shop: Shop) -> None:
    grouped(shop.world)
    line = shop.order("20").line
    done = substitute(shop, line, "CI-2717-200", "12")
    assert (done.line.product_id, done.line.reserved, shop.balance.reserved) == (product("CI-2717-200").pk, 12, 24)
    assert_adds_up()
    with pytest.raises(OnHold):
        substitute(shop, line, "CI-2440-100", "25")
    assert OrderLine.objects.get(pk=line.pk).reserved == 12
    shop.act(line, "ship", "1")
    with pytest.raises(StaleState):
        substitute(shop, line, "CI-2440-100", "1")
    assert shop.balance.shipped == 2


def test_a_product_outside_of_the_group_needs_an_amendment(shop: Shop) -> None:
    line = shop.order("20").line
    with pytest.raises(NotAllowed) as refusal:
        substitute(shop, line, "CI-3600-P4", "1")
    assert refusal.value.code == "catalogue_number"
    assert shop.balance.reserved == 20


def substitute(shop: Shop, line: OrderLine, number: str, quantity: str) -> Any:
    return order_acts.substitute(
        line_id=line.pk,
        catalogue_number=number,
        quantity=Decimal(quantity),
        unit="kit",
        by=shop.world.filer,
        within=OrderLine.objects.all(),
    )


def amended(declaration: Declaration, quantity: Decimal) -> DeclarationVersion:
    """A new signed version with another quantity of everything."""
    last = declaration.versions.get(number=declaration.version_number)
    version = DeclarationVersion.objects.get(pk=last.pk)
    version.pk, version.number = new_ulid(), last.number + 1
    version._state.adding = True
    version.save()
    for line in last.lines.all():
        DeclarationLine.objects.create(version=version, product_id=line.product_id, quantity=quantity)
    FrozenText.objects.create(version=version, canonical="{}", sha256="0" * 64)
    Declaration.objects.filter(pk=declaration.pk).update(version_number=version.number)
    declaration.refresh_from_db()
    return version


def test_an_amendment_enters_the_difference_and_never_goes_below_what_is_taken(shop: Shop) -> None:
    shop.order("10")
    actions.declare(version=amended(shop.declaration, Decimal(30)), by=None)
    assert (shop.balance.declared, shop.balance.left) == (30, 20)
    with pytest.raises(NotAllowed) as refusal:
        actions.declare(version=amended(shop.declaration, Decimal("9.99")), by=None)
    assert refusal.value.code == "below_taken"
    assert shop.balance.declared == 30
    actions.declare(version=amended(shop.declaration, Decimal(10)), by=None)
    assert (shop.balance.declared, shop.balance.left) == (10, 0)
    assert_adds_up()


ACTS = {
    "a balance changes by entries alone": "UPDATE certifications_balance SET declared = declared + 1",
    "an order line changes by entries alone": "UPDATE certifications_orderline SET reserved = reserved - 1",
    "what a balance is of never changes": "UPDATE certifications_balance SET product_id = 'x'",
    "which order line it is never changes": "UPDATE certifications_orderline SET order_number = 'x'",
    "what an order line draws on never changes": "UPDATE certifications_orderline SET units = units + 1",
    "balance_never_overdrawn": "INSERT INTO certifications_balanceentry (balance_id, sequence, kind, quantity, units, product_id, by_id)"
    " SELECT id, 0, 'amend', -20, 0, product_id, '' FROM certifications_balance",
    "order_line_never_doubled": "INSERT INTO certifications_balanceentry"
    " (balance_id, sequence, kind, quantity, units, order_line_id, product_id, by_id)"
    " SELECT balance_id, 0, 'reserve', 1, 1, id, product_id, '' FROM certifications_orderline",
    "order_line_never_negative": "INSERT INTO certifications_balanceentry"
    " (balance_id, sequence, kind, quantity, units, order_line_id, product_id, by_id)"
    " SELECT balance_id, 0, 'return', 1, 1, id, product_id, '' FROM certifications_orderline",
    "does not fit its order line": "INSERT INTO certifications_balanceentry"
    " (balance_id, sequence, kind, quantity, units, order_line_id, product_id, by_id)"
    " SELECT balance_id, 0, 'release', 1, 2, id, product_id, '' FROM certifications_orderline",
    "a balance begins empty": "INSERT INTO certifications_balance (declaration_id, product_id, version_id, organisation_id, customer_id,"
    " valid_from, valid_until, place_country, place_division, declared, reserved, shipped, entry_count)"
    " SELECT declaration_id, 'x', version_id, organisation_id, customer_id, valid_from, valid_until, 'CN', '', 9, 0, 0, 0"
    " FROM certifications_balance",
}  # fmt: skip


@pytest.mark.parametrize("said", ACTS)
def test_postgresql_refuses_what_does_not_add_up(shop: Shop, said: str) -> None:
    shop.order("10")
    assert said in refused(ACTS[said])


@pytest.mark.parametrize("table", ["balance", "orderline", "balanceentry"])
def test_the_ledger_is_neither_removed_nor_emptied(shop: Shop, table: str) -> None:
    shop.order("10")
    refused(f"DELETE FROM certifications_{table}")
    refused(f"TRUNCATE certifications_{table} CASCADE")


class Interleaving(RuleBasedStateMachine):
    """Any order of check, ship, cancel, return, substitute, amend and expire against a count of one's own."""

    shop: Shop

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = connection.savepoint()
        self.shop = type(self).shop
        self.shop.declaration.refresh_from_db()
        self.lines: list[str] = []
        self.left = Decimal(24)

    def teardown(self) -> None:
        connection.savepoint_rollback(self.savepoint)

    def line(self, n: int) -> OrderLine:
        return OrderLine.objects.get(pk=self.lines[n % len(self.lines)])

    @rule(n=st.decimals("0.01", "30", places=2), number=st.integers(1, 4), other=st.booleans())
    def check(self, n: Decimal, number: int, other: bool) -> None:
        from certifications.flow.orders import Different

        name, draws = ("CI-2717-200", n * 2) if other else ("CI-2440-100", n)
        try:
            answer = self.shop.order(str(n), order_number=f"SO-{number}", catalogue_number=name)
        except Different:
            return
        if answer.line.pk in self.lines:
            return
        assert (answer.answer == "release") == (draws <= self.left)
        if answer.answer == "release":
            self.left -= draws
            self.lines.append(answer.line.pk)

    @precondition(lambda self: self.lines)
    @rule(which=st.integers(0, 9), kind=st.sampled_from(["ship", "release", "return"]), share=st.sampled_from(["0.01", "1", "2.5", None]))
    def act(self, which: int, kind: str, share: str | None) -> None:
        line = self.line(which)
        before = line.reserved + line.shipped
        try:
            after = self.shop.act(line, kind, share)
        except (NotAllowed, OnHold):
            return
        self.left += (before - after.reserved - after.shipped) * line.ratio

    @precondition(lambda self: self.lines)
    @rule(which=st.integers(0, 9), n=st.decimals("0.01", "12", places=2))
    def substitute(self, which: int, n: Decimal) -> None:
        line = self.line(which)
        to, ratio = ("CI-2717-200", Decimal(2)) if line.catalogue_number == "CI-2440-100" else ("CI-2440-100", Decimal(1))
        try:
            substitute(self.shop, line, to, str(n))
        except NotAllowed:
            return
        self.left += line.reserved * line.ratio - n * ratio

    @rule(n=st.decimals("1", "60", places=2))
    def amend(self, n: Decimal) -> None:
        declared = self.shop.balance.declared
        # Only an attested version is declared; what is not declared leaves the one before.
        mark = connection.savepoint()
        try:
            actions.declare(version=amended(self.shop.declaration, n), by=None)
        except NotAllowed:
            assert declared - self.left > n
            connection.savepoint_rollback(mark)
            self.shop.declaration.refresh_from_db()
            return
        self.left += n - declared
        # The status of the attestation is the first version's: what orders ask for is asked of that one.
        Balance.objects.update(version=self.shop.declaration.versions.get(number=1))

    @rule()
    def expire(self) -> None:
        until = self.shop.balance.valid_until
        Balance.objects.update(valid_until=later(0), valid_from=later(-400))
        self.left += sum((line.reserved * line.ratio for line in OrderLine.objects.filter(reserved__gt=0)), Decimal(0))
        order_acts.expire()
        Balance.objects.update(valid_until=until)

    @invariant()
    def adds_up(self) -> None:
        assert_adds_up()
        assert self.shop.balance.left == self.left


def test_under_any_interleaving_nothing_is_negative_doubled_or_lost(shop: Shop) -> None:
    grouped(shop.world)
    machine = type("OfThisShop", (Interleaving,), {"shop": shop})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    )
