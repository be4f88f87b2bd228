"""Order lines and a program of Qinglan on its attested declaration, for the tests that open every page."""

from dataclasses import dataclass

from certifications.declarations.models import Declaration
from certifications.machines.models import ApiClient, Webhook
from certifications.orders.models import Balance, OrderLine
from tests.api.programs import program_of, webhook_of
from tests.catalogue.changes import grouped
from tests.orders.shop import Shop
from tests.world import World

from .test_crashes import until


@dataclass(frozen=True)
class Ordered:
    """A line that is held, one that is released, a program, and an address that is told of both."""

    held: OrderLine
    released: OrderLine
    client: ApiClient
    hook: Webhook


def ordered(world: World, done: Declaration) -> Ordered:
    """By the real actions; a worker has opened the balance when this returns."""
    until(lambda: Balance.objects.filter(declaration=done, declared__gt=0).exists())
    client, _secret = program_of(world.distributor_admin)
    hook, _secret = webhook_of(world.distributor_admin, "https://erp.qinglan.invalid/hook")
    declared = done.balances.get().product.catalogue_number
    if not Balance.objects.filter(product__equivalent__isnull=False).exists():
        grouped(world, **dict.fromkeys(("CI-2440-100", "CI-2717-200"), "100"))
    shop = Shop(world, done)
    released = shop.order("2", catalogue_number=declared).line
    return Ordered(shop.order("9999", catalogue_number=declared).line, released, client, hook)
