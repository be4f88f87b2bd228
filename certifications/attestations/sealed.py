"""What sealing returns or raises: known to everybody who asks for a seal; seal.py, with pyHanko, to the signer alone."""

import datetime as dt
from dataclasses import dataclass


class TimestampUnavailable(Exception):
    """The timestamp authority is away or answers nonsense; wait and try again, never go without."""


class NotSealable(Exception):
    """The rows are not what people signed, decided and released; a person must look, and nothing is sealed."""


class NotDurable(Exception):
    """The sealed file would not validate in the future; nothing is issued."""


@dataclass(frozen=True)
class Sealed:
    """A sealed PDF; when the timestamp authority saw it; SHA-256 of the seal's certificate."""

    pdf: bytes
    timestamped_at: dt.datetime
    certificate_sha256: str
    by_test_authority: bool
