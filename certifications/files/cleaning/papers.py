"""Writes a PDF anew from what is drawn on its pages. Runs in the child; knows no Django.

By what it takes along and not by what it leaves out, wherever the format allows: of a page its size, its drawing and what
that needs (fonts, pictures, shapes). Author, dates, scripts, forms, comments, links, attachments, earlier revisions, thumbnails
and layers' names are not there to be copied. Words and pictures that are seen stay as they are: whoever signs what is drawn
is named by it, and the page says so.
"""

import io
import zlib
from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter

from .refusals import Refused as Refused

MOST_PAGES: Final = 200
MOST_OBJECTS: Final = 50_000
MOST_BYTES: Final = 64 * 1024 * 1024  # of all streams, unpacked
DEEPEST: Final = 60

INHERITED: Final = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
OF_A_PAGE: Final = (*INHERITED, "/Contents", "/UserUnit", "/Group")
OF_RESOURCES: Final = frozenset({"/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/ProcSet"})
OF_AN_IMAGE: Final = frozenset(
    {"/Type", "/Subtype", "/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/Decode", "/ImageMask", "/Mask", "/SMask"}
    | {"/Interpolate", "/Intent", "/Matte", "/SMaskInData"}
)
OF_A_FORM: Final = frozenset({"/Type", "/Subtype", "/FormType", "/BBox", "/Matrix", "/Resources", "/Group"})
# Elsewhere (fonts, colours, patterns): whatever is no part of drawing.
NEVER: Final = frozenset(
    {"/Metadata", "/PieceInfo", "/LastModified", "/AA", "/A", "/OpenAction", "/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/AF"}
    | {"/Names", "/Dests", "/Annots", "/AcroForm", "/StructTreeRoot", "/StructParent", "/StructParents", "/Thumb", "/Parent", "/P"}
    | {"/Alternates", "/OPI", "/Ref", "/OC", "/OCProperties", "/Properties", "/Info", "/Author", "/Creator", "/Producer"}
    | {"/CreationDate", "/ModDate", "/Title", "/Subject", "/Keywords", "/URI", "/RichMedia", "/PtData", "/Measure", "/ID"}
)
# Dictionaries whose names the file itself chose (fonts and pictures of a page): any name may stand there.
NAMES_OF_ITS_OWN: Final = "names"
# Streams: these belong to how the bytes are packed, and are said anew. /F and its like name a file outside.
PACKING: Final = frozenset({"/Length", "/Filter", "/DecodeParms", "/DP", "/F", "/FFilter", "/FDecodeParms", "/DL", "/Crypt"})
# Kinds of packing that are taken along as they are: their bytes are a picture of points and carry no words.
ADOBE, COMMENT, SCAN, END = 0xEE, 0xFE, 0xDA, 0xD9
IN_A_SCAN: Final = frozenset({0x00, *range(0xD0, 0xD8)})
AS_THEY_ARE: Final = frozenset({"/CCITTFaxDecode", "/JBIG2Decode"})


class Bare(PdfFileWriter):
    """A writer that says nothing of itself: no program, no date."""

    def _update_meta(self) -> None:
        self._info = None


