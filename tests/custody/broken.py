"""Broken files, made on the spot: (name of the file, bytes), by what is wrong with them. Nothing here was ever anybody's."""

import io
import warnings
import zipfile
from collections.abc import Callable

from tests.uploads.files import changed, csv, xlsx

from .reports import DAY, HEAD, row

BOOK = xlsx([HEAD, row()])
SHEET = "xl/worksheets/sheet1.xml"
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


def sheet(cells: str, before: str = "") -> bytes:
    text = f'<?xml version="1.0"?>{before}<worksheet {NS}><sheetData>{cells}</sheetData></worksheet>'
    return changed(BOOK, SHEET, text.encode())


def laughs() -> bytes:
    entities = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9))
    return sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row>', f"<!DOCTYPE x [{entities}]>")


def twice(member: str) -> bytes:
    out = io.BytesIO(BOOK)
    with warnings.catch_warnings(), zipfile.ZipFile(out, "a") as made:
        warnings.simplefilter("ignore")  # what is wrong is the point
        made.writestr(member, "x")
    return out.getvalue()


# Files that are refused whole, with a sentence.
WHOLE: dict[str, Callable[[], tuple[str, bytes]]] = {
    "empty": lambda: ("a.csv", b""),
    "only a mark": lambda: ("a.csv", b"\xef\xbb\xbf"),
    "only blanks": lambda: ("a.csv", b" \r\n\r\n\t\r\n"),
    "a PDF": lambda: ("a.xlsx", b"%PDF-1.7 ..."),
    "a picture": lambda: ("a.csv", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100),
    "a web page": lambda: ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>"),
    "a program": lambda: ("a.xlsx", b"\x7fELF" + b"\x00" * 200),
    "a RAR archive": lambda: ("a.xlsx", b"Rar!\x1a\x07\x00"),
    "a ZIP of something": lambda: ("a.xlsx", archive("readme.txt")),
    "a letter": lambda: ("a.xlsx", archive("[Content_Types].xml", "word/document.xml")),
    "an OpenDocument table": lambda: ("a.xlsx", archive("mimetype", "[Content_Types].xml", "content.xml")),
    "half a workbook": lambda: ("a.xlsx", BOOK[: len(BOOK) // 2]),
    "a workbook without its end": lambda: ("a.xlsx", BOOK[:-30]),
    "a workbook with broken XML": lambda: ("a.xlsx", sheet("<row><c")),
    "a workbook without its list of sheets": lambda: ("a.xlsx", changed(BOOK, "xl/workbook.xml", b"")),
    "a bomb": lambda: ("a.xlsx", changed(BOOK, "xl/media/x.bin", b"\x00" * (210 << 20))),
    "a billion laughs": lambda: ("a.xlsx", laughs()),
    "XML of ten thousand storeys": lambda: ("a.xlsx", sheet("<row>" * 10_000)),
    "macros": lambda: ("a.xlsm", changed(BOOK, "xl/vbaProject.bin", b"x")),
    "a password": lambda: ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 50),
    "an archive inside": lambda: ("a.xlsx", changed(BOOK, "xl/embeddings/a.bin", archive("x"))),
    "a way out": lambda: ("a.xlsx", changed(BOOK, "xl/../../etc/passwd", b"x")),
    "the same member twice": lambda: ("a.xlsx", twice(SHEET)),
    "a cell at the end of the world": lambda: ("a.xlsx", sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    "too many rows": lambda: ("a.csv", csv(HEAD, row()) + b"x,y\r\n" * 200_001),
    "too many columns": lambda: ("a.csv", csv([*HEAD, *range(100)], [*row(), *range(100)])),
    "a cell like a book": lambda: ("a.csv", csv(HEAD, row(客户名称="医" * 5_000))),
    "a quotation mark that never ends": lambda: ("a.csv", csv(HEAD, row())[:-2] + b'\r\nINV-2,"2026\r\n' + csv(*[row()] * 20)),
    "bytes that are no text": lambda: ("a.csv", bytes(range(256)) * 40),
    "half a character": lambda: ("a.csv", "发票号,数量\r\nINV-1,三".encode()[:-1]),
    "half of UTF-16": lambda: ("a.csv", csv(HEAD, row(), encoding="utf-16")[:-1]),
    "another suffix": lambda: ("a.exe", csv(HEAD, row())),
    "a workbook called CSV": lambda: ("a.csv", BOOK),
    "headings and nothing below": lambda: ("a.csv", csv(HEAD)),
    "totals and nothing else": lambda: ("a.csv", csv(HEAD, ("合计", "", "", "", "", "", "", "", "12", "", "", "", ""))),
}
# Rows that are wrong in one cell: by heading, the column that is named.
CELLS: dict[str, tuple[dict[str, str], str]] = {
    "a quantity of forty digits": ({"数量": "1" * 40}, "quantity"),
    "a quantity that is no number": ({"数量": "NaN"}, "quantity"),
    "an endless quantity": ({"数量": "∞"}, "quantity"),
    "a quantity to the power": ({"数量": "1e400"}, "quantity"),
    "a quantity of thousandths": ({"数量": "0.0001"}, "quantity"),
    "two numbers": ({"数量": "3-4"}, "quantity"),
    "an error of the spreadsheet": ({"数量": "#REF!"}, "quantity"),
    "a day of the year nought": ({"发货日期": "0000-00-00"}, "shipped_on"),
    "a day of two figures": ({"发货日期": "26/10/5"}, "shipped_on"),
    "a thirteenth month": ({"发货日期": "2026-13-01"}, "shipped_on"),
    "no day at all": ({"发货日期": ""}, "shipped_on"),
    "a day far away": ({"发货日期": "9999-12-31"}, "shipped_on"),
    "a buyer like a book": ({"客户名称": "医" * 301}, "buyer"),
    "a product that nobody sells": ({"货号": "💣"}, "product"),
    "a number that was rounded": ({"货号": "1.23457E+15"}, "product"),
    "a lot like a book": ({"批号": "L" * 61}, "lot"),
    "a serial number like a book": ({"序列号": "S" * 100, "数量": "1", "金额": "4800"}, "serial"),
    "a range without end": ({"序列号": "S1~S999999"}, "serial"),
    "a price in words": ({"单价": "面议"}, "unit_price"),
    "an amount of forty digits": ({"金额": "9" * 40}, "amount"),
    "a declaration of nobody": ({"申报编号": "EUD-0000-000000"}, "declaration"),
    "a kind that is none": ({"交易类型": "<script>alert(1)</script>"}, "kind"),
    "a unit of nobody": ({"单位": "车皮"}, "quantity"),
    "a day as a formula": ({"发货日期": "=TODAY()"}, "shipped_on"),
}
assert DAY
