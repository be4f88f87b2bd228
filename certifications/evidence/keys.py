"""Project numbers, buyers and sellers as they are compared, to find a sale that was announced twice. Pure."""

import unicodedata

from certifications.matching import normalise


def project_key(text: str) -> str:
    """A project number: letters and digits alone, in capitals, full-width forms folded; at most 120 characters."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())[:120]


def buyer_key(name: str) -> str:
    """A name without what differs between two ways of writing it; at most 300 characters."""
    return (normalise(name) or name.strip().casefold())[:300]
