"""The distributor's receipt: the frozen text sealed by the manufacturer, as JSON and as PDF. Runs in the signer."""

import json
from typing import Any

from django.conf import settings
from django.db import transaction

from certifications.attestations.render import render_receipt
from certifications.declarations.models import Declaration, DeclarationVersion, Receipt, Signature
from certifications.declarations.rules import sitting_digest
from certifications.files.actions import store
from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical

from .faults import fault


def receipt_payload(version: DeclarationVersion, *, by_test_authority: bool) -> dict[str, Any]:
    """What the receipt says: who signed which bytes with which factor, and the bytes themselves.

    Of a sitting it holds the SHA-256 of every text that the one factor was given for, and nothing else of the others.
    """
    frozen, signature = version.frozen, version.signature
    texts = sorted(Signature.objects.filter(proof_id=signature.proof_id).values_list("sha256", flat=True))
    together = {"sitting": {"sha256": sitting_digest(texts), "texts": texts}} if len(texts) > 1 else {}
    return {
        "schema": "end-use-receipt/1",
        "issuer": {"name": settings.ISSUER_NAME, "is_test_authority": by_test_authority},
        "declaration": {"number": version.declaration.number, "version": version.number, "sha256": frozen.sha256},
        "signed": {
            "at": signature.signed_at,
            "by": signature.signed_name,
            "role": signature.signed_role,
            "factor": signature.factor,
            **({"under": signature.under} if signature.under else {}),
            **together,
        },
        "text": json.loads(frozen.canonical),
    }


def make(declaration_id: str, number: int, sealer: Any) -> None:
    """Signer: seal the receipt of one signed version. Idempotent. Raises TimestampUnavailable."""
    declaration = Declaration.objects.get(pk=declaration_id)
    version = DeclarationVersion.objects.select_related("declaration", "frozen", "signature").get(declaration=declaration, number=number)
    if Receipt.objects.filter(version=version).exists():
        return
    payload = receipt_payload(version, by_test_authority=sealer.by_test_authority)
    text = canonical(payload)
    sealed_json = sealer.seal_json(text)
    fault("receipt-sealed-not-written")
    pdf = sealer(render_receipt(json.loads(text)))
    with transaction.atomic():
        Declaration.objects.select_for_update().get(pk=declaration_id)
        if Receipt.objects.filter(version=version).exists():
            return
        name = f"{declaration.number}-v{number}-receipt"
        as_json = store(sealed_json, name=f"{name}.json", media_type="application/json")
        as_pdf = store(pdf.pdf, name=f"{name}.pdf", media_type="application/pdf")
        Receipt.objects.create(version=version, sealed_json=as_json, pdf=as_pdf)
        record(
            verb="receipt.made",
            obj=declaration,
            by=None,
            data={"version": number, "json": as_json.sha256, "pdf": as_pdf.sha256},
        )
