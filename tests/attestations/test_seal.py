"""The seal: durable, never without a timestamp, and made with no key outside the signer."""

import datetime as dt
import io
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from certifications.attestations.authority import make_authority, refresh_revocation, trust_is_test
from certifications.attestations.seal import ARCHIVE_FIELD, NotDurable, Sealer, TimestampUnavailable, sealer_from_settings
from tests.authority import Authority
from verifier import verify_pdf
from verifier.pdf import FIELD, run


def test_a_sealed_file_keeps_every_byte_of_the_original(sealed: bytes, unsealed: bytes) -> None:
    assert sealed.startswith(unsealed)


def test_one_seal_and_one_closing_timestamp(sealed: bytes) -> None:
    reader = PdfFileReader(io.BytesIO(sealed))
    assert [s.field_name for s in reader.embedded_regular_signatures] == [FIELD]
    assert [s.field_name for s in reader.embedded_timestamp_signatures] == [ARCHIVE_FIELD]


def test_without_the_timestamp_server_nothing_is_sealed_and_afterwards_it_works(tmp_path: Path, unsealed: bytes) -> None:
    authority = Authority(tmp_path / "a").start()
    authority.stop()
    with pytest.raises(TimestampUnavailable):
        authority.sealer(unsealed)
    authority.start()
    try:
        sealed = authority.sealer(unsealed)
    finally:
        authority.stop()
    assert verify_pdf(sealed.pdf, authority.trust).accepted
    assert sealed.by_test_authority
    assert abs(sealed.timestamped_at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


def test_a_stamp_by_an_authority_that_the_installation_does_not_know_is_not_issued(
    authority: Authority, tmp_path: Path, unsealed: bytes
) -> None:
    other = Authority(tmp_path / "other").start()
    sealer = Sealer(authority.folder / "keys", authority.trust_folder, f"http://127.0.0.1:{other.port}")
    try:
        with pytest.raises(Exception) as refused:  # noqa: PT011 - pyHanko names it in more than one way; that it fails is the point
            sealer(unsealed)
    finally:
        other.stop()
    assert type(refused.value) is not AssertionError


def test_a_seal_that_would_not_validate_in_two_years_is_not_issued(authority: Authority, sealed: bytes, tmp_path: Path) -> None:
    trust = tmp_path / "trust"
    shutil.copytree(authority.trust_folder, trust)
    shutil.copy(trust / "stamp-root.crt", trust / "root.crt")
    with pytest.raises(NotDurable):
        Sealer(authority.folder / "keys", trust, "")._gate(sealed)
    assert authority.sealer._gate(sealed) is not None


def test_keys_are_for_their_owner_alone_and_never_in_the_trust_folder(authority: Authority) -> None:
    for file in [*(authority.folder / "keys").iterdir(), *(authority.folder / "stamp-keys").iterdir()]:
        if file.suffix == ".key":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for file in authority.trust_folder.iterdir():
        assert b"PRIVATE" not in file.read_bytes()


def test_a_second_start_keeps_the_authority(authority: Authority) -> None:
    before = (authority.trust_folder / "root.crt").read_bytes()
    make_authority(authority.folder / "keys", authority.folder / "stamp-keys", authority.trust_folder)
    assert (authority.trust_folder / "root.crt").read_bytes() == before


def test_after_the_revocation_lists_are_renewed_old_and_new_seals_hold(tmp_path: Path, unsealed: bytes) -> None:
    authority = Authority(tmp_path / "a").start()
    try:
        before = authority.sealer(unsealed).pdf
        refresh_revocation(authority.folder / "keys", authority.folder / "stamp-keys", authority.trust_folder)
        after = authority.sealer(unsealed).pdf
    finally:
        authority.stop()
    assert verify_pdf(before, authority.trust).accepted
    assert verify_pdf(after, authority.trust).accepted


def test_an_authority_is_a_test_unless_it_says_production(authority: Authority, tmp_path: Path) -> None:
    assert trust_is_test(authority.trust_folder)
    assert trust_is_test(tmp_path)
    (tmp_path / "authority.json").write_text('{"kind": "production"}')
    assert not trust_is_test(tmp_path)


def test_a_process_without_keys_cannot_seal(settings: object) -> None:
    settings.KEYS_DIR = ""  # type: ignore[attr-defined]
    sealer_from_settings.cache_clear()
    with pytest.raises(RuntimeError, match="holds no seal key"):
        sealer_from_settings()


def test_other_tools_see_a_signed_pdf(sealed: bytes, tmp_path: Path) -> None:
    (tmp_path / "s.pdf").write_bytes(sealed)
    out = subprocess.run(["pdfsig", "-nocert", str(tmp_path / "s.pdf")], capture_output=True, check=False).stdout.decode()
    assert "ETSI.CAdES.detached" in out
    assert "Signature is Valid" in out


def test_a_caller_inside_an_event_loop_can_seal(authority: Authority, unsealed: bytes) -> None:
    async def inside() -> bytes:
        return authority.sealer(unsealed).pdf

    assert verify_pdf(run(inside()), authority.trust).accepted
