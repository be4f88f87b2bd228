"""The roots that a verdict rests on, given from outside and never taken from the file."""

from dataclasses import dataclass
from pathlib import Path

from asn1crypto import x509
from pyhanko.keys import load_cert_from_pemder


@dataclass(frozen=True)
class TrustAnchors:
    """Root certificates of the sealing and of the timestamp chain."""

    roots: tuple[x509.Certificate, ...]

    @classmethod
    def from_folder(cls, folder: str | Path) -> "TrustAnchors":
        """Reads root.crt and stamp-root.crt. Raises OSError when one is missing."""
        return cls(tuple(load_cert_from_pemder(str(Path(folder) / name)) for name in ("root.crt", "stamp-root.crt")))
