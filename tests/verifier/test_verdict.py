"""The strict verdict: the genuine file and nothing else. Every known forgery is rejected under its own name."""

import datetime as dt
import hashlib
import io
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, timestamps
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfTimeStamper

from certifications.attestations.render import render_attestation
from certifications.attestations.seal import Sealer
from tests.attestations.samples import payload
from tests.authority import Authority
from verifier import TrustAnchors, Verdict, verify_pdf, verify_sealed_json
from verifier.pdf import FIELD, MAX_BYTES, REASONS, run

from . import forgeries


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority of the same making that nobody here trusts."""
    return Authority(tmp_path_factory.mktemp("other")).start()


def signed_by(authority: Authority, pdf: bytes, *, field: str = FIELD, lta: bool = True) -> bytes:
    """A signature made outside the portal: in another field, or without its closing timestamp."""
    sealer = authority.sealer
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        use_pades_lta=lta,
        embed_validation_info=lta,
        validation_context=sealer._context() if lta else None,
    )
    stamper = timestamps.HTTPTimeStamper(f"http://127.0.0.1:{authority.port}")
    signer = PdfSigner(metadata, signer=sealer._signer, timestamper=stamper, new_field_spec=SigFieldSpec(field))
    signed: bytes = run(signer.async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))).getvalue()
    return signed


def refused(content: bytes, authority: Authority) -> str:
    """The code of a rejection, after making sure that nothing of the file came out."""
    verdict = verify_pdf(content, authority.trust)
    assert not verdict.accepted
    assert verdict.payload is None
    assert verdict.signed_by == ""
    assert verdict.signed_at is None
    assert verdict.reason == REASONS[verdict.code]
    return verdict.code


def test_the_genuine_file_is_accepted_with_what_it_says(authority: Authority, sealed: bytes) -> None:
    verdict = verify_pdf(sealed, authority.trust)
    assert verdict.accepted, verdict.detail
    assert verdict.code == "genuine"
    assert verdict.payload == payload()
    assert verdict.sha256 == hashlib.sha256(sealed).hexdigest()
    assert verdict.signed_at is not None
    assert abs(verdict.signed_at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=30)


FORGERIES: list[tuple[str, Callable[[bytes], bytes], set[str]]] = [
    ("text added by an incremental update", forgeries.text_added, {"changed_after_sealing"}),
    ("attachment swapped", forgeries.attachment_swapped, {"changed_after_sealing"}),
    ("annotation added", forgeries.annotation_added, {"changed_after_sealing"}),
    ("catalogue changed", forgeries.title_changed, {"changed_after_sealing"}),
    ("page added", forgeries.page_added, {"changed_after_sealing"}),
    ("timestamp stripped", forgeries.timestamp_stripped, {"timestamp_missing"}),
    ("signatures stripped", forgeries.signatures_stripped, {"no_signature"}),
    ("rewritten by a library", forgeries.rewritten, {"bytes_changed"}),
    ("encrypted", forgeries.encrypted, {"encrypted"}),
    ("text added before the timestamp", lambda pdf: forgeries.text_added(forgeries.timestamp_stripped(pdf)), {"timestamp_missing"}),
    ("junk appended", lambda pdf: pdf + b"junk", {"junk_appended"}),
    ("much junk appended", lambda pdf: pdf + b"\x00" * 5000, {"junk_appended"}),
    ("junk with an end of its own", lambda pdf: pdf + b"\njunk\n%%EOF\n", {"junk_appended"}),
    ("the file twice", lambda pdf: pdf + pdf, {"changed_after_sealing", "unreadable"}),
    ("junk before", lambda pdf: b"junk" + pdf, {"junk_before"}),
    ("cut in the middle", lambda pdf: pdf[: len(pdf) // 2], {"cut_off"}),
    ("last bytes cut", lambda pdf: pdf[:-20], {"cut_off"}),
    ("cut after the beginning", lambda pdf: pdf[:100], {"cut_off"}),
    ("empty", lambda _pdf: b"", {"empty"}),
    ("text", lambda _pdf: b"EUC-2026-7K3M9Q is valid.", {"not_a_pdf"}),
    ("a picture", lambda _pdf: b"\x89PNG\r\n\x1a\n" + bytes(500), {"not_a_pdf"}),
    ("too large", lambda pdf: pdf + bytes(MAX_BYTES), {"too_large"}),
    ("a PDF of somebody else's", lambda _pdf: forgeries.blank_page(), {"no_signature"}),
    ("a PDF's first line alone", lambda _pdf: b"%PDF-1.7\n%%EOF\n", {"cut_off"}),
]


@pytest.mark.parametrize(("make", "codes"), [case[1:] for case in FORGERIES], ids=[case[0] for case in FORGERIES])
def test_a_forgery_is_rejected_by_name(authority: Authority, sealed: bytes, make: Callable[[bytes], bytes], codes: set[str]) -> None:
    content = make(sealed)
    assert content != sealed
    assert refused(content, authority) in codes


@pytest.mark.parametrize("part", range(60))
def test_no_bit_anywhere_can_be_flipped(authority: Authority, sealed: bytes, part: int) -> None:
    position = min(len(sealed) - 1, len(sealed) * part // 59)
    refused(forgeries.flipped(sealed, position), authority)


def test_bits_of_the_page_are_named_as_changed_bytes(authority: Authority, sealed: bytes) -> None:
    assert refused(forgeries.flipped(sealed, sealed.index(b"stream") + 100), authority) == "bytes_changed"


def contents(pdf: bytes) -> list[tuple[int, int]]:
    """Where the two fields lie that hold the seal and the closing timestamp: no byte range covers its own."""
    found = [(m.start() + 1, m.end() - 1) for m in re.finditer(rb"<[0-9A-F]{2000,}>", pdf)]
    assert len(found) == 2
    return found


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("part", range(20))
def test_no_digit_of_a_signature_or_of_its_padding_can_be_changed(authority: Authority, sealed: bytes, which: int, part: int) -> None:
    start, end = contents(sealed)[which]
    position = start + (end - 1 - start) * part // 19
    digit = b"0" if sealed[position : position + 1] != b"0" else b"1"
    refused(sealed[:position] + digit + sealed[position + 1 :], authority)


def test_a_signature_written_in_small_letters_is_another_file(authority: Authority, sealed: bytes) -> None:
    start, end = contents(sealed)[1]
    assert refused(sealed[:start] + sealed[start:end].lower() + sealed[end:], authority) == "bytes_changed"


def test_the_unsealed_original_carries_no_seal(authority: Authority, unsealed: bytes) -> None:
    assert refused(unsealed, authority) == "no_signature"


def test_another_authoritys_good_seal_is_foreign(authority: Authority, other: Authority, unsealed: bytes) -> None:
    theirs = other.sealer(unsealed).pdf
    assert verify_pdf(theirs, other.trust).accepted
    assert refused(theirs, authority) in {"foreign_signer", "not_trusted"}


def test_our_seal_under_another_timestamp_authority_is_not_trusted(
    authority: Authority, other: Authority, unsealed: bytes, tmp_path: Path
) -> None:
    trust = tmp_path / "trust"
    shutil.copytree(authority.trust_folder, trust)
    for name in ("stamp.crt", "stamp-root.crt", "stamp-root.crl"):
        shutil.copy(other.trust_folder / name, trust / name)
    mixed = Sealer(authority.folder / "keys", trust, f"http://127.0.0.1:{other.port}")(unsealed).pdf
    assert verify_pdf(mixed, TrustAnchors.from_folder(trust)).accepted
    assert refused(mixed, authority) == "not_trusted"


def test_our_key_in_another_field_is_no_seal(authority: Authority, unsealed: bytes) -> None:
    assert refused(signed_by(authority, unsealed, field="Signature1"), authority) == "wrong_field"


def test_a_seal_without_its_closing_timestamp_is_refused(authority: Authority, unsealed: bytes) -> None:
    assert refused(signed_by(authority, unsealed, lta=False), authority) == "timestamp_missing"


def test_a_second_signature_over_the_sealed_file_is_refused(authority: Authority, other: Authority, sealed: bytes) -> None:
    assert refused(signed_by(other, sealed, field="Second", lta=False), authority) == "several_signatures"
    assert refused(signed_by(authority, sealed, field="Second", lta=False), authority) == "several_signatures"


def test_a_second_signature_in_place_of_the_timestamp_is_refused(authority: Authority, other: Authority, sealed: bytes) -> None:
    stripped = forgeries.timestamp_stripped(sealed)
    assert refused(signed_by(other, stripped, field="Second", lta=False), authority) == "several_signatures"


@pytest.mark.parametrize("change", [forgeries.text_added, forgeries.attachment_swapped, forgeries.annotation_added, forgeries.field_added])
def test_a_change_between_the_seal_and_a_fresh_timestamp_is_refused(
    authority: Authority, sealed: bytes, change: Callable[[bytes], bytes]
) -> None:
    stamped = closed_anew(authority, change(forgeries.timestamp_stripped(sealed)))
    assert refused(stamped, authority) == "changed_after_sealing"


def test_a_fresh_timestamp_alone_changes_nothing_of_what_was_sealed(authority: Authority, sealed: bytes) -> None:
    assert verify_pdf(closed_anew(authority, forgeries.timestamp_stripped(sealed)), authority.trust).payload == payload()


def test_a_renewed_timestamp_keeps_the_file_genuine_and_one_by_a_stranger_does_not(
    authority: Authority, other: Authority, sealed: bytes
) -> None:
    verdict = verify_pdf(closed_anew(authority, sealed, "Renewal1"), authority.trust)
    assert verdict.accepted, verdict.detail
    assert verdict.payload == payload()
    refused(closed_anew(other, sealed, "Renewal1"), authority)


def closed_anew(authority: Authority, pdf: bytes, field: str = "EndUseArchive") -> bytes:
    """Anybody can ask a timestamp authority for a stamp over a changed file."""
    stamper = PdfTimeStamper(timestamps.HTTPTimeStamper(f"http://127.0.0.1:{authority.port}"), field_name=field)
    out = io.BytesIO()
    # The file holds the authority's revocation data already; nothing may follow the stamp.
    run(stamper.async_timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), "sha256", output=out))
    return out.getvalue()


def test_a_sealed_file_without_a_statement_is_refused(authority: Authority) -> None:
    assert refused(authority.sealer(forgeries.blank_page()).pdf, authority) == "no_statement"


def test_no_root_no_trust(sealed: bytes) -> None:
    assert not verify_pdf(sealed, TrustAnchors(())).accepted


def test_the_verdict_is_the_same_inside_an_event_loop_and_on_many_threads(authority: Authority, sealed: bytes) -> None:
    async def inside() -> Verdict:
        return verify_pdf(sealed, authority.trust)

    assert run(inside()).accepted
    bad = forgeries.text_added(sealed)
    with ThreadPoolExecutor(max_workers=4) as pool:
        verdicts = list(pool.map(lambda content: verify_pdf(content, authority.trust).accepted, [sealed, bad] * 4))
    assert verdicts == [True, False] * 4


def test_nothing_is_fetched(authority: Authority, sealed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("the verifier opened a connection")

    monkeypatch.setattr("socket.socket.connect", forbidden)
    assert verify_pdf(sealed, authority.trust).accepted


def test_other_words_under_the_same_number_are_another_document(authority: Authority, sealed: bytes) -> None:
    twin = authority.sealer(render_attestation(payload(end_use="Something else entirely"))).pdf
    verdict = verify_pdf(twin, authority.trust)
    assert verdict.accepted
    assert verdict.sha256 != hashlib.sha256(sealed).hexdigest()


def test_a_missing_root_is_an_error_of_the_installation_not_a_verdict(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"root\.crt"):
        TrustAnchors.from_folder(tmp_path)


def test_another_customer_of_the_same_certificate_authority_is_not_the_issuer(
    authority: Authority, unsealed: bytes, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    from certifications.attestations import authority as made

    keys, trust = tmp_path / "keys", tmp_path / "trust"
    shutil.copytree(authority.folder / "keys", keys)
    shutil.copytree(authority.trust_folder, trust)
    issuer, issuer_key, key = (
        made.load_certificate(trust / "issuing.crt"),
        made.load_key(keys / "issuing.key"),
        ec.generate_private_key(ec.SECP256R1()),
    )
    theirs = made._certificate(common="Somebody else", key=key, issuer=issuer, issuer_key=issuer_key, years=3, kind="seal")
    made._save_certificate(trust / "seal.crt", theirs)
    (keys / "seal.key").unlink()
    made._save_key(keys / "seal.key", key)
    made.refresh_revocation(keys, None, trust)
    sealer = Sealer(keys, trust, f"http://127.0.0.1:{authority.port}")
    assert refused(sealer(unsealed).pdf, authority) == "foreign_signer"
    assert verify_sealed_json(sealer.seal_json(b"{}"), authority.trust) is None
    shutil.copy(trust / "seal.crt", authority.trust_folder / "seal-other.crt")
    try:
        assert verify_pdf(sealer(unsealed).pdf, authority.trust).accepted, "a seal that was replaced stays good while it is listed"
    finally:
        (authority.trust_folder / "seal-other.crt").unlink()
