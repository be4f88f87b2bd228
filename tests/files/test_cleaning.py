"""Files are made anew before anything of them is kept: what is seen stays, whatever else points to somebody is gone."""

import io
import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import StreamObject

from certifications.files.cleaning import SENTENCES, Unclean, clean, sandbox
from certifications.files.cleaning.papers import jpeg_bare

from . import hostile


def nothing_left(content: bytes) -> None:
    """None of the secrets, packed or not."""
    unpacked = plainly(content)
    assert [secret for secret in hostile.SECRETS if secret in unpacked or secret.decode("latin-1").encode("utf-16-be") in unpacked] == []


def plainly(content: bytes) -> bytes:
    """The bytes, with what was packed in them, and with signs that a PDF writes as numbers."""
    return re.sub(rb"\\(\d{3})", lambda found: bytes([int(found[1], 8) & 255]), b"".join([content, *streams(content)]))


def streams(content: bytes) -> Iterator[bytes]:
    """Every stream of a PDF, unpacked where it is packed in the usual way."""
    if content.startswith(b"%PDF"):
        reader = PdfReader(io.BytesIO(content))
        for number in sorted(reader.xref[0]):
            found = reader.get_object(number)
            if isinstance(found, StreamObject):
                yield found._data if "/DCTDecode" in str(found.get("/Filter")) else found.get_data()


def test_a_photo_keeps_its_points_the_right_way_up_and_nothing_else() -> None:
    made = clean(hostile.photo())
    assert made.media_type == "image/jpeg"
    nothing_left(made.content)
    with Image.open(io.BytesIO(made.content)) as seen:
        assert seen.size == (48, 64)  # it was held upright
        assert dict(seen.getexif()) == {}
        assert set(seen.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert made.content.endswith(b"\xff\xd9")


def test_a_png_keeps_its_points_and_what_is_seen_through() -> None:
    made = clean(hostile.png())
    assert made.media_type == "image/png"
    nothing_left(made.content)
    with Image.open(io.BytesIO(made.content)) as seen:
        assert seen.info == {}
        assert seen.getpixel((3, 5)) == (200, 30, 40, 128)
    assert made.content.endswith(b"IEND\xaeB`\x82")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_every_kind_of_png_is_painted(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (9, 7)).save(out, "PNG")
    with Image.open(io.BytesIO(clean(out.getvalue()).content)) as seen:
        assert seen.size == (9, 7)


def test_a_pdf_keeps_what_is_drawn_and_nothing_else() -> None:
    given = hostile.pdf()
    assert [secret for secret in hostile.SECRETS if secret not in plainly(given)] == [b"<script"]
    made = clean(given)
    assert made.media_type == "application/pdf"
    nothing_left(made.content)
    reader = PdfReader(io.BytesIO(made.content))
    assert reader.metadata is None
    assert set(reader.trailer["/Root"]) == {"/Type", "/Pages"}
    page = reader.pages[0]
    assert set(page) <= {"/Type", "/Parent", "/Resources", "/MediaBox", "/Contents"}
    assert "Three analysers in Kashgar" in page.extract_text()
    assert set(page["/Resources"]) == {"/Font", "/XObject"}
    assert set(page["/Resources"]["/Font"]) == {"/F1", "/ID"}
    assert [image.image.size for image in page.images] == [(64, 48)]


def test_a_pdf_says_neither_when_nor_by_what_it_was_made() -> None:
    one = clean(hostile.pdf()).content
    time.sleep(1.1)
    assert clean(hostile.pdf()).content == one
    for word in (b"pyHanko", b"Date", b"/Info", b"Producer"):
        assert word not in one


@pytest.mark.parametrize("name", list(hostile.polyglots()))
def test_a_file_that_is_two_things_is_one_afterwards(name: str) -> None:
    made = clean(hostile.polyglots()[name])
    nothing_left(made.content)
    assert made.content.count(b"%PDF-") == (made.media_type == "application/pdf")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (hostile.svg(), "kind"),
        (b"GIF89a" + bytes(100), "kind"),
        (b"PK\x03\x04" + bytes(100), "kind"),
        (hostile.tiff(1), "kind"),
        (hostile.tiff(30), "too_large"),
        (hostile.photo()[:200], "unreadable"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "unreadable"),
        (b"%PDF-1.7\nnothing", "unreadable"),
        (hostile.png_bomb(), "too_many_points"),
        (hostile.png_words_bomb(), "unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_made_anew_is_refused_by_name(content: bytes, code: str) -> None:
    with pytest.raises(Unclean) as caught:
        clean(content)
    assert caught.value.code == code
    assert str(SENTENCES[code])


def test_a_pdf_behind_a_password_is_refused() -> None:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=io.BytesIO(hostile.pdf()))
    writer.encrypt("x")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(Unclean, match="encrypted"):
        clean(out.getvalue())


def test_a_pdf_whose_pages_are_their_own_parents_ends() -> None:
    loop = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    for content in (loop, hostile.pdf()[:1500]):
        with pytest.raises(Unclean):
            clean(content)


def test_a_child_that_answers_nonsense_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    for answer in (b"ok\n<svg>", b"ok\n%PDF-1.7", b"<script>\n", b"", b"ok\n"):
        monkeypatch.setattr(sandbox.children, "run_child", lambda *_, answer=answer, **__: answer)
        with pytest.raises(Unclean, match="died"):
            clean(hostile.photo())


def test_the_bytes_given_never_touch_a_disk(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    def no_disk(*_: object, **__: object) -> None:
        raise AssertionError("the original was written to a disk")

    monkeypatch.setattr(tempfile, "TemporaryFile", no_disk)
    assert clean(hostile.photo()).media_type == "image/jpeg"


def test_a_jpeg_in_a_pdf_loses_its_words_and_its_tail() -> None:
    bare = jpeg_bare(hostile.photo(1))
    nothing_left(bare)
    with Image.open(io.BytesIO(bare)) as seen:
        seen.load()
        assert seen.size == (64, 48)


def test_nothing_in_the_portal_reads_a_picture_in_its_own_process() -> None:
    said = "import certifications.files.cleaning, sys; sys.exit('PIL' in sys.modules or 'pyhanko' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0
