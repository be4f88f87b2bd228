"""Files that give their sender away, or that mean harm. Made by code; the people and places in them are invented."""

import io
import struct
import zlib

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

# What must be found nowhere in what is kept.
SECRETS = (
    b"Zhao Wen",
    b"iPhone of Zhao",
    b"zhaowen@",
    b"29.8683",
    b"app.alert",
    b"secret.txt",
    b"PK\x03\x04",
    b"<script",
    b"thumbnail-of-home",
)


def picture(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Something to look at, not symmetric."""
    made = Image.new(mode, size)
    made.putpixel((3, 5), 255 if mode in {"L", "1"} else (200, 30, 40, 128)[: len(mode)])
    return made


def photo(orientation: int = 6) -> bytes:
    """A JPEG with a name, a place, a thumbnail, a comment, XMP, and a ZIP behind its end."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F], exif[0x013B], exif[0x9C9D] = "iPhone of Zhao", "Zhao Wen", "zhaowen@example.org".encode("utf-16-le")
    exif.get_ifd(0x8825).update({1: "N", 2: (29.8683, 0.0, 0.0), 3: "E", 4: (121.544, 0.0, 0.0)})
    out = io.BytesIO()
    picture().save(out, "JPEG", exif=exif, comment=b"taken by Zhao Wen", xmp=b"<x:xmpmeta>Zhao Wen 29.8683</x:xmpmeta>", quality=95)
    return out.getvalue() + b"thumbnail-of-home" + zipped()


def png() -> bytes:
    """A PNG with words, a place and a ZIP behind its end."""
    info = PngInfo()
    info.add_text("Author", "Zhao Wen")
    info.add_itxt("XML:com.adobe.xmp", "<rdf>Zhao Wen 29.8683</rdf>")
    info.add_text("Comment", "zhaowen@example.org", zip=True)
    out = io.BytesIO()
    picture("RGBA").save(out, "PNG", pnginfo=info)
    return out.getvalue() + zipped()


def zipped() -> bytes:
    """The beginning of a ZIP."""
    return b"PK\x03\x04secret.txt"


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_bomb(side: int = 60_000) -> bytes:
    """A few hundred kilobytes that unpack to gigabytes."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(50_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def png_words_bomb() -> bytes:
    """A small picture with a comment of a gigabyte."""
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    words = b"Comment\x00\x00" + zlib.compress(bytes(1 << 29), 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"zTXt", words)
        + _chunk(b"IDAT", zlib.compress(bytes(8 * 25)))
        + _chunk(b"IEND", b"")
    )


def _text(value: str) -> generic.TextStringObject:
    return generic.TextStringObject(value)


def pdf(*, script: bool = True, drawn: bytes = b"BT /F1 12 Tf 20 100 Td (Three analysers in Kashgar) Tj ET") -> bytes:
    """A PDF with author, dates, XMP, a script, an attachment, a comment, a thumbnail, and a photo with a place in it."""
    made = PdfFileWriter(stream_xrefs=False)
    font = made.add_object(
        generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Font"), pdf_name("/Subtype"): pdf_name("/Type1"), pdf_name("/BaseFont"): pdf_name("/Helvetica"),
                pdf_name("/Metadata"): _stream(made, b"<xmp>Zhao Wen</xmp>"),
            }
        )
    )  # fmt: skip
    image = made.add_object(
        generic.StreamObject(
            {
                pdf_name("/Type"): pdf_name("/XObject"), pdf_name("/Subtype"): pdf_name("/Image"),
                pdf_name("/Width"): generic.NumberObject(64), pdf_name("/Height"): generic.NumberObject(48),
                pdf_name("/ColorSpace"): pdf_name("/DeviceRGB"), pdf_name("/BitsPerComponent"): generic.NumberObject(8),
                pdf_name("/Filter"): pdf_name("/DCTDecode"), pdf_name("/Metadata"): _stream(made, b"<xmp>Zhao Wen</xmp>"),
            },
            encoded_data=photo(1),
        )
    )  # fmt: skip
    resources = generic.DictionaryObject(
        {
            # Names that elsewhere say what must go.
            pdf_name("/Font"): generic.DictionaryObject({pdf_name("/F1"): font, pdf_name("/ID"): font}),
            pdf_name("/XObject"): generic.DictionaryObject({pdf_name("/A"): image}),
            pdf_name("/Properties"): generic.DictionaryObject(
                {pdf_name("/MC0"): generic.DictionaryObject({pdf_name("/Name"): _text("Zhao Wen")})}
            ),
        }
    )
    page = PageObject(contents=_stream(made, drawn + b" q 50 0 0 40 20 20 cm /A Do Q"), media_box=(0, 0, 200, 200), resources=resources)
    page[pdf_name("/PieceInfo")] = generic.DictionaryObject({pdf_name("/Zhao"): _text("iPhone of Zhao")})
    page[pdf_name("/Thumb")] = _stream(made, b"thumbnail-of-home")
    page[pdf_name("/Annots")] = generic.ArrayObject(
        [
            generic.DictionaryObject(
                {
                    pdf_name("/Subtype"): pdf_name("/Text"),
                    pdf_name("/T"): _text("Zhao Wen"),
                    pdf_name("/Contents"): _text("zhaowen@example.org"),
                }
            )
        ]
    )
    made.insert_page(page)
    made.set_info(made.add_object(generic.DictionaryObject({pdf_name("/Author"): _text("Zhao Wen"), pdf_name("/Title"): _text("29.8683")})))
    root = made.root
    root[pdf_name("/Metadata")] = _stream(made, b"<x:xmpmeta>Zhao Wen</x:xmpmeta>")
    if script:
        root[pdf_name("/OpenAction")] = generic.DictionaryObject(
            {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): _text("app.alert('x')")}
        )
    embedded = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Filespec"),
            pdf_name("/F"): _text("secret.txt"),
            pdf_name("/EF"): generic.DictionaryObject({pdf_name("/F"): _stream(made, zipped())}),
        }
    )
    files = generic.DictionaryObject({pdf_name("/Names"): generic.ArrayObject([_text("secret.txt"), made.add_object(embedded)])})
    root[pdf_name("/Names")] = generic.DictionaryObject({pdf_name("/EmbeddedFiles"): files})
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def _stream(made: PdfFileWriter, data: bytes) -> generic.IndirectObject:
    return made.add_object(generic.StreamObject({}, stream_data=data))


def svg() -> bytes:
    """A picture that is a program."""
    return b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def tiff(megabytes: int) -> bytes:
    """The beginning of a TIFF, and a lot of nothing."""
    return b"II*\x00" + bytes(megabytes * 1024 * 1024)


def polyglots() -> dict[str, bytes]:
    """Files that are two things at once."""
    page = b"<html><script>alert('zhaowen@example.org')</script></html>"
    return {
        "a JPEG with a page behind": photo() + page,
        "a PNG with a PDF behind": png() + pdf(),
        "a PDF with a ZIP behind": pdf() + zipped(),
        "a PDF with a page behind": pdf() + page,
    }
