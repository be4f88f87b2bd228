"""The roots that a verdict rests on, given from outside and never taken from the file."""

from dataclasses import dataclass
from pathlib import Path

from asn1crypto import x509
from pyhanko.keys import load_cert_from_pemder


@dataclass(frozen=True)
class TrustAnchors:
    """Root certificates of the sealing and of the timestamp chain, and who alone may have sealed.

    Under a public root anybody can have a certificate; `signers` holds the SHA-256 of each one that is, or was, the issuer's.
    """

    roots: tuple[x509.Certificate, ...]
    signers: frozenset[bytes] = frozenset()

    @classmethod
    def from_folder(cls, folder: str | Path) -> "TrustAnchors":
        """Reads root.crt, stamp-root.crt, and every seal*.crt: keep an old one there under a name of its own.

        Raises OSError when a root is missing. Without a seal*.crt nothing is accepted.
        """
        roots = tuple(load_cert_from_pemder(str(Path(folder) / name)) for name in ("root.crt", "stamp-root.crt"))
        return cls(roots, frozenset(load_cert_from_pemder(str(file)).sha256 for file in sorted(Path(folder).glob("seal*.crt"))))
