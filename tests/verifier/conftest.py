"""The authority and the sealed document that the corpus of forgeries is made from."""

from tests.attestations.conftest import authority, sealed, unsealed

__all__ = ["authority", "sealed", "unsealed"]
