"""Every way of tampering that we know, each as a function from a sealed file to a forgery."""

import io
from collections.abc import Callable
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pypdf import PdfReader, PdfWriter

name = generic.pdf_name


def _update(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with a change appended as an incremental update; every byte that was there stays."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(pdf)
    return out.getvalue()


def _page(writer: IncrementalPdfFileWriter) -> Any:
    return writer.root["/Pages"]["/Kids"][0].get_object()


def text_added(pdf: bytes) -> bytes:
    """Other words drawn over the page."""
    stream = generic.StreamObject(stream_data=b"q BT /F0 40 Tf 100 500 Td (Urumqi) Tj ET Q 0 0 400 400 re f")
    return _update(pdf, lambda w: w.add_stream_to_page(0, w.add_object(stream)))


def attachment_swapped(pdf: bytes) -> bytes:
    """The embedded statement replaced by another."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        spec = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1].get_object()
        spec["/EF"][name("/F")] = writer.add_object(generic.StreamObject(stream_data=b'{"number": "EUC-2026-FORGED"}'))
        writer.update_container(spec["/EF"])
        writer.update_container(spec)

    return _update(pdf, change)


def annotation_added(pdf: bytes) -> bytes:
    """A note that covers part of the page."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = _page(writer)
        note = generic.DictionaryObject(
            {
                name("/Type"): name("/Annot"),
                name("/Subtype"): name("/FreeText"),
                name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (50, 50, 300, 300)]),
                name("/Contents"): generic.pdf_string("Urumqi"),
                name("/F"): generic.NumberObject(4),
            }
        )
        page[name("/Annots")] = generic.ArrayObject([*page.get("/Annots", []), writer.add_object(note)])
        writer.update_container(page)

    return _update(pdf, change)


def title_changed(pdf: bytes) -> bytes:
    """Another language in the catalogue: the smallest change there is."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root[name("/Lang")] = generic.pdf_string("xx")
        writer.update_root()

    return _update(pdf, change)


def page_added(pdf: bytes) -> bytes:
    """A second page."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root["/Pages"]
        box = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 595, 842)])
        page = {name("/Type"): name("/Page"), name("/Parent"): writer.root.raw_get("/Pages"), name("/MediaBox"): box}
        pages["/Kids"].append(writer.add_object(generic.DictionaryObject(page)))
        pages[name("/Count")] = generic.NumberObject(2)
        writer.update_container(pages)
        writer.update_container(pages["/Kids"])

    return _update(pdf, change)


def field_added(pdf: bytes) -> bytes:
    """A visible field, empty, as a form would have it: what many readers take for filling in."""
    return _update(pdf, lambda w: append_signature_field(w, SigFieldSpec("Extra", on_page=0, box=(100, 100, 300, 300))))


def seal_end(pdf: bytes) -> int:
    """Where the revision of the seal ends and the closing timestamp begins."""
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0]
    return int(signature.byte_range[2] + signature.byte_range[3])


def timestamp_stripped(pdf: bytes) -> bytes:
    """Cut back to the revision of the seal, which ends like any PDF."""
    return pdf[: seal_end(pdf)]


def rewritten(pdf: bytes) -> bytes:
    """Read and written anew by a library that knows nothing of signatures."""
    out = io.BytesIO()
    PdfWriter(clone_from=PdfReader(io.BytesIO(pdf))).write(out)
    return out.getvalue()


def signatures_stripped(pdf: bytes) -> bytes:
    """Written anew without its form, so that it looks like an unsigned original."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    for key in ("/AcroForm", "/DSS", "/Perms"):
        writer.root_object.pop(key, None)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def encrypted(pdf: bytes) -> bytes:
    """Written anew under a password."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.encrypt("", "owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def flipped(pdf: bytes, position: int) -> bytes:
    """One bit of one byte."""
    return pdf[:position] + bytes([pdf[position] ^ 1]) + pdf[position + 1 :]


def blank_page() -> bytes:
    """A PDF of somebody else's, with nothing on it."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
