"""Files as distributors send them, made on the spot: nothing here was ever anybody's."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

HEAD = ("客户名称", "英文名称", "统一社会信用代码", "地址", "国家", "行政区划", "行业")
HOSPITAL = (
    "宁波江南医院",
    "Ningbo Jiangnan Hospital",
    "12330200MA2GX00010",
    "宁波市中山东路 412 号",
    "中国",
    "330200",
    "Hospital, genetics",
)
MATERNITY = ("成都岷江妇产医院", "Chengdu Minjiang Maternity Hospital", "", "成都市锦江区岷江路 9 号", "CN", "成都市", "Maternity hospital")
SALES = ("参考号", "最终用户", "货号", "数量", "用途", "使用地点", "国家", "行政区划", "有效期自", "有效期至")
USE = "Paternity and transplant matching in the genetics department, about 1 000 samples a month."


def csv(*rows: Sequence[Any], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Rows as CSV; nothing is quoted that need not be."""
    out = io.StringIO()
    import csv as standard

    standard.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(encoding)


def customers(count: int, *, start: int = 0, division: str = "330200") -> list[tuple[str, ...]]:
    """Rows of customers with names that are not alike, each with a number of its own."""
    return [
        (f"{word(start + n)}医院", f"{word(start + n)} Hospital", "", f"宁波市{n} 号", "CN", division, "Hospital") for n in range(count)
    ]


def word(number: int) -> str:
    """A name that is like no other: a few Chinese characters spelled from a number."""
    letters = "梁竺蒲荔槐檀桐枫棠榆椿桂楠樟柏橘"
    return "".join(letters[(number >> shift) & 15] for shift in (0, 4, 8)) + "仁"


def xlsx(
    rows: Iterable[Sequence[Any]],
    *,
    sheets: Sequence[tuple[str, bool]] = (("Sheet1", False),),
    on: int = 0,
    merges: Sequence[tuple[int, int, int, int, str]] = (),
) -> bytes:
    """A workbook: (name, hidden) of its sheets, the rows on the one at `on`, merged ranges from 0."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    made = []
    for name, hidden in sheets:
        sheet = book.add_worksheet(name)
        made.append(sheet)
        if hidden:
            sheet.hide()
    made[next(place for place, (_name, hidden) in enumerate(sheets) if not hidden)].activate()
    for at, row in enumerate(rows):
        for place, cell in enumerate(row):
            if hasattr(cell, "isoformat"):
                made[on].write_datetime(at, place, cell, day)
            elif cell is not None:
                made[on].write(at, place, cell)
    for top, left, bottom, right, text in merges:
        made[on].merge_range(top, left, bottom, right, text)
    book.close()
    return out.getvalue()


def xls(rows: Iterable[Sequence[Any]]) -> bytes:
    """The same in the format of Excel 97."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for at, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write(at, place, cell, day) if hasattr(cell, "isoformat") else sheet.write(at, place, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(book: bytes, member: str, text: bytes) -> bytes:
    """A workbook with one of its members replaced or added, as a hostile hand would."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != member:
                new.writestr(info.filename, old.read(info))
        new.writestr(member, text)
    return out.getvalue()
