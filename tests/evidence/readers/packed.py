"""Notices as PDF and as Word documents, built by code: whole ones, and hostile ones. Firms and people are invented."""

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import pypdf
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from certifications.attestations import drawing

# The portal's own font: what a machine has beside it may be none for Chinese, or one that ends the process.
FONTS = Path(drawing.__file__).parent / "fonts"
STYLE = (
    f"""@font-face {{ font-family: Own; src: url("{(FONTS / "NotoSansSC_400Regular.ttf").as_uri()}") }}"""
    + """
@page { size: A4; margin: 2cm } body { font-family: Own; font-size: 11pt }
table { border-collapse: collapse; width: 100% } td, th { border: 0.75pt solid #000; padding: 3pt } .bare td { border: 0 }"""
)
NOTICE = """<h1>乌海市公安局DNA检验试剂采购项目中标公告</h1><p>公告日期：2026年6月2日</p><p>一、项目编号：WHGA-2026-017</p>
<p>二、项目名称：乌海市公安局DNA检验试剂采购项目</p><p>三、中标（成交）信息</p>
<table><tr><td>序号</td><td>供应商名称</td><td>供应商地址</td><td>中标（成交）金额（万元）</td></tr>
<tr><td>1</td><td>西安泓桥生物科技有限公司</td><td>西安市高新区锦业路某大厦1103室</td><td>46.44</td></tr></table>
<p>四、主要标的信息</p>
<table><tr><td>名称</td><td>品牌</td><td>规格型号</td><td>数量</td><td>单价（元）</td></tr>
<tr><td>STR荧光检测试剂盒</td><td>科凡仪器</td><td>CI-2440-100</td><td>18盒</td><td>25800</td></tr></table>
<p>五、公告期限：自本公告发布之日起1个工作日。本公告在中国政府采购网和内蒙古自治区政府采购网上同时发布，其他媒介转载无效，特此说明以供各供应商知悉。</p>
<p>1.采购人信息</p><p>名称：乌海市公安局</p><p>地址：乌海市海勃湾区某路1号</p>"""
SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


_PRINT = """import sys
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
body, style = sys.stdin.read().split("\\0")
fonts = FontConfiguration()
sys.stdout.buffer.write(HTML(string=body).write_pdf(stylesheets=[CSS(string=style, font_config=fonts)], font_config=fonts))
"""


@cache
def pdf(body: str = NOTICE, style: str = "") -> bytes:
    """A page of markup, printed: in a process of its own, for the fonts of many printings in one have ended it."""
    done = subprocess.run(
        [sys.executable, "-c", _PRINT], input=f"{body}\0{STYLE}{style}".encode(), capture_output=True, check=True, timeout=120
    )
    return done.stdout


def changed(content: bytes, how: Any) -> bytes:
    """A PDF as a writer of another program leaves it."""
    writer, made = pypdf.PdfWriter(clone_from=io.BytesIO(content)), io.BytesIO()
    how(writer)
    writer.write(made)
    return made.getvalue()


def raw_pdf(*objects: bytes, root: str = "1 0 R") -> bytes:
    """Objects as they are, from number 1, without a table of them."""
    body = b"".join(b"%d 0 obj" % n + one + b" endobj\n" for n, one in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + f"trailer<</Root {root}>>\n%%EOF".encode()


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
FONT = b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"


def stream(data: bytes, about: bytes = b"") -> bytes:
    """A stream object."""
    return b"<</Length %d" % len(data) + about + b">>stream\n" + data + b"\nendstream"


def text_pdf(*pages: bytes, page: bytes = b"") -> bytes:
    """Pages of drawing operators."""
    kids = b" ".join(b"%d 0 R" % (3 + 2 * n) for n in range(len(pages)))
    objects = [CATALOG, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), kids)]
    for n, drawn in enumerate(pages):
        objects += [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R" % (4 + 2 * n) + FONT + page + b">>", stream(drawn)]
    return raw_pdf(*objects)


LINE = b"BT /F1 12 Tf 50 %d Td (Award of reagents to a firm of that name) Tj ET "


def zeros(size: int) -> bytes:
    """So many bytes of nothing, packed, without ever holding them."""
    packer = zlib.compressobj(9)
    part = b" " * (1 << 20)
    return b"".join([packer.compress(part) for _ in range(size >> 20)] + [packer.flush()])


def image_pdf() -> bytes:
    """A scanned page: a picture and no letter."""
    picture = stream(
        zlib.compress(b"\xff" * 300),
        b"/Type/XObject/Subtype/Image/Width 10/Height 10/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode",
    )
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>"
    return raw_pdf(CATALOG, b"<</Type/Pages/Count 1/Kids[3 0 R]>>", page, stream(b"q 500 0 0 700 40 60 cm /I Do Q"), picture)


def with_scripts(writer: pypdf.PdfWriter) -> None:
    """JavaScript that runs at opening, and a file attached."""
    root: Any = writer._root_object
    script = {"/S": NameObject("/JavaScript"), "/JS": pypdf.generic.TextStringObject("app.alert('SECRETSCRIPT')")}
    root[NameObject("/OpenAction")] = DictionaryObject({NameObject(name): value for name, value in script.items()})
    writer.add_attachment("evil.exe", b"MZ SECRETATTACHMENT")


def with_xfa(writer: pypdf.PdfWriter) -> None:
    """A form of the kind that its own program alone shows."""
    part = DecodedStreamObject()
    part.set_data(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
    root: Any = writer._root_object
    root[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/XFA"): writer._add_object(part), NameObject("/Fields"): pypdf.generic.ArrayObject()}
    )
    root[NameObject("/NeedsRendering")] = pypdf.generic.BooleanObject(True)


# Word


def p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: list[str]) -> str:
    cells = ("".join(f"<w:tc>{cell if cell.startswith('<w:') else p(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl><w:tblPr/>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


WORD = (
    p("乌海市公安局DNA检验试剂采购项目中标公告") + p("一、项目编号：WHGA-2026-017") + p("三、中标（成交）信息")
    + table(["序号", "供应商名称", "供应商地址", "中标（成交）金额（万元）"], ["1", "西安泓桥生物科技有限公司", "西安市某路1103室", "46.44"])
    + p("四、主要标的信息")
    + table(["名称", "品牌", "规格型号", "数量", "单价（元）"], ["STR荧光检测试剂盒", "科凡仪器", "CI-2440-100", "18盒", "25800"])
    + p("1.采购人信息") + p("名称：乌海市公安局")
)  # fmt: skip
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def docx(body: str = WORD, *, head: str = "", space: str = SPACE, main: str = "word/document.xml", **parts: bytes) -> bytes:
    """A Word document; further parts by name, "__" for "/" and "_" before the ending for "."."""
    made = io.BytesIO()
    markup = '<?xml version="1.0" encoding="UTF-8"?>' + head
    markup += f'<w:document xmlns:w="{space}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>{body}</w:body></w:document>'
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr(main, markup)
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def bomb_docx(size: int) -> bytes:
    """A text part that unpacks to so many bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            part.write(f'<w:document xmlns:w="{SPACE}"><w:body>'.encode())
            for _ in range(size >> 20):
                part.write(b" " * (1 << 20))
            part.write(b"</w:body></w:document>")
    return made.getvalue()


def lying_docx(size: int) -> bytes:
    """The same, but its table of contents says that it is small."""
    content = bytearray(bomb_docx(size))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(content)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
