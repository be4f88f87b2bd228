"""Seals PDFs as PAdES B-LTA and JSON as detached ES256. Runs in the signer only: the one process that has the key.

Approval signature, one field of a fixed name, revocation data and both timestamps inside, nothing fetched, and a
look into the future before anything leaves: what would not validate later is not issued.
"""

import base64
import datetime as dt
import functools
import io
import json
from dataclasses import dataclass
from pathlib import Path

import requests
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.conf import settings
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, timestamps
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference, TimestampDSSContentSettings
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation.ades import simulate_future_ades_lta_validation
from pyhanko_certvalidator import ValidationContext

from verifier.pdf import FIELD, run, validation_spec

from .authority import load_key, trust_is_test
from .sealed import NotDurable, Sealed, TimestampUnavailable

ARCHIVE_FIELD = "EndUseArchive"
TIMEOUT_SECONDS = 5


class KeptKeySigner(SimpleSigner):  # type: ignore[misc]
    """Parses the key once: pyHanko's own loads and checks it again for every signature (about 100 ms)."""

    @functools.cached_property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        key = serialization.load_der_private_key(self.signing_key.dump(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("the seal key is no elliptic-curve key")
        return key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002
        if dry_run:
            return bytes(72)
        return self._key.sign(data, ec.ECDSA(getattr(hashes, digest_algorithm.upper())()))


@dataclass(frozen=True)
class Sealer:
    """A seal key with its chain, the trust folder and the timestamp authority. Call it with a PDF."""

    keys: Path
    trust: Path
    tsa_url: str

    @property
    def by_test_authority(self) -> bool:
        """Whether documents must say that the authority is a test."""
        return trust_is_test(self.trust)

    @functools.cached_property
    def _signer(self) -> KeptKeySigner:
        signer = KeptKeySigner.load(
            str(self.keys / "seal.key"), str(self.trust / "seal.crt"), ca_chain_files=(str(self.trust / "issuing.crt"),)
        )
        if signer is None:
            raise FileNotFoundError("the seal key or its certificate cannot be read")
        return signer

    @functools.cached_property
    def _timestamper(self) -> timestamps.HTTPTimeStamper:
        return timestamps.HTTPTimeStamper(self.tsa_url, timeout=TIMEOUT_SECONDS)

    def _context(self) -> ValidationContext:
        # The revocation lists are small files that a job renews; read at every seal, so that a renewal takes effect.
        lists = [asn1_crl.CertificateList.load((self.trust / f"{n}.crl").read_bytes()) for n in ("root", "issuing", "stamp-root")]
        certificates = {n: load_cert_from_pemder(str(self.trust / f"{n}.crt")) for n in ("root", "issuing", "stamp-root", "stamp")}
        return ValidationContext(
            trust_roots=[certificates["root"], certificates["stamp-root"]],
            other_certs=[certificates["issuing"], certificates["stamp"]],
            crls=lists,
            ocsps=[asn1_ocsp.OCSPResponse.load((self.trust / "seal.ocsp").read_bytes())],
            allow_fetching=False,
            revocation_mode="hard-fail",
        )

    def __call__(self, pdf: bytes) -> Sealed:
        """The sealed file and what the record keeps of it. Raises TimestampUnavailable, NotDurable."""
        compact = DSSContentSettings(
            include_vri=False,
            placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE,
            next_ts_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
        )
        metadata = PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            use_pades_lta=True,
            embed_validation_info=True,
            validation_context=self._context(),
            certify=False,
            reason="End-use attestation",
            timestamp_field_name=ARCHIVE_FIELD,
            dss_settings=compact,
        )
        signer = PdfSigner(metadata, signer=self._signer, timestamper=self._timestamper, new_field_spec=SigFieldSpec(FIELD))
        try:
            content = run(signer.async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))).getvalue()
        except (TimestampRequestError, requests.RequestException, OSError) as error:
            raise TimestampUnavailable(type(error).__name__) from error
        stamped = self._gate(content)
        certificate: asn1_x509.Certificate = self._signer.signing_cert
        return Sealed(
            pdf=content,
            timestamped_at=stamped,
            certificate_sha256=certificate.sha256.hex(),
            by_test_authority=self.by_test_authority,
        )

    def _gate(self, content: bytes) -> dt.datetime:
        """Validate as of two years on, with what the file itself holds. Returns the time of the signature's stamp."""
        reader = PdfFileReader(io.BytesIO(content))
        signature = reader.embedded_regular_signatures[0]
        future = dt.datetime.now(dt.UTC) + dt.timedelta(days=2 * 365)
        roots = [load_cert_from_pemder(str(self.trust / f"{n}.crt")) for n in ("root", "stamp-root")]
        result = run(simulate_future_ades_lta_validation(signature, validation_spec(roots), future))
        if result.failure_msg or result.best_signature_time is None:
            raise NotDurable(str(result.failure_msg or result.ades_subindic))
        moment: dt.datetime = result.best_signature_time
        return moment

    def seal_json(self, content: bytes) -> bytes:
        """{"payload", "signature", "certificate", "algorithm"}: ES256 over the payload's bytes, base64 each."""
        key = load_key(self.keys / "seal.key")
        r, s = decode_dss_signature(key.sign(content, ec.ECDSA(hashes.SHA256())))
        sealed = {
            "algorithm": "ES256",
            "payload": base64.b64encode(content).decode(),
            "signature": base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode(),
            "certificate": (self.trust / "seal.crt").read_text(),
            "issuing": (self.trust / "issuing.crt").read_text(),
        }
        return json.dumps(sealed, indent=1, sort_keys=True).encode()


@functools.cache
def sealer_from_settings() -> Sealer:
    """The process's sealer. Raises RuntimeError in every process but the signer: no other is given the keys."""
    if not settings.KEYS_DIR:
        raise RuntimeError("this process holds no seal key; only the signer does")
    return Sealer(Path(settings.KEYS_DIR), Path(settings.TRUST_DIR), settings.TSA_URL)
