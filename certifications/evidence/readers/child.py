"""What a child process does with one document; forked.py forks it from a process that has loaded this file, and puts it in its cage.

Reads from standard input, writes JSON, ends. Must not be imported by the portal.
"""

import encodings.aliases
import importlib
import io
import json
import sys
import zipfile
from contextlib import suppress

from certifications.evidence.readers import Package, Unreadable
from certifications.evidence.readers.everything import read_any
from certifications.evidence.readers.sniffing import DOCX, PDF

# One of each kind, read before anybody's: what is loaded or worked out at the first, children find done. They could not load it: the
# files of the program may not be theirs to read.
_NOTICE = """<html><head><title>和田地区公安局试剂采购中标公告</title></head><body><h1>和田地区公安局试剂采购中标公告</h1>
<p>一、项目编号：A-2024-1</p><p>二、项目名称：试剂采购</p><p>受和田地区公安局委托，某招标有限公司组织采购。</p><p>三、中标（成交）信息</p>
<table><tr><td>序号</td><td>供应商名称</td><td>供应商地址</td><td>中标（成交）金额（万元）</td></tr>
<tr><td>1</td><td>某某生物科技有限公司</td><td>某路1号</td><td>１２.5（壹拾贰万伍仟元整）</td></tr></table><p>四、主要标的信息</p>
<table><tr><td>名称</td><td>品牌</td><td>规格型号</td><td>数量</td><td>单价(元)</td></tr>
<tr><td>STR荧光检测试剂盒</td><td>某牌</td><td>A-1</td><td>5盒</td><td>25000</td></tr></table><p>品目：试剂，数量5盒，型号A-1，单价25000元</p>
<p>第一中标候选人：某某科技有限公司</p><p>1.采购人信息</p><p>名称：和田地区公安局</p><p>地址：某路2号</p><p>公告日期：2024年3月1日</p></body></html>"""
_WARM = (
    (_NOTICE.encode(), "text/html"),
    (_NOTICE.encode("gb18030"), "text/plain"),
    (b'{"version": "1.1", "releases": [{"ocid": "x"}]}', "application/json"),
    (b"<ContractAwardNotice/>", "application/xml"),
)
# A page with letters and a table, so that PDFium has made its fonts' tables and the grid is tried. It finds the end of a file by itself.
_PAGE = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>
/F2<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/GBK-EUC-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType0/BaseFont/SimSun
/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>>>]>>>>>>>>endobj
4 0 obj<</Length 208>>stream
10 10 m 100 10 l 100 60 l 10 60 l h S 10 40 m 100 40 l S 50 10 m 50 60 l S BT /F1 9 Tf 12 45 Td (Award of reagents) Tj ET
BT /F1 9 Tf 55 45 Td (kit) Tj ET BT /F1 9 Tf 12 20 Td (18 boxes) Tj ET BT /F2 9 Tf 12 80 Td <B2C9B9BA> Tj ET
endstream endobj
trailer<</Root 1 0 R>>
%%EOF"""


def _word() -> bytes:
    """A Word document of one paragraph and one table."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = "<w:p><w:r><w:t>Award</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{text}</w:body></w:document>')
    return made.getvalue()


_OFTEN = 10  # until the interpreter has settled how it runs the code


def warm() -> None:
    """Load every codec, schema and word list."""
    for name in set(encodings.aliases.aliases.values()):
        with suppress(ImportError):  # some are of other systems
            importlib.import_module(f"encodings.{name}")
    for content, kind in (*_WARM, (_PAGE, PDF), (_word(), DOCX)) * _OFTEN:
        with suppress(Unreadable):
            json.dumps(read_any(content, kind).as_json())


def main() -> int:
    """Read standard input as one line of JSON and the bytes behind it; write the proposal."""
    source = sys.stdin.buffer
    header = json.loads(source.readline())
    try:
        found = read_any(source.read(), header["media_type"], header["title"], header["marks"])
        answer = {"package" if isinstance(found, Package) else "proposal": found.as_json(), "text": found.text}
    except Unreadable as problem:
        answer = {"unreadable": problem.code, "params": problem.params}
    sys.stdout.buffer.write(json.dumps(answer).encode("ascii"))
    sys.stdout.buffer.flush()
    return 0
