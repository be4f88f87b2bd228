"""Checks a sealed document with nothing but the file and the roots: no network, no portal, no database.

from verifier import TrustAnchors, verify_pdf
verdict = verify_pdf(content, TrustAnchors.from_folder("trust"))                    # an attestation, and nothing else
verdict = verify_pdf(content, TrustAnchors.from_folder("trust"), tuple(STATEMENTS))  # whatever it is: verdict.kind
"""

from .pdf import STATEMENTS, Verdict, verify_pdf
from .sealed import verify_sealed_json
from .trust import TrustAnchors

__all__ = ["STATEMENTS", "TrustAnchors", "Verdict", "verify_pdf", "verify_sealed_json"]
