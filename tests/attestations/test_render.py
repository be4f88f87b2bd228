"""The document: the same bytes from the same payload, every script readable, nothing drawn as an empty box."""

import hashlib
import io
import re
import subprocess
import unicodedata
from pathlib import Path

import pytest
from pypdf import PdfReader

from certifications.attestations.render import FONT_FILES, FONTS, MissingGlyph, check_glyphs, render_attestation
from certifications.ledger.canonical import canonical
from verifier.pdf import ATTACHMENT

from .samples import ACCENTED, HAN, TIBETAN, UYGHUR, payload

_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u200b\\s]")


def text_of(pdf: bytes, folder: Path) -> str:
    """What pdftotext reads, without the layout's blanks and marks of direction."""
    file = folder / "document.pdf"
    file.write_bytes(pdf)
    read = subprocess.run(["pdftotext", "-enc", "UTF-8", str(file), "-"], capture_output=True, check=True).stdout.decode()
    return _CONTROLS.sub("", read)


def info_of(pdf: bytes, folder: Path) -> dict[str, str]:
    """What pdfinfo says."""
    file = folder / "document.pdf"
    file.write_bytes(pdf)
    out = subprocess.run(["pdfinfo", str(file)], capture_output=True, check=True).stdout.decode()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in out.splitlines())}


def test_the_fonts_are_those_of_the_lock() -> None:
    rows = [line.split() for line in (FONTS / "fonts.lock").read_text().splitlines() if line and not line.startswith("#")]
    for digest, name in rows:
        assert hashlib.sha256((FONTS / name).read_bytes()).hexdigest() == digest, name
    assert set(FONT_FILES) <= {name for _digest, name in rows}


def test_the_same_payload_gives_the_same_bytes(unsealed: bytes) -> None:
    assert render_attestation(payload()) == unsealed
    assert render_attestation(payload(code="AAAA-BBBB")) != unsealed


@pytest.mark.parametrize("name", [HAN, UYGHUR, TIBETAN, ACCENTED, "EUC-2026-7K3M9Q", "M7KD-42XQ", "深圳市青岚科学仪器有限公司"])
def test_a_name_in_any_script_reads_back_as_it_was(unsealed: bytes, tmp_path: Path, name: str) -> None:
    read = unicodedata.normalize("NFC", text_of(unsealed, tmp_path))
    assert _CONTROLS.sub("", unicodedata.normalize("NFC", name)) in read


def test_what_was_not_checked_stands_in_both_languages(unsealed: bytes, tmp_path: Path) -> None:
    read = text_of(unsealed, tmp_path)
    for item in payload()["not_checked"]:
        assert _CONTROLS.sub("", item["en"]) in read
        assert _CONTROLS.sub("", item["zh"]) in read


def test_a_test_authority_is_named_on_the_page_and_a_real_one_is_not(unsealed: bytes, tmp_path: Path) -> None:
    assert "localtestauthority" in text_of(unsealed, tmp_path)
    real = render_attestation(payload(issuer={"name": "Corvane Instruments AG", "is_test_authority": False}))
    assert "localtestauthority" not in text_of(real, tmp_path)


def test_an_ordinary_attestation_is_one_a4_page_tagged_and_with_its_title(unsealed: bytes, tmp_path: Path) -> None:
    info = info_of(unsealed, tmp_path)
    assert info["Pages"] == "1"
    assert "A4" in info["Page size"]
    assert info["Tagged"] == "yes"
    assert info["Title"] == "End-Use Attestation EUC-2026-7K3M9Q"
    assert b"pdfaid:part" in PdfReader(io.BytesIO(unsealed)).root_object["/Metadata"].get_data()


def test_the_qr_code_is_drawn(tmp_path: Path) -> None:
    here, elsewhere = (render_attestation(payload(verify_url=f"http://localhost/{n}")) for n in ("a", "b"))
    pages = []
    for content in (here, elsewhere):
        (tmp_path / "qr.pdf").write_bytes(content)
        crop = ["-x", "60", "-y", "760", "-W", "90", "-H", "110", "-r", "80", "-gray"]
        picture = subprocess.run(["pdftoppm", *crop, str(tmp_path / "qr.pdf")], capture_output=True, check=True).stdout
        pages.append(picture)
    dark = sum(1 for byte in pages[0][20:] if byte < 80)
    assert dark > 800
    assert pages[0] != pages[1]


def test_the_embedded_statement_is_the_canonical_payload(unsealed: bytes, tmp_path: Path) -> None:
    (tmp_path / "d.pdf").write_bytes(unsealed)
    subprocess.run(["pdfdetach", "-save", "1", "-o", str(tmp_path / "out.json"), str(tmp_path / "d.pdf")], check=True)
    assert (tmp_path / "out.json").read_bytes() == canonical(payload())
    listed = subprocess.run(["pdfdetach", "-list", str(tmp_path / "d.pdf")], capture_output=True, check=True).stdout.decode()
    assert ATTACHMENT in listed


@pytest.mark.parametrize(
    ("text", "character"),
    [("Ningbo 🏥", "🏥"), ("a\u202eb", "\u202e"), ("a\u0000b", "\u0000"), ("ꦄ", "ꦄ"), ("\ue000", "\ue000"), ("ᠮ", "ᠮ")],
)
def test_a_character_that_cannot_be_drawn_is_refused_with_its_field(text: str, character: str) -> None:
    with pytest.raises(MissingGlyph) as refused:
        check_glyphs(payload(end_use=text))
    assert refused.value.character == character
    assert refused.value.field == "end_use"
    assert "U+" in str(refused.value)


def test_a_field_inside_a_list_is_named_with_its_place() -> None:
    changed = payload()
    changed["goods"][0]["name"] = "kit 🧬"
    with pytest.raises(MissingGlyph) as refused:
        check_glyphs(changed)
    assert refused.value.field == "goods 1.name"


def test_every_script_of_the_names_can_be_drawn() -> None:
    check_glyphs(payload())


def test_markup_in_a_name_is_text(tmp_path: Path) -> None:
    hostile = '<img src="file:///etc/hostname"><b>x</b>'
    read = text_of(render_attestation(payload(end_use=hostile)), tmp_path)
    assert _CONTROLS.sub("", hostile) in read
