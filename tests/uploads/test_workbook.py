"""The workbook out and in again: prefilled, with lists, changed by hand, with columns taken out."""

import io
import zipfile

import pytest
import python_calamine as calamine
import xlsxwriter
from django.utils.translation import override

from certifications.flow.uploads import KINDS
from certifications.parties.models import Customer
from certifications.parties.queries import data_of
from certifications.uploads.workbook import workbook
from tests.world import World, client_of

from .steps import committed, problems, sent
from .test_declarations import USE, drafts, since, until

pytestmark = pytest.mark.django_db


def taken(world: World, kind: str = "customers", who: str = "filer") -> bytes:
    answer = client_of(world.people[who]).get(f"/d/uploads/workbook/{kind}.xlsx")
    assert answer.status_code == 200
    return bytes(answer.content)


def cells(book: bytes, sheet: int = 0) -> list[list[str]]:
    opened = calamine.CalamineWorkbook.from_filelike(io.BytesIO(book))
    return [[str(cell) for cell in row] for row in opened.get_sheet_by_index(sheet).to_python()]


def rewritten(book: bytes, rows: list[list[str]]) -> bytes:
    """The workbook as a person saves it: the same hidden sheets, other rows."""
    opened = calamine.CalamineWorkbook.from_filelike(io.BytesIO(book))
    out = io.BytesIO()
    new = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    for name in opened.sheet_names:
        sheet = new.add_worksheet(name)
        content = rows if name == opened.sheet_names[0] else opened.get_sheet_by_name(name).to_python()
        for at, row in enumerate(content):
            sheet.write_row(at, 0, row)
        if name != opened.sheet_names[0]:
            sheet.hide()
    new.close()
    return out.getvalue()


def test_a_workbook_sent_back_untouched_changes_nothing(world: World) -> None:
    world.customer(note="-5 % and =SUM(A1)", other_names=("Jiangnan", "江南"))
    world.customer(native_name="成都岷江妇产医院", latin_name="", division="510100")
    for language in ("en", "zh-hans"):
        with override(language):
            book = workbook(
                KINDS["customers"], rows=KINDS["customers"].prefilled(by=world.filer), lists=KINDS["customers"].lists(by=world.filer)
            )
        upload = sent(world.filer, book, name="customers.xlsx")
        assert (upload.status, problems(upload), upload.counts.get("will_skip")) == ("checked", [], 2), language


def test_a_row_changed_and_a_row_added_by_hand_come_back_in(world: World) -> None:
    world.customer()
    book = taken(world)
    rows = cells(book)
    rows[1][rows[0].index("Line of business")] = "Hospital"
    new = dict.fromkeys(rows[0], "") | {
        "Name in its own script": "苏州木兰医院", "Address of the site": "苏州市 1 号", "Country *": "China", "Division of the site": "320500 Suzhou, Jiangsu",
        "Line of business": "Hospital", "End user or reseller": "an end user",
    }  # fmt: skip
    upload = sent(world.filer, rewritten(book, [*rows, [new[head] for head in rows[0]]]), name="back.xlsx")
    assert (problems(upload), upload.counts["will_update"], upload.counts["will_create"]) == ([], 1, 1)
    committed(upload, world.filer)
    assert {data_of(c).line_of_business for c in Customer.objects.all()} == {"Hospital"}


def test_a_workbook_with_columns_removed_is_named_as_such(world: World) -> None:
    world.customer()
    book = taken(world)
    rows = [row[:7] + row[8:10] + row[11:] for row in cells(book)]
    upload = sent(world.filer, rewritten(book, rows), name="back.xlsx")
    assert upload.status == "columns"
    shown = client_of(world.filer).get(f"/d/uploads/{upload.number}/columns/").content.decode()
    assert "Columns of our workbook are gone" in shown
    assert "Address of the site, Line of business" in shown


def test_a_workbook_has_lists_to_choose_from_and_no_formula(world: World) -> None:
    world.customer(native_name="=1+1 医院", note="@x")
    book = taken(world)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<dataValidation ") >= 4
    assert "<f>" not in sheet
    assert "Lists!$" in sheet
    assert "'=1+1 医院" in cells(book)[1]


def test_the_workbook_of_declarations_holds_one_s_own_customers_and_the_catalogue(world: World) -> None:
    own = world.customer()
    danger = world.customer(native_name="=1+1 医院", latin_name="")
    world.customer(by="stranger", native_name="苏州别家医院", latin_name="Suzhou Other Hospital")
    book = taken(world, "declarations")
    lists = [cell for row in cells(book, 1) for cell in row]
    assert f"宁波江南医院 · {own.pk}" in lists
    assert f"'=1+1 医院 · {danger.pk}" in lists
    assert any(cell.startswith("CI-2440-100 ") for cell in lists)
    assert (
        b"".join(zipfile.ZipFile(io.BytesIO(book)).read(n) for n in zipfile.ZipFile(io.BytesIO(book)).namelist()).find(
            "苏州别家医院".encode()
        )
        < 0
    )
    rows = cells(book)
    typed = {
        "End user *": f"宁波江南医院 · {own.pk}", "Catalogue number *": "CI-2440-100 IdentiPrime 24 STR kit", "Quantity *": "24", "End use *": USE,
        "Place of use": "宁波市中山东路 412 号", "Country *": "China", "Division of the place of use": "330200 Ningbo, Zhejiang", "Valid from *": since(), "Valid until *": until(),
    }  # fmt: skip
    upload = sent(world.filer, rewritten(book, [rows[0], [typed.get(head, "") for head in rows[0]]]), kind="declarations", name="d.xlsx")
    assert (upload.status, problems(upload)) == ("checked", [])
    committed(upload, world.filer)
    assert len(drafts(world)) == 1


def test_the_workbook_is_an_export_and_is_recorded(world: World) -> None:
    from certifications.ledger.models import Event

    taken(world)
    assert Event.objects.get(verb="read.export").data["of"] == "workbook customers"
