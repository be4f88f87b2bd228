"""What the pages of an upload say where a file is not simply right: in words that are true, once, and in Chinese as well."""

import pytest

from tests.world import World, client_of

from .files import HEAD, HOSPITAL, MATERNITY, csv
from .steps import committed, sent

pytestmark = pytest.mark.django_db
BAD = (*MATERNITY[:4], "Atlantis", *MATERNITY[5:])
SOLD = ("发货日期", "客户", "货号", "数量", "批号")


def chinese(world: World, address: str, typed: dict[str, str] | None = None) -> str:
    client = client_of(world.filer)
    client.cookies["django_language"] = "zh-hans"
    answer = client.post(address, typed) if typed else client.get(address)
    return str(answer.content.decode())


def test_two_columns_of_one_meaning_are_told_in_chinese_without_a_bare_placeholder(world: World) -> None:
    upload = sent(world.filer, csv((*HEAD[:3], "门牌", *HEAD[4:]), HOSPITAL))
    address = f"/d/uploads/{upload.number}/columns/"
    shown = chinese(world, address, {"column_0": "address", "column_1": "address"})
    assert "有两列都指定为" in shown
    assert "%(" not in shown
    assert "客户类型" not in shown.partition("<thead>")[2].partition("</thead>")[0]


def test_a_lot_of_goods_is_no_part_of_a_tender_in_chinese(world: World) -> None:
    upload = sent(world.filer, csv((*SOLD, "奇怪的列"), ("2026-10-03", "宁波江南医院", "CI-2440-100", "3", "24C117", "x")), kind="sales")
    shown = chinese(world, f"/d/uploads/{upload.number}/columns/")
    assert ">批号</option>" in shown
    assert "包号" not in shown


def test_a_remark_on_the_file_does_not_say_the_title_of_the_page_again(world: World) -> None:
    rows = [("2026-10-03", "宁波江南医院", "CI-2440-100", "3", ""), ("合计", "", "", "9", "")]
    upload = sent(world.filer, csv(SOLD, *rows), kind="sales")
    assert upload.remarks
    shown = client_of(world.filer).get(f"/d/uploads/{upload.number}/").content.decode()
    notice = shown.partition('class="notice is-wait"')[2].partition("</div></div>")[0]
    assert "another sum" in notice or "add up" in notice
    assert "<strong>" not in notice


def test_rows_that_stayed_behind_a_commit_are_said_to_wait(world: World) -> None:
    upload = committed(sent(world.filer, csv(HEAD, HOSPITAL, BAD)), world.filer, mode="ready")
    shown = client_of(world.filer).get(f"/d/uploads/{upload.number}/").content.decode()
    assert "The rows above still wait." in shown
    assert "Nothing else waits in this file." not in shown


def test_a_row_without_a_name_of_its_own_is_told_by_more_than_its_day(world: World) -> None:
    upload = sent(world.filer, csv(SOLD, ("2026-10-03", "宁波江南医院", "CI-2440-100", "3", "")), kind="sales")
    shown = client_of(world.filer).get(f"/d/uploads/{upload.number}/rows/").content.decode()
    assert "2026-10-03 · 宁波江南医院 · CI-2440-100" in shown.replace('<span lang="zh-Hans">', "").replace("</span>", "")


def test_the_heading_of_what_is_wrong_has_the_marks_of_its_language(world: World) -> None:
    upload = sent(world.filer, csv((*HEAD[:4], "country", *HEAD[5:]), BAD))
    address = f"/d/uploads/{upload.number}/"
    assert "country (Country): " in client_of(world.filer).get(address).content.decode()
    shown = chinese(world, address).replace('<span lang="zh-Hans">', "")
    assert "country（国家或地区）：" in shown
    assert "): " not in shown
