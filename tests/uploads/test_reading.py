"""Other people's files: encodings, delimiters, headings, what is no data; and each broken or hostile one ends in a sentence."""

import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest
import xlsxwriter

from certifications.uploads.kinds import Unfit
from certifications.uploads.readers import UNREADABLE, Unreadable, key_of, keys_of, sniff
from certifications.uploads.readers.sandbox import Read, read_in_child
from certifications.uploads.values import amount, day

from .files import HEAD, HOSPITAL, changed, csv, xls, xlsx

WORDS = frozenset(
    key_of(word)
    for word in (*HEAD, "客戶名稱", "數量", "地址", "顧客名", "住所", "고객명", "주소", "Name", "Address", "货号", "数量", "名称")
)
ROWS = (("2026年10月流向表",), HEAD, HOSPITAL, ("", "", "", "宁波市 3 号", "", "", ""), ("合计", "", "", "", "", "", "2"), ("制表：林月",))


def read(content: bytes, name: str = "file.csv", **chosen: object) -> Read:
    return read_in_child(content, sniff(content, name), vocabulary=WORDS, **chosen)  # type: ignore[arg-type]


def refusal(content: bytes, name: str = "file.csv") -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        list(read(content, name).rows())
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_chinese_table_is_read_in_every_encoding_and_with_every_delimiter(encoding: str, delimiter: str) -> None:
    table = read(csv(*ROWS, encoding=encoding, delimiter=delimiter))
    assert table.reading.header == HEAD
    assert [number for number, _cells in table.rows()] == [3, 4]
    assert next(table.rows())[1] == list(HOSPITAL)
    assert table.reading.left_out == {"title": 1, "total": 1, "note": 1}
    assert (3, "total") not in table.reading.left_rows and (5, "total") in table.reading.left_rows


@pytest.mark.parametrize(
    ("encoding", "rows"),
    [
        ("big5", (("客戶名稱", "地址", "數量"), ("臺灣大學醫學院附設醫院", "台北市中正區中山南路", "3"))),
        ("shift_jis", (("顧客名", "住所"), ("株式会社テスト研究所", "東京都千代田区"))),
        ("cp949", (("고객명", "주소"), ("서울대학교병원", "서울특별시 종로구"))),
        ("cp1252", (("Name", "Address"), ("Universitätsspital Zürich", "Rämistrasse 100, Zürich"))),
        ("gbk", (("医院", "街道"), ("没有认识的标题的医院", "宁波市"))),
        ("big5", (("醫院", "街道"), ("沒有認識的標題的醫院", "台北市"))),
    ],
)
def test_other_scripts_are_told_apart(encoding: str, rows: tuple[tuple[str, ...], ...]) -> None:
    table = read(csv(*rows, encoding=encoding))
    assert (table.reading.header, next(table.rows())[1]) == (rows[0], list(rows[1]))


def test_excel_s_own_line_about_the_delimiter_is_obeyed() -> None:
    assert read(b"sep=;\r\nName;Address\r\na,b;c\r\n").reading.header == ("Name", "Address")


def test_a_workbook_is_read_as_it_looks() -> None:
    content = xlsx([HEAD, (*HOSPITAL[:2], 123456789012345678, *HOSPITAL[3:]), (1.5, 3, None, dt.date(2026, 10, 5))])
    first, second = (cells for _number, cells in read(content, "a.xlsx").rows())
    assert first[2].endswith("E+17")
    assert second[:4] == ["1.5", "3", "", "2026-10-05"]


def test_the_old_format_is_read_the_same() -> None:
    table = read(xls([HEAD, HOSPITAL, ("a", 3.0, "", dt.date(2026, 10, 5))]), "a.xls")
    assert [cells[:4] for _number, cells in table.rows()] == [list(HOSPITAL[:4]), ["a", "3", "", "2026-10-05"]]


