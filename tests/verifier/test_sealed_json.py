"""A sealed JSON receipt: what was sealed comes out, and nothing else ever does."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.authority import Authority
from verifier import TrustAnchors, verify_sealed_json

TEXT = {"declaration": "EUD-2026-4H8T2V", "名": "宁波江南医院"}


@pytest.fixture(scope="session")
def receipt(authority: Authority) -> bytes:
    """A sealed text."""
    return authority.sealer.seal_json(json.dumps(TEXT).encode())


def test_what_was_sealed_comes_out(authority: Authority, receipt: bytes) -> None:
    assert verify_sealed_json(receipt, authority.trust) == TEXT


def with_(field: str, value: Callable[[Any], Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A change of one field."""
    return lambda sealed: {**sealed, field: value(sealed[field])}


def flip(text: str) -> str:
    """One bit of the decoded bytes."""
    raw = bytearray(base64.b64decode(text))
    raw[len(raw) // 2] ^= 1
    return base64.b64encode(bytes(raw)).decode()


@pytest.mark.parametrize(
    "change",
    [
        with_("payload", lambda _text: base64.b64encode(b'{"declaration": "EUD-2026-FORGED"}').decode()),
        with_("payload", flip),
        with_("signature", flip),
        with_("signature", lambda text: base64.b64encode(base64.b64decode(text) + b"\x00").decode()),
        with_("signature", lambda _text: ""),
        with_("signature", lambda _text: base64.b64encode(bytes(64)).decode()),
        with_("signature", lambda text: text + "!"),
        with_("algorithm", lambda _text: "none"),
        with_("algorithm", lambda _text: "HS256"),
        with_("certificate", lambda _text: ""),
        with_("issuing", lambda text: text.replace("M", "N", 3)),
        with_("payload", lambda _text: None),
        lambda sealed: {**sealed, "certificate": sealed["issuing"]},
        lambda sealed: {key: value for key, value in sealed.items() if key != "signature"},
        lambda sealed: [sealed],
    ],
)
def test_any_change_is_refused(authority: Authority, receipt: bytes, change: Callable[[Any], Any]) -> None:
    assert verify_sealed_json(json.dumps(change(json.loads(receipt))).encode(), authority.trust) is None


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_receipt_is_refused_without_an_exception(authority: Authority, content: bytes) -> None:
    assert verify_sealed_json(content, authority.trust) is None


def test_another_authoritys_receipt_is_refused(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Authority(tmp_path_factory.mktemp("other"))
    theirs = other.sealer.seal_json(json.dumps(TEXT).encode())
    assert verify_sealed_json(theirs, other.trust) == TEXT
    assert verify_sealed_json(theirs, authority.trust) is None
    assert verify_sealed_json(theirs, TrustAnchors(())) is None
