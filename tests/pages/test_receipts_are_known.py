"""The portal's own receipt is recognised where a document is checked, and is not taken for an attestation."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from certifications.attestations.render import render_receipt
from certifications.declarations.queries import version_of
from certifications.flow.receipts import receipt_payload
from certifications.ledger.canonical import canonical
from tests.authority import Authority
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("kind", "cut"), [("pdf", 0), ("json", 0), ("pdf", 9), ("json", 9)])
def test_a_receipt_is_recognised_as_what_it_is(world: World, authority: Authority, settings: Any, kind: str, cut: int) -> None:
    settings.TRUST_DIR = authority.trust_folder
    text = canonical(receipt_payload(version_of(world.signed()), by_test_authority=True))
    if kind == "pdf":
        with ThreadPoolExecutor(max_workers=1) as pool:
            content = pool.submit(authority.sealer, render_receipt(json.loads(text))).result().pdf
    else:
        content = authority.sealer.seal_json(text)
    file = SimpleUploadedFile(f"receipt.{kind}", content[: len(content) - cut])
    shown = Client().post("/verify/", {"by": "file", "file": file}).content.decode()
    assert ("A genuine receipt, and no attestation" in shown) is not bool(cut)
    assert ("Do not rely on this file" in shown) is bool(cut)
