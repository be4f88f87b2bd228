"""An open shop, and programs of the distributor and of the manufacturer's order desk."""

import pytest

from tests.attestations.conftest import roles
from tests.orders.conftest import shop
from tests.orders.shop import Shop

from .programs import Program

__all__ = ["roles", "shop"]


@pytest.fixture
def erp(shop: Shop) -> Program:
    """The distributor's."""
    return Program(shop.world.distributor_admin)


@pytest.fixture
def desk(shop: Shop) -> Program:
    """The manufacturer's."""
    return Program(shop.world.lead)