def rewritten(content: bytes) -> bytes:
    """The PDF made anew. Raises Refused (encrypted, too_many_pages, unusual), and whatever pyHanko raises of a broken file."""
    reader = PdfFileReader(io.BytesIO(content), strict=False)
    if reader.encrypted:
        raise Refused("encrypted")
    pages = list(_pages(reader.root["/Pages"], {}, set()))
    if not pages:
        raise Refused("unreadable")
    made = Bare(stream_xrefs=False)
    # Two files of one origin are not told to be so, and no moment is: the identifier is the same for every file.
    made._document_id = generic.ArrayObject([generic.ByteStringObject(bytes(16)), generic.ByteStringObject(bytes(16))])
    copier = Copier(made)
    for page in pages:
        made.insert_page(copier.page(page))
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def _pages(node: Any, above: dict[str, Any], seen: set[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """Every page as a plain dict of what counts of it, with what it inherits. A tree that comes back to itself is none."""
    own = {**above, **{name: node.raw_get(name) for name in INHERITED if name in node}}
    if "/Kids" not in node:
        yield own | {name: node.raw_get(name) for name in OF_A_PAGE if name in node}
        return
    kids = node["/Kids"]
    for number in range(len(kids)):
        kid = kids.raw_get(number)
        where = (kid.idnum, kid.generation) if isinstance(kid, generic.IndirectObject) else None
        if where is None or where in seen:
            raise Refused("unusual")
        seen.add(where)
        if len(seen) > MOST_PAGES * 2:
            raise Refused("too_many_pages")
        yield from _pages(kid.get_object(), own, seen)


class Copier:
    """Copies what a page needs into another file, each object once."""

    def __init__(self, made: Bare) -> None:
        self.made = made
        self.known: dict[tuple[int, int], Any] = {}
        self.left = MOST_OBJECTS
        self.bytes_left = MOST_BYTES
        self.pages_left = MOST_PAGES

    def page(self, page: dict[str, Any]) -> generic.DictionaryObject:
        self.pages_left -= 1
        if self.pages_left < 0:
            raise Refused("too_many_pages")
        copied = {pdf_name(name): self.copy(value, name, 1) for name, value in page.items()}
        return generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Page"), **copied})

    def copy(self, value: Any, key: str, depth: int) -> Any:
        """The value without what is no part of drawing. `key`: under which name it stands."""
        self.left -= 1
        if depth > DEEPEST or self.left < 0:
            raise Refused("unusual")
        if isinstance(value, generic.IndirectObject):
            where = (value.idnum, value.generation)
            if where not in self.known:
                # Known before it is copied, so that a circle closes on itself.
                placed = self.known[where] = self.made.allocate_placeholder()
                self.made.add_object(self.copy(value.get_object(), key, depth + 1), idnum=placed.idnum)
            return self.known[where]
        if isinstance(value, generic.StreamObject):
            return self._stream(value, depth)
        if isinstance(value, generic.DictionaryObject):
            return self._dictionary(value, key, depth)
        if isinstance(value, generic.ArrayObject):
            return generic.ArrayObject(self.copy(value.raw_get(n), key, depth + 1) for n in range(len(value)))
        if isinstance(value, generic.NameObject | generic.NumberObject | generic.FloatObject | generic.BooleanObject | generic.NullObject):
            return value
        if isinstance(value, generic.TextStringObject | generic.ByteStringObject):
            return value
        raise Refused("unusual")

    def _dictionary(self, value: generic.DictionaryObject, key: str, depth: int) -> generic.DictionaryObject:
        if key == "/Resources":
            names = {name: NAMES_OF_ITS_OWN for name in value if name in OF_RESOURCES}
        elif key == NAMES_OF_ITS_OWN:
            names = dict.fromkeys(value, "")
        else:
            names = {name: NAMES_OF_ITS_OWN if name == "/CharProcs" else str(name) for name in value if name not in NEVER}
        copied = {pdf_name(name): self.copy(value.raw_get(name), inner, depth + 1) for name, inner in names.items()}
        return generic.DictionaryObject(copied)

    def _stream(self, value: generic.StreamObject, depth: int) -> generic.StreamObject:
        kind = value.get("/Subtype", "")
        wanted = OF_AN_IMAGE if kind == "/Image" else OF_A_FORM if kind == "/Form" else None
        names = [name for name in value if name not in PACKING | NEVER and (wanted is None or name in wanted)]
        said = {pdf_name(name): self.copy(value.raw_get(name), name, depth + 1) for name in names}
        filters = _filters(value)
        if "/F" in value or "/Crypt" in filters or "/JPXDecode" in filters:
            raise Refused("unusual")  # a file outside; JPEG 2000, whose boxes are not taken apart here
        if filters and filters[-1] in {"/DCTDecode", "/DCT"}:
            if len(filters) > 1:
                raise Refused("unusual")
            return self._packed(said, jpeg_bare(self._counted(value.encoded_data)), "/DCTDecode", _parameters(value))
        if filters and filters[-1] in AS_THEY_ARE:
            if len(filters) > 1:
                raise Refused("unusual")
            return self._packed(said, self._counted(value.encoded_data), filters[0], _parameters(value), depth)
        # Unpacked and packed anew, so that nothing rides behind the end of what was packed.
        data = self._counted(value.data)
        return self._packed(said, zlib.compress(data, 6), "/FlateDecode", None)

    def _packed(self, said: dict[Any, Any], data: bytes, how: str, parameters: Any, depth: int = 0) -> generic.StreamObject:
        said = {**said, pdf_name("/Filter"): pdf_name(how)}
        if parameters is not None:
            said[pdf_name("/DecodeParms")] = self.copy(parameters, "/DecodeParms", depth + 1)
        return generic.StreamObject(said, encoded_data=data)

    def _counted(self, data: bytes) -> bytes:
        self.bytes_left -= len(data)
        if self.bytes_left < 0:
            raise Refused("unusual")
        return data


def _filters(value: generic.StreamObject) -> list[str]:
    said = value.get("/Filter", generic.ArrayObject())
    return [str(one) for one in (said if isinstance(said, generic.ArrayObject) else [said])]


def _parameters(value: generic.StreamObject) -> Any:
    said = value.get("/DecodeParms", None)
    if isinstance(said, generic.ArrayObject):
        said = said[0] if said else None
    return said if isinstance(said, generic.DictionaryObject) else None


def jpeg_bare(data: bytes) -> bytes:
    """A JPEG's picture without its segments for words: EXIF, place, thumbnail, comments; what follows its end is cut off.

    Adobe's segment (APP14) stays: it says how the colours are meant. Raises Refused for what is no JPEG.
    """
    if not data.startswith(b"\xff\xd8"):
        raise Refused("unusual")
    kept, at = [b"\xff\xd8"], 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:  # noqa: PLR2004 - every segment begins so
            raise Refused("unusual")
        marker = data[at + 1]
        if marker == 0xFF:  # noqa: PLR2004 - padding
            at += 1
            continue
        if marker == END:
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        is_adobe = marker == ADOBE and data[at + 2 : at + 9] == b"\x00\x0eAdobe"
        if is_adobe or not (0xE0 <= marker <= 0xEF or marker == COMMENT):  # noqa: PLR2004 - APP0 to APP15
            kept.append(data[at:end])
        if marker == SCAN:
            at = end
            while (end := data.find(b"\xff", end)) >= 0 and end + 1 < len(data) and data[end + 1] in IN_A_SCAN:
                end += 2
            end = len(data) if end < 0 else end
            kept.append(data[at:end])
        at = end
    return b"".join(kept) + b"\xff\xd9"
