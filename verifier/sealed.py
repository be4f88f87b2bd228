"""Checks a sealed JSON receipt: ES256 over the payload's bytes, by a certificate that the root's CA issued."""

import base64
import json
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .trust import TrustAnchors


def verify_sealed_json(content: bytes, trust: TrustAnchors) -> dict[str, Any] | None:
    """The payload, or None when anything at all does not hold. Never raises for a bad file."""
    try:
        sealed = json.loads(content)
        if sealed["algorithm"] != "ES256":
            return None
        payload = base64.b64decode(sealed["payload"], validate=True)
        raw = base64.b64decode(sealed["signature"], validate=True)
        certificate = x509.load_pem_x509_certificate(sealed["certificate"].encode())
        if certificate.fingerprint(hashes.SHA256()) not in trust.signers:
            return None
        issuing = x509.load_pem_x509_certificate(sealed["issuing"].encode())
        roots = [x509.load_der_x509_certificate(root.dump()) for root in trust.roots]
        root = next(r for r in roots if r.subject == issuing.issuer)
        issuing.verify_directly_issued_by(root)
        certificate.verify_directly_issued_by(issuing)
        key = certificate.public_key()
        if len(raw) != 64 or not isinstance(key, ec.EllipticCurvePublicKey):  # noqa: PLR2004 - two 32-byte numbers
            return None
        signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key.verify(signature, payload, ec.ECDSA(hashes.SHA256()))
        value = json.loads(payload)
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration, RecursionError, InvalidSignature):
        return None
    return value if isinstance(value, dict) else None
