"""Tells by the bytes whether a file is a web page, text, JSON, XML, a PDF or a Word document. Refuses everything else by name.

Must not parse: it runs in the web process, before anything is stored.
"""

import codecs
import re
from pathlib import PurePath
from typing import Final

from charset_normalizer import from_bytes

from .types import Sniffed, Unreadable

JSON, XML = "application/json", "application/xml"
PDF, DOCX = "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LIMIT_MB: Final = 25
MAX_BYTES: Final = LIMIT_MB * 1024 * 1024
# Saved pages keep the server's ending.
SUFFIXES: Final = {
    "",
    ".html",
    ".htm",
    ".xhtml",
    ".shtml",
    ".jhtml",
    ".txt",
    ".text",
    ".jsp",
    ".asp",
    ".aspx",
    ".php",
    ".do",
    ".json",
    ".xml",
}
# What a server's own ending hides may be anything; any other ending promises a kind.
SERVED: Final = frozenset({"", ".jsp", ".asp", ".aspx", ".php", ".do", ".shtml", ".jhtml"})
OWN: Final = {PDF: ".pdf", DOCX: ".docx"}
WITH_MACROS: Final = frozenset({".docm", ".dotm"})
_ZIP_END, _ZIP_ENTRY = b"PK\x05\x06", b"PK\x01\x02"
_ZIP_PART: Final = re.compile(rb"PK\x03\x04.{22}(..)..", re.DOTALL)  # the length of the name, which follows
MAX_NAMES: Final = 20_000  # of parts of an archive, looked at
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
KINDS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"BM", "an image"),
    (b"RIFF", "an image or a film"),
    (b"II*\x00", "an image"),
    (b"MM\x00*", "an image"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf\x27\x1c", "an archive"),
    (b"\x1f\x8b", "an archive"),
    (b"BZh", "an archive"),
    (b"\xfd7zXZ", "an archive"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3", "a database"),
)
SHORT_MARKS: Final = {b"BM", b"MZ", b"BZh", b"GIF8", b"RIFF", b"Rar!"}  # could open a text; only with binary bytes behind
SAMPLE: Final = 96 * 1024
CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_JSON_START: Final = re.compile(r"""\s*(?:\{\s*(?:"(?:[^"\\]|\\.){0,200}"\s*:|\})|\[\s*[\[{\]])""")
_XML_START: Final = re.compile(r"\s*<\?xml\s")
_ROOT: Final = re.compile(r"<([A-Za-z_][\w.:-]*)")
DECLARED: Final = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_\-]{2,20})""", re.IGNORECASE)
MARKUP: Final = re.compile(
    r"<(?:!doctype|html|head|body|meta|div|p|table|tr|td|span|br|h[1-6]|section|article|a|ul|li|strong|b)\b[^<]{0,2000}?>", re.IGNORECASE
)
# Frequent characters of notices in both scripts: a wrong codec gives rare ones.
COMMON: Final = frozenset(
    "的一是在不了有和人中大为上个国公告采购供应商项目编号名称单位地址金额成交标结果信息时间日月年市县区局院学有限司科技价总联系方式电话"
    "數量規格型產品單採購項編號稱應額標結時間縣區學電話聯絡資訊價總與為會計機關第一二三四五六七八九十零元万萬包本合同简要"
    "，。：、；（）【】《》“”"
)
FAMILY: Final = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
}
MIN_COMMON: Final = 0.04


def sniff(content: bytes, filename: str = "") -> Sniffed:
    """Media type and encoding of the bytes. Raises Unreadable for what cannot be a notice; `filename` may be empty."""
    if not content.strip(b" \t\r\n\x0b\x0c\xef\xbb\xbf"):
        raise Unreadable("empty")
    if len(content) > MAX_BYTES:
        raise Unreadable("too_large", limit=str(LIMIT_MB))
    suffix = PurePath(filename.strip().lower()).suffix
    if suffix in WITH_MACROS:
        raise Unreadable("macros")
    if packed := _packed(content):
        if suffix != OWN[packed] and suffix not in SERVED and not re.fullmatch(r"\.[\d_?=&\-]+", suffix):
            raise Unreadable("other_ending", suffix=suffix[:20], kind=OWN[packed])
        return Sniffed(packed, "")
    _refuse_other_kinds(content)
    if suffix in OWN.values():
        raise Unreadable("no_such_kind", suffix=suffix)
    if suffix not in SUFFIXES and not re.fullmatch(r"\.[\d_?=&\-]+", suffix):
        raise Unreadable("wrong_name", suffix=suffix[:20])
    encoding, cut = detect(content)
    start = content[:SAMPLE].decode(encoding, errors="ignore")
    if re.match(r"\s*(?:MIME-Version|From|Date|Subject)\s*:", start) and re.search(r"multipart/related", start[:4000], re.IGNORECASE):
        raise Unreadable("wrong_kind", kind="a web archive (MHTML)")
    return Sniffed(_media_type(start.removeprefix("\ufeff"), suffix), encoding, cut)


def _media_type(start: str, suffix: str) -> str:
    """By how the text begins; a page that is well-formed XML is a page."""
    if _JSON_START.match(start) or (suffix == ".json" and start.lstrip()[:1] in {"{", "["}):
        return JSON
    root = _ROOT.search(start) if start.lstrip().startswith("<") else None
    if root and root[1].rpartition(":")[2].lower() != "html" and (_XML_START.match(start) or root[1].endswith("ContractAwardNotice")):
        return XML
    return "text/html" if MARKUP.search(start) else "text/plain"


def decode(content: bytes, sniffed: Sniffed) -> str:
    """The text of bytes that `sniff` let pass; a character cut at the very end is dropped."""
    decoder = codecs.getincrementaldecoder(sniffed.encoding)("strict")
    return decoder.decode(content, final=not sniffed.cut_off).removeprefix("\ufeff")


def detect(content: bytes) -> tuple[str, bool]:
    """(codec, whether the last character is cut). Raises Unreadable "binary" or "encoding"."""
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            cut = _decodes(content, codec)
            if cut is None:
                raise Unreadable("encoding")
            _refuse_control(content, codec)
            return codec, cut
    if content.count(0, 0, SAMPLE):
        return _wide_without_mark(content)
    cut = _decodes(content, "utf-8")
    if cut is not None:
        _refuse_control(content, "utf-8")
        return "utf-8", cut
    best, score = "", 0.0
    for codec in _candidates(content):
        if _decodes(content, codec) is None:
            continue
        found = _common(content[:SAMPLE].decode(codec, errors="ignore"))
        if found > score:
            best, score = codec, found
    if score < MIN_COMMON:
        raise Unreadable("encoding")
    _refuse_control(content, best)
    return best, bool(_decodes(content, best))


def _candidates(content: bytes) -> list[str]:
    """Codecs to try: the declared one, what charset-normalizer makes of it, then both Chinese families."""
    names = []
    if declared := DECLARED.search(content[:4096]):
        names.append(declared[1].decode("ascii").lower())
    guess = from_bytes(content[:SAMPLE], cp_isolation=["gb18030", "big5", "big5hkscs", "utf_16_le", "utf_16_be"]).best()
    if guess is not None:
        names.append(guess.encoding)
    known = []
    for name in [*names, "gb18030", "big5hkscs"]:
        codec = FAMILY.get(name, name)
        try:
            codecs.lookup(codec)
            codecs.getincrementaldecoder(codec)
        except LookupError:
            continue
        if codec not in known and not codec.startswith(
            ("utf", "latin", "iso-8859", "iso8859", "windows-125", "cp125", "unicode", "raw", "idna")
        ):
            known.append(codec)
    return known


def _decodes(content: bytes, codec: str) -> bool | None:
    """None when the bytes are not of this codec, else whether the last character is cut off."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        decoder.decode(content, final=False)
    except (UnicodeError, ValueError):
        return None
    return bool(decoder.getstate()[0])