def test_hidden_sheets_are_left_alone_unless_a_person_asks_for_one() -> None:
    content = xlsx([HEAD, HOSPITAL], sheets=(("Old", True), ("Now", False)), on=1)
    table = read(content, "a.xlsx")
    assert (table.reading.sheet, [s.hidden for s in table.reading.sheets]) == ("Now", [True, False])
    hidden = xlsx([HEAD, HOSPITAL], sheets=(("Old", True), ("Now", False)), on=0)
    assert read(hidden, "a.xlsx").reading.sheet == "Old"  # nothing else holds anything
    assert read(content, "a.xlsx", sheet="Now").reading.count == 1


def test_the_sheet_with_known_headings_is_taken_before_the_first() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.add_worksheet("Read me").write_column(0, 0, ["Please", "fill in", "the other sheet", "thank you"])
    sheet = book.add_worksheet("Data")
    sheet.write_row(0, 0, HEAD)
    sheet.write_row(1, 0, HOSPITAL)
    book.close()
    assert read(out.getvalue(), "a.xlsx").reading.sheet == "Data"


def test_headings_of_two_merged_rows_are_joined() -> None:
    rows = [("序号", "客户", None, "货物", None), (None, "名称", "地址", "货号", "数量"), (1, "a", "b", "CI", 2)]
    merges = ((0, 0, 1, 0, "序号"), (0, 1, 0, 2, "客户"), (0, 3, 0, 4, "货物"))
    table = read(xlsx(rows, merges=merges), "a.xlsx")
    assert table.reading.header == ("序号", "客户 / 名称", "客户 / 地址", "货物 / 货号", "货物 / 数量")
    assert table.reading.header_rows == (1, 2)
    plain = read(csv(("序号", "客户", "", "货物", ""), ("", "名称", "地址", "货号", "数量"), ("1", "a", "b", "CI", "2")))
    assert plain.reading.header == table.reading.header
    assert keys_of("客户 / 名称")[-1] == "名称"


def test_a_table_without_headings_is_read_when_a_person_says_so() -> None:
    table = read(csv(HOSPITAL, HOSPITAL), header_row=0)
    assert (table.reading.header_rows, table.reading.count) == ((), 2)
    assert read(csv(("a", "b"), ("c", "d"), HEAD, HOSPITAL), header_row=1).reading.count == 3


def test_headings_printed_on_every_page_are_no_rows() -> None:
    assert read(csv(HEAD, HOSPITAL, HEAD, HOSPITAL)).reading.left_out == {"repeated": 1}


BOOK = xlsx([HEAD, HOSPITAL])


