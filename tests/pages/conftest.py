"""An attestation in force for the pages that show one."""

from tests.attestations.conftest import authority, issued, roles

__all__ = ["authority", "issued", "roles"]
