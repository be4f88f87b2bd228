"""The authority of the attestations' tests, which seals letters as well."""

from tests.attestations.conftest import authority, roles

__all__ = ["authority", "roles"]