def bomb() -> bytes:
    return changed(BOOK, "xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * (60 << 20) + b"</worksheet>")


def far(cell: str) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.add_worksheet().write(cell, "x")
    book.close()
    return out.getvalue()


def with_entities() -> bytes:
    laughs = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    sheet = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">{laughs}]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row></sheetData></worksheet>'
    return changed(BOOK, "xl/worksheets/sheet1.xml", sheet.encode())


def zipped(name: str, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


BROKEN: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", "a.csv", "empty"),
    "only blanks": (b" \r\n\t\r\n", "a.csv", "empty"),
    "only commas": (b",,,\r\n,,,\r\n", "a.csv", "empty"),
    "only headings": (csv(HEAD), "a.csv", "no_rows"),
    "only a total": (csv(HEAD, ("合计", "3")), "a.csv", "no_rows"),
    "a PDF": (b"%PDF-1.7 ...", "a.csv", "wrong_kind"),
    "an image": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "a.xlsx", "wrong_kind"),
    "a web page under the name of a workbook": (b"<html><table><tr><td>x</td></tr></table></html>", "a.xls", "wrong_kind"),
    "a program": (b"\x7fELF" + b"\x00" * 100, "a.csv", "wrong_kind"),
    "another ending": (csv(HEAD, HOSPITAL), "a.docx", "wrong_name"),
    "a workbook called CSV": (BOOK, "a.csv", "name_and_bytes"),
    "CSV called a workbook": (csv(HEAD, HOSPITAL), "a.xlsx", "name_and_bytes"),
    "bytes of nothing": (bytes(range(1, 9)) * 400 + b"\x00\x01", "a.csv", "binary"),
    "zeros": (b"a" + b"\x00" * 3000, "a.csv", "binary"),
    "UTF-8 cut in its last character": (csv(HEAD, HOSPITAL)[:-3] + "宁".encode()[:2], "a.csv", "cut_off"),
    "UTF-16 cut in its last character": (csv(HEAD, HOSPITAL, encoding="utf-16")[:-1], "a.csv", "cut_off"),
    "a quotation mark that never closes": (b'Name,Address\r\n"a,b\r\nc,d\r\ne,f\r\ng,h\r\ni,j\r\n', "a.csv", "open_quote"),
    "one endless cell": (b"Name,Address\r\na," + b"x" * 5000 + b"\r\n", "a.csv", "cell_too_long"),
    "an endless cell in a workbook": (xlsx([("Name", "Address"), ("a", "x" * 5000)]), "a.xlsx", "cell_too_long"),
    "a hundred and one columns": (csv(tuple(f"c{n}" for n in range(101)), tuple("x" * 101)), "a.csv", "too_many_columns"),
    "two million rows": (b"a,b\r\n" * 2_000_000, "a.csv", "too_many_rows"),
    "more than 20 MB": (b"a,b\r\n" * (5 << 20), "a.csv", "too_large"),
    "a cell in the last corner": (far("XFD1048576"), "a.xlsx", "far_cell"),
    "a cell far down": (far("A1048576"), "a.xlsx", "far_cell"),
    "a cell far to the right": (far("XFD1"), "a.xlsx", "far_cell"),
    "a workbook that grows": (bomb(), "a.xlsx", "bomb"),
    "a workbook within a workbook": (changed(BOOK, "xl/embeddings/x.xlsx", BOOK), "a.xlsx", "nested"),
    "a path that leads out": (changed(BOOK, "../../etc/cron.d/x", b"x"), "a.xlsx", "nested"),
    "an absolute path": (changed(BOOK, "/etc/passwd", b"x"), "a.xlsx", "nested"),
    "six hundred members": (b"", "a.xlsx", "nested"),
    "macros": (changed(BOOK, "xl/vbaProject.bin", b"x"), "a.xlsm", "macros"),
    "a plain archive": (zipped("readme.txt"), "a.xlsx", "wrong_kind"),
    "a Word document": (changed(zipped("[Content_Types].xml"), "word/document.xml", b"<x/>"), "a.xlsx", "wrong_kind"),
    "an archive that stops": (BOOK[: len(BOOK) // 2], "a.xlsx", "damaged"),
    "an archive with a wrong sum": (BOOK[:60] + bytes(b ^ 255 for b in BOOK[60:90]) + BOOK[90:], "a.xlsx", "damaged"),
    "a sheet that is no XML": (changed(BOOK, "xl/worksheets/sheet1.xml", b"<<<<"), "a.xlsx", "damaged"),
    "a workbook without its list of sheets": (changed(BOOK, "xl/workbook.xml", b""), "a.xlsx", "damaged"),
    "entities that multiply": (with_entities(), "a.xlsx", "damaged"),
    "an old workbook that is none": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "a.xls", "damaged"),
    "an old workbook that stops": (xls([HEAD, HOSPITAL])[:2000], "a.xls", "damaged"),
    "a workbook with a password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "a.xls", "encrypted"),
    "an old workbook with macros": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "_VBA_PROJECT_CUR".encode("utf-16-le"), "a.xls", "macros"),
    "a workbook with nothing in it": (xlsx([]), "a.xlsx", "empty"),
}  # fmt: skip


def _many_members() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
        for number in range(600):
            new.writestr(f"xl/x{number}.xml", b"<x/>")
    return out.getvalue()


BROKEN["six hundred members"] = (_many_members(), "a.xlsx", "nested")


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_or_hostile_file_ends_in_a_sentence(kind: str) -> None:
    content, name, code = BROKEN[kind]
    problem = refusal(content, name)
    assert problem.code in {code, "empty", "no_rows"} if kind == "entities that multiply" else problem.code == code
    assert "%" not in str(problem)
    assert problem.message_key == UNREADABLE[problem.code]


