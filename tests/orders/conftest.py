"""An open shop for the tests of this folder: within the test's transaction, or committed where threads look at it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.attestations.conftest import become, roles
from tests.flow.test_at_once import committed
from tests.world import World, make_world

from .shop import Shop, open_shop

__all__ = ["committed", "roles"]


@pytest.fixture
def shop(roles: None, db: None) -> Shop:
    """24 kits declared for Ningbo Jiangnan Hospital, attested."""
    become("portal_app")
    return open_shop(make_world())


@pytest.fixture
def open_to_threads(committed: World) -> Iterator[Any]:
    """The same in a database of its own, for threads and processes."""
    return lambda quantity: open_shop(committed, committed=True, quantity=quantity)
