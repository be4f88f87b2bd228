"""The strict verdict on a sealed PDF. Accepts only if everything holds; any exception is a rejection.

One condition alone lets a forgery through: the AdES status passes an incremental text change or a swapped attachment,
`bottom_line` passes a stripped timestamp (measured). The JSON is read from the signed revision, never from later ones.
"""

import asyncio
import datetime as dt
import hashlib
import io
import json
import logging
import re
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from asn1crypto import parser, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, ModificationLevel
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
from pyhanko_certvalidator.registry import SimpleTrustManager

from .trust import TrustAnchors

# pyHanko logs a traceback for whatever a hostile file provokes; the verdict says it in a word.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)

FIELD = "EndUseSeal"
ATTACHMENT = "attestation.json"
# Everything that this issuer seals, by the JSON that it carries: none is ever taken for another.
STATEMENTS = {"attestation.json": "attestation", "receipt.json": "receipt", "letter.json": "letter"}
MAX_BYTES = 10 * 1024 * 1024
_END = re.compile(rb"startxref\s+\d+\s+%%EOF[\r\n]*\Z")
STAMP_FRESHNESS = dt.timedelta(days=4000)

REASONS = {
    "genuine": "The seal is good and the file is as it was sealed.",
    "empty": "The file is empty.",
    "too_large": "The file is larger than any attestation.",
    "not_a_pdf": "The file is not a PDF.",
    "cut_off": "The file ends in the middle.",
    "junk_appended": "Something was appended to the file.",
    "junk_before": "Something was put before the file.",
    "unreadable": "The file's structure cannot be read.",
    "encrypted": "The file is encrypted; an attestation never is.",
    "no_signature": "The file carries no seal.",
    "several_signatures": "The file carries more than one signature.",
    "wrong_field": "The signature is not in the field that the issuer uses.",
    "timestamp_missing": "The timestamp that closes the file is missing.",
    "changed_after_sealing": "The file was changed after it was sealed.",
    "bytes_changed": "Bytes that the seal covers were changed.",
    "foreign_signer": "The file was signed by somebody else.",
    "not_trusted": "The seal cannot be traced to the issuer with what the file holds.",
    "no_statement": "The file holds no statement that can be read.",
}


@dataclass(frozen=True)
class Verdict:
    """`accepted` is the only word that counts; `code` and `reason` say why not, `payload` is what was sealed."""

    accepted: bool
    code: str
    sha256: str
    signed_by: str = ""
    signed_at: dt.datetime | None = None
    payload: dict[str, Any] | None = None
    detail: str = ""
    # What the file is, of STATEMENTS: attestation, receipt, letter; empty where it is not accepted.
    kind: str = ""

    @property
    def reason(self) -> str:
        """One sentence in English; the portal translates by code."""
        return REASONS[self.code]


class _Rejected(Exception):
    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


def validation_spec(roots: Sequence[x509.Certificate]) -> PdfSignatureValidationSpec:
    """Only these roots, revocation data from the file alone, nothing fetched.

    The seal's own revocation data is proved to be of its time by the closing timestamp. Nothing closes that timestamp
    in turn, so its authority's data is accepted for the years between two renewals (attestations design, section 2).
    """
    manager = SimpleTrustManager.build(trust_roots=list(roots))
    policy = CertValidationPolicySpec(trust_manager=manager, revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO))
    stamp_policy = CertValidationPolicySpec(
        trust_manager=manager,
        revinfo_policy=CertRevTrustPolicy(
            REQUIRE_REVINFO,
            freshness=STAMP_FRESHNESS,
            freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
        ),
    )
    gathering = RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY)
    return PdfSignatureValidationSpec(
        SignatureValidationSpec(cert_validation_policy=policy, ts_cert_validation_policy=stamp_policy, revinfo_gathering_policy=gathering)
    )


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of `work`, also for a caller that runs inside an event loop of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()


def verify_pdf(content: bytes, trust: TrustAnchors, statement: str | Sequence[str] = ATTACHMENT) -> Verdict:
    """The verdict on `content`. Never raises.

    `statement` names the JSON that the file must carry, or several of which it must carry one: a receipt ("receipt.json") or a
    tender letter ("letter.json") is never taken for an attestation, and the verdict's `kind` says what the file is.
    """
    digest = hashlib.sha256(content).hexdigest()
    try:
        return _verify(content, trust, digest, (statement,) if isinstance(statement, str) else tuple(statement))
    except _Rejected as rejected:
        return Verdict(accepted=False, code=rejected.code, sha256=digest, detail=rejected.detail)
    except Exception as error:  # noqa: BLE001 - whatever a hostile file provokes, it is not accepted
        return Verdict(accepted=False, code="unreadable", sha256=digest, detail=type(error).__name__)


def _shape(content: bytes) -> None:
    """What can be said before parsing."""
    if not content:
        raise _Rejected("empty")
    if len(content) > MAX_BYTES:
        raise _Rejected("too_large")
    if not content.startswith(b"%PDF-"):
        raise _Rejected("junk_before" if b"%PDF-" in content[:4096] else "not_a_pdf")
    if not _END.search(content[-64:]):
        # A file that was cut has lost its closing timestamp; one with junk behind it still has it.
        raise _Rejected("junk_appended" if _complete(content, content.rfind(b"%%EOF")) else "cut_off")