def test_a_refusal_names_row_and_column() -> None:
    assert refusal(csv(HEAD, HOSPITAL, ("a", "b" * 5000))).params["row"] == "3"
    assert refusal(far("XFD1048576"), "a.xlsx").params["cell"] == "XFD1048576"


def test_what_aborts_the_parser_kills_its_own_child_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A far cell that the look at references misses: written without a reference that anybody can see."""
    sheet = b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData><row r='1048576'><c r='&#88;FD1048576' t='n'><v>1</v></c></row><row r='1'><c r='A1'><v>1</v></c></row></sheetData></worksheet>"
    problem = refusal(changed(BOOK, "xl/worksheets/sheet1.xml", sheet), "a.xlsx")
    assert problem.code in {"reader_died", "damaged", "too_many_rows", "too_many_columns", "empty", "no_rows"}


def test_a_damaged_answer_of_the_child_is_not_believed() -> None:
    good = read(csv(HEAD, HOSPITAL))
    for line in (
        b"{}",
        b"[1]",
        b'["1",["a"]]',
        b"[0,[]]",
        b"[9,[1]]",
        b"[999999,[]]",
        b'[2,["' + b"x" * 5000 + b'"]]',
        b'[2,["a\\u0000"]]',
        b"nan",
    ):
        with pytest.raises(Unreadable, match="damaged"):
            list(Read(good.reading, (line,)).rows())


# Cells


@pytest.mark.parametrize(
    "text",
    ["2026-10-05", "2026/10/5", "2026.10.5", "20261005", "2026年10月5日", "２０２６年１０月５日", "46300", "46300.5", "2026-10-05 00:00:00", "二〇二六年十月五日",
     "5 Oct 2026", "October 5, 2026", "5-Oct-2026", " 2026 / 10 / 05 "],
)  # fmt: skip
def test_a_day_is_read_in_the_forms_in_which_people_write_it(text: str) -> None:
    assert day(text) == dt.date(2026, 10, 5)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("05/10/2026", "day_order"),
        ("2026-02-30", "no_such_day"),
        ("31.04.2026", "no_such_day"),
        ("soon", "day"),
        ("123", "day"),
        ("26/10/5", "day"),
    ],
)
def test_a_day_that_may_be_two_or_none_is_asked_back(text: str, code: str) -> None:
    with pytest.raises(Unfit) as caught:
        day(text)
    assert caught.value.code == code
    if code == "day_order":
        assert {fix.value for fix in caught.value.fixes} == {"2026-10-05", "2026-05-10"}
    assert day("25/10/2026") == dt.date(2026, 10, 25)
    assert day("05/05/2026") == dt.date(2026, 5, 5)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("12", 12, ""), ("1,200", 1200, ""), ("1 200", 1200, ""), ("1’200", 1200, ""), ("12.5", "12.5", ""), ("３盒", 3, "盒"), ("100 人份", 100, "人份"),
        ("1.2万", 12000, ""), ("-3", -3, ""), ("(3)", -3, ""), ("1.234.567,5", "1234567.5", ""), ("1,234,567.5", "1234567.5", ""), ("3 kits", 3, "kits"), ("+4", 4, ""),
    ],
)  # fmt: skip
def test_an_amount_is_read_with_the_unit_behind_it(text: str, value: object, unit: str) -> None:
    assert amount(text) == (Decimal(str(value)), unit)


@pytest.mark.parametrize(
    ("text", "code", "offered"),
    [
        ("1,5", "comma", ["1.5", "15"]), ("1.200", "point", ["1.2", "1200"]), ("1.125", "point", ["1.125", "1125"]), ("abc", "number", []), ("1.2.3", "number", []),
        ("--3", "number", []), ("", "number", []), ("1-2", "number", []),
    ],
)  # fmt: skip
def test_an_amount_that_may_be_two_or_none_is_asked_back(text: str, code: str, offered: list[str]) -> None:
    with pytest.raises(Unfit) as caught:
        amount(text)
    assert (caught.value.code, [fix.value for fix in caught.value.fixes]) == (code, offered)
