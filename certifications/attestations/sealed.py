"""What sealing returns: a value that the sealer makes and the actions write."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Sealed:
    """A sealed PDF; when the timestamp authority saw it; SHA-256 of the seal's certificate."""

    pdf: bytes
    timestamped_at: dt.datetime
    certificate_sha256: str
    by_test_authority: bool
