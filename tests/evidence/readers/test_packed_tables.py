"""Tables of Word documents and PDFs keep each text in its column, however far a cell reaches; and documents that hold other files."""

import io
import zipfile

import pytest

from certifications.evidence.readers import docx as reader
from certifications.evidence.readers import sniff
from certifications.evidence.readers.blocks import Table, from_html
from certifications.evidence.readers.grids import Cell, Grid
from certifications.evidence.readers.layout import Page, markup
from certifications.evidence.readers.sniffing import DOCX

from .packed import WORD, docx, p
from .test_packed import read, says_all


def rows(source: str) -> list[list[str]]:
    """The rows of the one table in it."""
    (table,) = [block for block in from_html(source).blocks if isinstance(block, Table)]
    return [[cell.run.text for cell in row] for row in table.rows]


def cell(text: str, about: str = "") -> str:
    return f"<w:tc><w:tcPr>{about}</w:tcPr>{p(text)}</w:tc>"


def word(*written: str) -> str:
    return reader.read_docx(docx("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in written) + "</w:tbl>")).markup


BEGINS, GOES_ON = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


def test_a_cell_of_word_over_many_rows_shifts_none_of_them() -> None:
    made = [cell("down", BEGINS) + cell("r0")] + [cell("", GOES_ON) + cell(f"r{n}") for n in range(1, 150)] + [cell("last") + cell("r150")]
    assert rows(word(*made)) == [["down", f"r{n}"] for n in range(150)] + [["last", "r150"]]


def test_a_very_wide_cell_of_word_shifts_nothing() -> None:
    wide = cell("wide", '<w:gridSpan w:val="45"/>') + cell("end")
    plain = "".join(cell(f"c{n}") for n in range(46))
    first, second = rows(word(wide, plain))
    assert (first[0], first[45], len(first)) == ("wide", "end", 46)
    assert second == [f"c{n}" for n in range(46)]


@pytest.mark.parametrize("skipped", [1, 2, 25])
def test_a_row_of_word_that_begins_further_right_has_empty_cells_before(skipped: int) -> None:
    plain = "".join(cell(f"c{n}") for n in range(skipped + 1))
    further = f'<w:trPr><w:gridBefore w:val="{skipped}"/></w:trPr>' + cell("x")
    assert rows(word(plain, further)) == [[f"c{n}" for n in range(skipped + 1)], [""] * skipped + ["x"]]


def test_a_row_of_word_that_skips_no_column_is_not_moved() -> None:
    assert rows(word(cell("a") + cell("b"), '<w:trPr><w:gridBefore w:val="0"/></w:trPr>' + cell("c") + cell("d"))) == [
        ["a", "b"],
        ["c", "d"],
    ]


def test_a_cell_of_word_that_goes_on_from_nothing_is_a_cell() -> None:
    assert rows(word(cell("a") + cell("b"), cell("c", GOES_ON) + cell("d"), cell("e") + cell("f"))) == [["a", "b"], ["c", "d"], ["e", "f"]]


def test_a_cell_of_a_drawn_table_over_many_rows_shifts_none_of_them() -> None:
    high, columns = 150, (0.0, 10.0, 20.0)
    ys = tuple(float(10 * n) for n in range(high + 1))
    # The tall cell stands on the right, behind others of its rows.
    left = [Cell(n, 0, 1, 1, 0, ys[n], 10, ys[n + 1]) for n in range(high)]
    grid = Grid((*left, Cell(0, 1, high, 1, 10, 0, 20, ys[-1])), columns, ys)
    source = markup([Page([], [grid])])
    assert source.count("<td") == high + 3
    assert [source.count(f'rowspan="{n}"') for n in (60, 30, 150)] == [2, 1, 0]
    assert source.count("<tr><td></td><td rowspan") == 3, "each in its own column"


def test_when_there_is_no_room_for_a_documents_end_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_PIECES", 40)
    short = read(docx(p("采购人：乌海市公安局") * 10))
    assert "too_long" not in {note.code for note in short.notes}
    long = read(docx(p("采购人：乌海市公安局") * 60))
    assert "too_long" in {note.code for note in long.notes}
    monkeypatch.setattr(reader, "MAX_PIECES", 400)
    monkeypatch.setattr(reader, "MAX_LETTERS", 50)
    assert "too_long" in {note.code for note in read(docx(p("采购人：乌海市公安局") * 10)).notes}


def test_what_stands_too_deep_to_be_read_is_said() -> None:
    def within(depth: int) -> bytes:
        body = p("采购人：乌海市公安局")
        for _ in range(depth):
            body = f"<w:tbl><w:tr><w:tc>{body}</w:tc></w:tr></w:tbl>"
        return docx(p("中标公告") + body)

    assert "too_deep" not in {note.code for note in read(within(reader.DEEPEST)).notes}
    found = read(within(reader.DEEPEST + 1))
    assert "too_deep" in {note.code for note in found.notes}
    assert "采购人" not in found.text


def test_how_letters_look_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_PIECES", 40)
    looks = "<w:rPr><w:rFonts/><w:b/><w:color/><w:sz/><w:szCs/><w:lang/></w:rPr>"
    body = f"<w:p><w:r>{looks}<w:t>采购人：乌海市公安局</w:t></w:r></w:p>" * 10
    assert "too_long" not in {note.code for note in read(docx(body)).notes}


def stored(*parts: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return made.getvalue()


BOOK = stored(("xl/workbook.xml", b"<workbook/>"), ("xl/vbaProject.bin", b"x"))


def test_a_document_that_holds_a_workbook_unpacked_is_a_document() -> None:
    made = io.BytesIO(docx(WORD))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("word/embeddings/book.xlsx", BOOK)
        archive.writestr("word/embeddings/other.docm", stored(("word/vbaProject.bin", b"x")))
    assert sniff(made.getvalue(), "a.docx").media_type == DOCX
    says_all(read(made.getvalue()))


def test_what_holds_a_document_unpacked_is_none() -> None:
    holder = stored(("a.docx", stored(("word/document.xml", b"<x/>"))))
    with pytest.raises(reader.Unreadable):
        sniff(holder, "a.docx")


def test_a_document_whose_end_is_cut_off_is_still_told_apart() -> None:
    assert sniff(docx()[:-60], "a.docx").media_type == DOCX
    with pytest.raises(reader.Unreadable) as problem:
        sniff(BOOK[:-60], "a.docx")
    assert problem.value.code == "wrong_kind"
