"""A notice that lists more than one form holds is weighed whole and dealt with part by part, ours first; nothing of it is lost."""

from typing import Any

import pytest
from django.test import Client

from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.evidence.models_intake import Weighing
from certifications.evidence.proposed import in_parts, line_total
from certifications.evidence.readers import read_notice
from certifications.evidence.readers.goods import MAX_ITEMS
from certifications.evidence.rules_intake import is_ours
from certifications.flow import evidence, intake
from certifications.ledger.ids import new_ulid
from tests.evidence.test_package_pages import sent
from tests.flow.steps import work
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
DESK = ("办公桌", "圣奥", "SA-{n}")
# By its catalogue number alone: no word of the product list occurs.
OURS = ("耗材", "科凡仪器", "CI-2440-100")


def notice(count: int, ours: tuple[int, ...] = (), seller: str = "喀什天山商贸有限公司") -> bytes:
    """An award of so many goods, those of the numbers `ours` being ours."""
    rows = "".join(
        f"<tr><td>{n}</td>"
        + "".join(f"<td>{cell.format(n=n)}</td>" for cell in (OURS if n in ours else DESK))
        + "<td>2</td><td>张</td></tr>"
        for n in range(1, count + 1)
    )
    head = "".join(f"<th>{name}</th>" for name in ("序号", "货物名称", "品牌", "规格型号", "数量", "单位"))
    lines = (
        "一、项目编号：NB-2026-001",
        "二、采购人：宁波江南医院",
        "三、中标信息",
        f"供应商名称：{seller}",
        "中标金额：464400元",
        "四、主要标的信息",
    )
    said = "".join(f"<p>{line}</p>" for line in lines)
    title = "<h1>宁波江南医院设备采购项目中标公告</h1>"
    return f"<html><body>{title}{said}<table><tr>{head}</tr>{rows}</table><p>公告日期：2026年6月11日</p></body></html>".encode()


def captured(world: World, content: bytes) -> EvidenceDocument:
    document = evidence.capture(by=world.reviewer, content=content, name="notice.html", origin="upload", form_key=new_ulid())
    work("read", "weigh")
    document.refresh_from_db()
    return document


def went_on(client: Client, document: EvidenceDocument, **more: str) -> Any:
    """Confirm the part that is next as it stands; the page that showed it."""
    address = f"/c/evidence/{document.number}/"
    page = client.get(address)
    fields = {**sent(page.context["formset"]), "begins": str(document.handled), **more}
    assert client.post(address, fields).status_code == 302
    document.refresh_from_db()
    return page


def test_what_is_ours_in_the_last_row_is_weighed_and_the_notice_is_neither_set_aside_nor_confirmed_by_a_sample(world: World) -> None:
    document = captured(world, notice(60, ours=(57,)))
    held = Weighing.objects.get(document=document)
    assert (held.is_aside, held.is_whole, held.line_count) == (False, False, 60)
    assert Weighing.objects.get(document=captured(world, notice(60))).is_aside, "of desks alone it is set aside as ever"
    short = Weighing.objects.get(document=captured(world, notice(50, ours=(50,))))
    assert (short.is_whole, short.line_count) == (True, 50)


def test_all_of_it_is_dealt_with_part_by_part_and_ours_comes_first(world: World) -> None:
    document, client = captured(world, notice(60, ours=(57, 59))), client_of(world.reviewer)
    page = went_on(client, document).content.decode()
    assert "Lines 1 to 25 of 60" in page
    assert "What holds a number or a name of ours comes first." in page
    assert (document.status, document.handled, document.lines.count()) == ("partly", 25, 25)
    first = document.lines.order_by("position")[0]
    assert (first.model, first.product) == ("CI-2440-100", world.kit)
    assert first.extraction["model"]["corrected"] is False
    assert document.text[first.extraction["model"]["start"] : first.extraction["model"]["end"]] == "CI-2440-100"
    intake.weigh(document)
    held = Weighing.objects.get(document=document)
    assert (held.is_aside, held.line_count) == (False, 35), "what was begun stays in the queue"
    assert "Lines 26 to 50 of 60" in went_on(client, document, **{"line-0-DELETE": "on"}).content.decode()
    assert "Line 51" in went_on(client, document).content.decode()
    assert (document.status, document.handled) == ("confirmed", 60)
    models = list(EvidenceLine.objects.filter(document=document).order_by("position").values_list("model", flat=True))
    assert models[:2] == ["CI-2440-100"] * 2
    assert len(models) == len(set(models)) + 1 == 59, "each once, but for the one that was left out"


def test_a_part_of_which_nothing_is_taken_is_dealt_with_too(world: World) -> None:
    document, client = captured(world, notice(51, ours=(51,))), client_of(world.reviewer)
    out = {f"line-{n}-DELETE": "on" for n in range(25)}
    went_on(client, document, **out)
    assert (document.status, document.handled, in_parts(document)) == ("read", 25, True)
    intake.weigh(document)
    assert not Weighing.objects.get(document=document).is_whole, "nor is what is left of it ever confirmed by a sample"
    went_on(client, document, **out)
    went_on(client, document, **{"line-0-DELETE": "on"})
    assert (document.status, document.handled, document.lines.count()) == ("nothing", 51, 0)


def test_of_more_goods_than_are_taken_nobody_says_that_none_is_ours() -> None:
    proposal = read_notice(notice(MAX_ITEMS + 1), "text/html").as_json()
    assert line_total(proposal) == MAX_ITEMS
    assert "goods_cut" in {note["code"] for note in proposal["notes"]}
    assert is_ours(proposal, [{"product_text": "办公桌"}])
    assert not is_ours(read_notice(notice(MAX_ITEMS), "text/html").as_json(), [{"product_text": "办公桌"}])
