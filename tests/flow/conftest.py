"""An attestation in force for the tests of what is watched afterwards."""

from tests.attestations.conftest import authority, issued, roles

__all__ = ["authority", "issued", "roles"]
