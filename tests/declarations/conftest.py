"""An attested declaration for the tests of this folder that follow one."""

from tests.attestations.conftest import roles
from tests.orders.conftest import shop

__all__ = ["roles", "shop"]