def _common(text: str) -> float:
    wide = [c for c in text if c > "\x7f"]
    return sum(c in COMMON for c in wide) / len(wide) if wide else 0.0


def _wide_without_mark(content: bytes) -> tuple[str, bool]:
    scores = []
    for codec in ("utf-16-le", "utf-16-be"):
        cut = _decodes(content, codec)
        if cut is not None:
            text = content[:SAMPLE].decode(codec, errors="ignore")
            plain = sum(c.isascii() and (c.isprintable() or c in "\r\n\t") for c in text)
            scores.append((_common(text) + plain / max(len(text), 1), codec, cut))
    if not scores or max(scores)[0] < 0.2:  # noqa: PLR2004
        raise Unreadable("binary")
    _score, codec, cut = max(scores)
    _refuse_control(content, codec)
    return codec, cut


def _refuse_control(content: bytes, codec: str) -> None:
    if CONTROL.search(content.decode(codec, errors="ignore")):
        raise Unreadable("binary")


def _packed(content: bytes) -> str:
    """PDF or DOCX by the bytes, "" for neither; raises Unreadable for their relatives."""
    if content.lstrip(b" \r\n\t")[:5] == b"%PDF-":
        return PDF
    if content.startswith(_OLD_OFFICE):
        # An Office document with a password is a file of the old kind around it.
        raise Unreadable("locked" if "EncryptedPackage".encode("utf-16-le") in content else "old_office")
    if not content.startswith(b"PK\x03\x04"):
        return ""
    names = _names_in(content)
    if b"\nword/vbaProject.bin" in names:
        raise Unreadable("macros")
    for mark, kind in ((b"\nxl/workbook", "an Excel workbook"), (b"\nppt/presentation", "a PowerPoint file")):
        if mark in names:
            raise Unreadable("wrong_kind", kind=kind)
    return DOCX if b"\nword/document" in names else ""


def _names_in(content: bytes) -> bytes:
    """The names of an archive's parts, each behind a line break: of its own table of contents, for an archive may hold another unpacked.

    Where the table is missing or broken, the names that stand before the parts: what was cut off is still told apart.
    """
    end = content.rfind(_ZIP_END)
    at = end - int.from_bytes(content[end + 12 : end + 16], "little") if end >= 0 else -1
    names: list[bytes] = []
    while 0 <= at < end and content.startswith(_ZIP_ENTRY, at) and len(names) < MAX_NAMES:
        name, extra, comment = (int.from_bytes(content[at + n : at + n + 2], "little") for n in (28, 30, 32))
        names.append(content[at + 46 : at + 46 + name])
        at += 46 + name + extra + comment
    if not names:
        names = [content[found.end() : found.end() + int.from_bytes(found[1], "little")] for found in _ZIP_PART.finditer(content)]
    return b"\n" + b"\n".join(names)


def _refuse_other_kinds(content: bytes) -> None:
    head = content.lstrip(b"\xef\xbb\xbf \r\n\t")[:64]
    for mark, kind in KINDS:
        if head.startswith(mark) and (mark not in SHORT_MARKS or re.search(rb"[\x00-\x08\x0e-\x1f]", content[:512])):
            raise Unreadable("wrong_kind", kind=kind)