def _complete(content: bytes, last_eof: int) -> bool:
    """Whether what stands before the last %%EOF is a whole file with its closing timestamp."""
    try:
        whole = content[: last_eof + 5]
        if last_eof >= 0 and not _END.search(whole[-64:]):
            return _complete(content, content.rfind(b"%%EOF", 0, last_eof))
        return bool(PdfFileReader(io.BytesIO(whole + b"\n")).embedded_timestamp_signatures)
    except Exception:  # noqa: BLE001 - it is only a question
        return False


def _verify(content: bytes, trust: TrustAnchors, digest: str, statements: Sequence[str]) -> Verdict:
    _shape(content)
    try:
        reader = PdfFileReader(io.BytesIO(content), strict=True)
        if reader.encrypted:
            raise _Rejected("encrypted")
        signatures = list(reader.embedded_signatures)
        regular = list(reader.embedded_regular_signatures)
        stamps = list(reader.embedded_timestamp_signatures)
    except _Rejected:
        raise
    except Exception as error:
        raise _Rejected("unreadable", type(error).__name__) from error
    if not regular:
        raise _Rejected("no_signature")
    if len(regular) != 1:
        raise _Rejected("several_signatures")
    signature = regular[0]
    if signature.field_name != FIELD:
        raise _Rejected("wrong_field")
    if not stamps:
        raise _Rejected("timestamp_missing")
    if len(signatures) != len(regular) + len(stamps):
        raise _Rejected("several_signatures")
    _covered(signature, stamps, content)
    certificate = signature.signer_cert
    if certificate.sha256 not in trust.signers:
        raise _Rejected("foreign_signer")
    result = run(ades_lta_validation(signature, validation_spec(trust.roots)))
    status = result.api_status
    if result.ades_subindic != AdESPassed.OK:
        intact = bool(status is not None and status.intact and status.valid)
        trusted = bool(status is not None and status.trusted)
        code = "bytes_changed" if not intact else "not_trusted" if trusted else "foreign_signer"
        raise _Rejected(code, str(result.failure_msg or result.ades_subindic))
    if status is None or not status.bottom_line:
        raise _Rejected("changed_after_sealing")
    found, payload = _statement(signature, statements)
    return Verdict(
        accepted=True,
        code="genuine",
        sha256=digest,
        signed_by=certificate.subject.native.get("common_name", ""),
        signed_at=result.best_signature_time,
        payload=payload,
        kind=STATEMENTS.get(found, ""),
    )


def _covered(signature: EmbeddedPdfSignature, stamps: Sequence[EmbeddedPdfSignature], content: bytes) -> None:
    """The last timestamp covers the whole file; what the seal covers is intact; nothing but the closing came after."""
    signature.compute_integrity_info()
    if not signature.compute_digest() == _claimed(signature):
        raise _Rejected("bytes_changed")
    for stamp in stamps:
        stamp.compute_integrity_info()
    for one in (signature, *stamps):
        _padding(one, content)
    last = stamps[-1]
    end = last.byte_range[2] + last.byte_range[3]
    if end != len(content):
        raise _Rejected("changed_after_sealing" if end < len(content) else "cut_off")
    difference = signature.evaluate_modifications(DEFAULT_DIFF_POLICY)
    level = getattr(difference, "modification_level", ModificationLevel.OTHER)
    if level not in {ModificationLevel.NONE, ModificationLevel.LTA_UPDATES}:
        raise _Rejected("changed_after_sealing")


def _padding(signature: EmbeddedPdfSignature, content: bytes) -> None:
    """No byte range covers the field that holds a signature: it must be that signature and zeros, written one way."""
    start, end = signature.byte_range[0] + signature.byte_range[1], signature.byte_range[2]
    written = content[start + 1 : end - 1]
    encoded = bytes.fromhex(written.decode("ascii"))
    rest = encoded[parser.peek(encoded) :]
    if content[start : start + 1] + content[end - 1 : end] != b"<>" or written != encoded.hex().upper().encode() or any(rest):
        raise _Rejected("bytes_changed")


def _claimed(signature: EmbeddedPdfSignature) -> bytes:
    for attribute in signature.signer_info["signed_attrs"]:
        if attribute["type"].native == "message_digest":
            value: bytes = attribute["values"][0].native
            return value
    raise _Rejected("unreadable", "no message digest")


def _statement(signature: EmbeddedPdfSignature, wanted: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The name of the embedded JSON, the first of those wanted, and what it held in the sealed revision."""
    historical = signature.reader.get_historical_root(signature.signed_revision)
    try:
        names = historical["/Names"]["/EmbeddedFiles"]["/Names"]
        files = [(str(names[n]), names[n + 1].get_object()) for n in range(0, len(names), 2)]
        held = {known: spec for name, spec in files for known in (name, str(spec.get("/UF", "")))}
        found = next(name for name in wanted if name in held)
        stream = held[found]["/EF"]["/F"]
        payload = json.loads(stream.data)
    except (KeyError, IndexError, StopIteration, ValueError) as error:
        raise _Rejected("no_statement") from error
    if not isinstance(payload, dict):
        raise _Rejected("no_statement")
    return found, payload
