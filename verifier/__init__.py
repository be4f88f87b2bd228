"""Checks a sealed attestation with nothing but the file and the roots: no network, no portal, no database.

from verifier import TrustAnchors, verify_pdf
verdict = verify_pdf(content, TrustAnchors.from_folder("trust"))
"""

from .pdf import Verdict, verify_pdf
from .sealed import verify_sealed_json
from .trust import TrustAnchors

__all__ = ["TrustAnchors", "Verdict", "verify_pdf", "verify_sealed_json"]
