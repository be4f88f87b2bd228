"""A person confirms what the reader proposes: each field says why and points at its place, and what was corrected is a test later."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from bench.notices import labels
from certifications.evidence.models import EvidenceDocument
from certifications.evidence.readers import read_notice
from certifications.pages.compliance.proposals import highlighted, shown_length
from certifications.work.models import Job
from tests.flags.cases import captured
from tests.world import World, client_of

pytestmark = pytest.mark.django_db

NOTICE = """库尔勒市公安局DNA试剂采购项目中标公告
一、项目编号：XJKL-2026-311
二、采购人：库尔勒市公安局
三、中标信息
供应商名称：西安泓桥生物科技有限公司
供应商地址：西安市高新区锦业路某大厦1103室
中标金额：464400元
四、主要标的信息
品目：STR荧光检测试剂盒，数量18盒，品牌科凡仪器，型号CI-2440-100，单价25800元
"""
LINE = {
    "stage": "award", "happened_on": "2026-06-11", "project_no": "XJKL-2026-311", "buyer": "库尔勒市公安局", "region": "库尔勒市",
    "seller": "西安泓桥生物科技有限公司", "seller_uscc": "", "seller_address": "西安市高新区锦业路某大厦1103室", "product": "",
    "product_text": "STR荧光检测试剂盒", "brand": "科凡仪器", "model": "CI-2440-100", "quantity": "18", "unit": "盒", "unit_price": "25800",
    "amount": "464400",
}  # fmt: skip


def address(document: EvidenceDocument) -> str:
    return f"/c/evidence/{document.number}/"


def confirmed(world: World, text: str = NOTICE, **changes: str) -> EvidenceDocument:
    """The notice as the reviewer confirmed it, with these changes to what the reader proposed."""
    document = captured(world, text)
    sent: dict[str, Any] = {"line-TOTAL_FORMS": "1", "line-INITIAL_FORMS": "1"}
    sent |= {f"line-0-{name}": value for name, value in {**LINE, **changes}.items()}
    answer = client_of(world.reviewer).post(address(document), sent)
    assert answer.status_code == 302, re.findall(r'class="errorlist[^>]*>.*?</ul>', answer.content.decode())  # noqa: PLR2004
    document.refresh_from_db()
    return document


def test_every_field_says_why_it_is_proposed_and_points_at_its_place(world: World) -> None:
    where, client = address(captured(world, NOTICE)), client_of(world.reviewer)
    page, framed = (client.get(one).content.decode() for one in (where, f"{where}text/"))
    targets = set(re.findall(rf'href="{where}text/#(src-[a-z0-9_-]+)" target="source"', page))
    marks = set(re.findall(r'<(?:mark class="span-mark"|span) id="(src-[a-z0-9_-]+)"', framed))
    assert targets <= marks
    assert {
        "src-buyer",
        "src-project_no",
        "src-suppliers-0-name",
        "src-suppliers-0-amount",
        "src-items-0-text",
        "src-items-0-model",
    } <= targets
    assert "It stands behind its label." in page
    assert "It stands in a line about goods." in page


def _fields(**spans: tuple[int, int]) -> EvidenceDocument:
    text = "宁波市疾控中心试剂采购结果公告：供应商甲。" + "。" * 25_000 + "乙"
    fields = {name: {"start": start, "end": end} for name, (start, end) in spans.items()}
    return EvidenceDocument(text=text, proposal={"fields": fields})


def test_a_field_within_another_has_its_mark_and_both_are_found() -> None:
    pieces = highlighted(_fields(title=(0, 15), project_name=(0, 15), buyer=(0, 7), seller=(7, 20)), 40)
    assert "".join(piece.text for piece in pieces) == _fields().text[:40]
    marked = {piece.anchor: piece.text for piece in pieces if piece.anchor}
    assert marked["src-buyer"] == "宁波市疾控中心"
    ids = [anchor for piece in pieces for anchor in (piece.anchor, *piece.also) if anchor]
    assert sorted(ids) == ["src-buyer", "src-project_name", "src-seller", "src-title"]
    assert not pieces[-1].field, "what has ended is marked no more"


def test_what_the_reader_found_far_below_is_shown_too() -> None:
    near, far = _fields(buyer=(0, 7)), _fields(buyer=(25_021, 25_022))
    assert shown_length(near) == 20_000
    assert [piece.text for piece in highlighted(far, shown_length(far)) if piece.field] == ["乙"]


def test_kind_product_unit_and_region_say_why_too(world: World) -> None:
    form = client_of(world.reviewer).get(address(captured(world, NOTICE))).context["formset"].forms[0]
    told = {name: str(form.fields[name].help_text) for name in ("stage", "product", "unit", "region")}
    assert "name stands in the words of the goods" in told["product"]
    assert told["unit"] == "Read together with the quantity."
    assert told["stage"]
    assert "the buyer's name speaks of this one" in told["region"]
    assert form["region"].value() == "库尔勒市", "the notice names none, but the buyer's name does"
    assert form["product"].value() == world.kit.pk
    bare = client_of(world.reviewer).get(address(captured(world, "关于西安泓桥生物科技有限公司的说明\n"))).context["formset"].forms[0]
    assert "did not see what kind" in str(bare.fields["stage"].help_text)
    assert "no number and no name of ours" in str(bare.fields["product"].help_text)
    assert str(bare.fields["unit"].help_text) == str(bare.fields["region"].help_text) == "The reader saw none in the notice."


def test_a_line_says_that_the_register_is_asked_until_it_has_answered(world: World) -> None:
    document = confirmed(world)
    client = client_of(world.reviewer)
    assert "still being asked about this line" in client.get(address(document)).content.decode()
    Job.objects.filter(kind="match").update(state="done", finished_at=timezone.now())
    page = client.get(address(document)).content.decode()
    assert "still being asked" not in page
    assert "No flag on this line." in page


def test_a_doubtful_field_says_that_it_is(world: World) -> None:
    text = "库尔勒市公安局试剂采购结果公示\n第一名：西安泓桥生物科技有限公司\n投标报价：9万元\n"
    page = client_of(world.reviewer).get(address(captured(world, text))).content.decode()
    assert "Unsure: It stands first in a ranking." in page


def test_a_kind_of_notice_that_was_not_read_is_never_an_award_by_default(world: World) -> None:
    document = captured(world, "关于西安泓桥生物科技有限公司的说明\n供应商：西安泓桥生物科技有限公司\n")
    assert document.proposal["stage"] == ""
    page = client_of(world.reviewer).get(address(document)).content.decode()
    assert re.search(r'<option value="" selected>', page)
    assert not re.search(r'<option value="award" selected>', page)


def test_what_was_left_as_read_and_what_was_corrected_is_kept_with_its_place(world: World) -> None:
    line = confirmed(world, seller="西安泓桥生物科技股份有限公司").lines.get()
    assert line.extraction["seller"]["corrected"] is True
    assert line.extraction["model"]["corrected"] is False
    text = line.document.text
    assert text[line.extraction["seller"]["start"] : line.extraction["seller"]["end"]] == "西安泓桥生物科技有限公司"


def test_a_correction_becomes_a_case_and_a_mere_confirmation_does_not(world: World, tmp_path: Path) -> None:
    confirmed(world, happened_on="2026-06-11")
    document = confirmed(world, NOTICE.replace("311", "312"), project_no="XJKL-2026-312", seller="西安泓桥生物科技股份有限公司")
    before = EvidenceDocument.objects.count()
    call_command("keep_corrections", str(tmp_path / "cases"))
    written = labels(tmp_path / "cases")
    assert document.number in {Path(row["file"]).stem for row in written}
    label = next(row for row in written if Path(row["file"]).stem == document.number)
    assert (label["suppliers"], label["project_no"], label["amounts"]) == (["西安泓桥生物科技股份有限公司"], "XJKL-2026-312", ["464400"])
    assert label["items"] == [
        {"text": "STR荧光检测试剂盒", "brand": "科凡仪器", "model": "CI-2440-100", "quantity": "18", "unit": "盒", "unit_price": "25800"}
    ]
    assert read_notice((tmp_path / "cases" / label["file"]).read_bytes()).project_no == "XJKL-2026-312"
    assert EvidenceDocument.objects.count() == before


def test_a_case_that_is_there_is_left_as_it_is(world: World, tmp_path: Path) -> None:
    document = confirmed(world, seller='西安"泓桥"\\生物科技有限公司')
    call_command("keep_corrections", str(tmp_path))
    label = tmp_path / f"{document.number}.toml"
    assert tomllib.loads(label.read_text(encoding="utf-8"))["suppliers"] == ['西安"泓桥"\\生物科技有限公司']
    label.write_text("# mine\n", encoding="utf-8")
    call_command("keep_corrections", str(tmp_path), "--all")
    assert label.read_text(encoding="utf-8") == "# mine\n"


@pytest.mark.parametrize("change", ["added", "left out"])
def test_a_line_that_was_added_or_left_out_is_a_correction(world: World, tmp_path: Path, change: str) -> None:
    document = captured(world, NOTICE)
    own = {**LINE, "seller": "西安泓桥第二生物科技有限公司"}
    sent: dict[str, Any] = {"line-TOTAL_FORMS": "2", "line-INITIAL_FORMS": "1"}
    sent |= {f"line-{n}-{name}": value for n, line in enumerate((LINE, own)) for name, value in line.items()}
    sent |= {"line-0-DELETE": "on"} if change == "left out" else {}
    answer = client_of(world.reviewer).post(address(document), sent)
    assert answer.status_code == 302, re.findall(r'class="errorlist[^>]*>.*?</ul>', answer.content.decode())  # noqa: PLR2004
    call_command("keep_corrections", str(tmp_path))
    assert [Path(row["file"]).stem for row in labels(tmp_path)] == [document.number]
