"""The authority of the attestations' tests, for the public page."""

from tests.attestations.conftest import authority

__all__ = ["authority"]
