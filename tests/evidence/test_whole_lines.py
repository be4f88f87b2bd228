"""A confirmed line keeps what else a notice says: other bidders, agency, delivery, numbers of the goods and its days."""

import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from bench.notices import Result, judge, labels
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.evidence.readers import read_notice
from certifications.evidence.readers.everything import read_any
from certifications.evidence.rules import MAX_BIDDERS, LineData, check_lines
from certifications.flow import units
from certifications.flow.evidence import withdraw
from certifications.flow.intake import proposed_data
from certifications.resolution.models import ReportedName
from tests.custody import service
from tests.custody.test_service import known, told
from tests.evidence.packages import SELLER, award, eforms, package, release
from tests.evidence.test_export import exported, faults_of
from tests.evidence.test_package_pages import brought, sent
from tests.flags.cases import captured, line
from tests.uploads.steps import committed as written
from tests.world import World, client_of

pytestmark = pytest.mark.django_db

NOTICE = """库尔勒市公安局遗传分析仪采购合同公告
一、合同编号：XJKL-2026-701
二、采购人：库尔勒市公安局
采购代理机构：新疆诚择招标有限公司
三、中标信息
供应商名称：西安泓桥生物科技有限公司
中标金额：1280000元
第二中标候选人：成都川和仪器有限公司
第三中标候选人：武汉江汉科仪有限公司
四、主要标的信息
品目：遗传分析仪，数量1台，品牌科凡仪器，型号CI-3600-A，目录号A-30469，序列号CV-001，批号24C117，单价1280000元
交货地点：新疆维吾尔自治区库尔勒市人民东路9号
合同签订日期：2026年5月28日
公告日期：2026年6月2日
"""
LOST = ["成都川和仪器有限公司", "武汉江汉科仪有限公司"]
FURTHER: dict[str, Any] = {
    "other_bidders": LOST, "agency": "新疆诚择招标有限公司", "delivery_place": "新疆维吾尔自治区库尔勒市人民东路9号",
    "published_on": dt.date(2026, 6, 2), "signed_on": dt.date(2026, 5, 28), "catalogue_no": "A-30469", "lot": "24C117", "serial": "CV-001",
}  # fmt: skip


def address(document: EvidenceDocument) -> str:
    return f"/c/evidence/{document.number}/"


def formset(world: World, document: EvidenceDocument) -> Any:
    return client_of(world.reviewer).get(address(document)).context["formset"]


def confirmed(world: World, **changes: str) -> EvidenceLine:
    """The notice as the reviewer confirmed it: as proposed, but for these changes."""
    document = captured(world, NOTICE)
    given = sent(formset(world, document)) | {f"line-0-{name}": value for name, value in changes.items()}
    answer = client_of(world.reviewer).post(address(document), given)
    assert answer.status_code == 302, answer.context["formset"].errors
    return document.lines.get()


def test_what_the_reader_finds_is_kept_on_confirmation_each_with_its_place(world: World) -> None:
    made = confirmed(world)
    assert {name: getattr(made, name) for name in FURTHER} == FURTHER
    text = made.document.text
    for name, value in FURTHER.items():
        span = made.extraction[name]
        assert span["corrected"] is False, name
        assert text[span["start"] : span["end"]] in {str(value), LOST[0], "2026年5月28日", "2026年6月2日"}, name
    page = client_of(world.reviewer).get(address(made.document)).content.decode()
    words = re.sub(r"<[^>]+>", "", page)
    for said in (*LOST, FURTHER["agency"], FURTHER["delivery_place"], "A-30469"):
        assert said in words, said
    for link in ("/c/units/?q=24C117", "/c/units/?q=CV-001"):
        assert link in page, link


def test_every_further_field_points_at_its_mark_in_a_part_that_is_open(world: World) -> None:
    where, client = address(captured(world, NOTICE)), client_of(world.reviewer)
    page, framed = (client.get(one).content.decode() for one in (where, f"{where}text/"))
    for name in ("agency", "delivery_place", "published_on", "signed_on", "other_bidders-0-name", "items-0-serial", "items-0-lot"):
        assert f'href="{where}text/#src-{name}"' in page, name
        assert f'id="src-{name}"' in framed, name
    assert '<details class="mb-4" open><summary>What else the notice says' in page
    bare = client_of(world.reviewer).get(address(captured(world, "关于西安泓桥生物科技有限公司的说明\n"))).content.decode()
    assert '<details class="mb-4"><summary>What else the notice says' in bare


def test_nothing_typed_is_lost_when_something_else_is_wrong(world: World) -> None:
    document = captured(world, NOTICE)
    given = sent(formset(world, document)) | {
        "line-0-other_bidders": " 甲  公司 \n\n乙公司\n甲 公司",
        "line-0-stage": "",
        "line-0-serial": "Ö-1",
    }
    answer = client_of(world.reviewer).post(address(document), given)
    assert answer.status_code == 422
    form = answer.context["formset"].forms[0]
    assert form["other_bidders"].value() == given["line-0-other_bidders"]
    assert form["serial"].value() == "Ö-1"
    again = client_of(world.reviewer).post(address(document), given | {"line-0-stage": "contract"})
    assert again.status_code == 302
    made = document.lines.get()
    assert made.other_bidders == ["甲 公司", "乙公司"]
    assert made.extraction["other_bidders"]["corrected"] is True


@pytest.mark.parametrize("column", FURTHER)
def test_no_further_field_of_a_confirmed_line_ever_changes(world: World, column: str) -> None:
    made = line(world, **{**FURTHER, "other_bidders": tuple(LOST)})
    value = {"other_bidders": "'[]'", "published_on": "NULL", "signed_on": "NULL"}.get(column, "''")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE certifications_evidenceline SET {column} = {value} WHERE id = %s", [made.pk])  # noqa: S608 - names of ours


def test_other_bidders_are_kept_and_never_resolved(world: World) -> None:
    confirmed(world)
    from certifications.flow.evidence import match_line

    match_line(EvidenceLine.objects.get().pk)
    names = set(ReportedName.objects.values_list("name", flat=True))
    assert "西安泓桥生物科技有限公司" in names
    assert not names & set(LOST)


def _line(**changes: Any) -> LineData:
    return LineData(stage="award", buyer="B", seller="S", product_undisclosed=True, happened_on=dt.date(2026, 6, 2), **changes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"signed_on": dt.date(2026, 6, 4)}, "signed_on"),
        ({"published_on": dt.date(2026, 6, 4)}, "published_on"),
        ({"other_bidders": tuple(map(str, range(MAX_BIDDERS + 1)))}, "other_bidders"),
        ({"other_bidders": ("n" * 301,)}, "other_bidders"),
        ({"serial": "CV-001", "quantity": Decimal(2)}, "serial"),
    ],
)
def test_what_cannot_be_is_said_of_its_field(changes: dict[str, Any], field: str) -> None:
    today = dt.date(2026, 6, 3)
    assert [one.field for one in check_lines([_line(**changes)], today)] == [field]
    good = {
        "signed_on": today,
        "published_on": today,
        "other_bidders": ("n" * 300,) * MAX_BIDDERS,
        "serial": "CV-001",
        "quantity": Decimal(1),
    }
    assert check_lines([_line(**good)], today) == []


def test_a_confirmation_by_sample_keeps_them_too(world: World) -> None:
    (data,) = proposed_data(captured(world, NOTICE))
    assert {name: getattr(data, name) for name in FURTHER} == {**FURTHER, "other_bidders": tuple(LOST)}


def test_a_day_of_the_award_is_no_day_of_signing() -> None:
    decided = read_notice(NOTICE.replace("合同签订日期", "定标日期").encode())
    assert decided.signed_on is None
    assert read_notice(NOTICE.encode()).signed_on == dt.date(2026, 5, 28)


@pytest.mark.parametrize("said", ["采购人指定地点", "详见采购文件", "按合同约定"])
def test_a_place_that_says_no_place_is_none(said: str) -> None:
    assert read_notice(NOTICE.replace("新疆维吾尔自治区库尔勒市人民东路9号", said).encode()).delivery_place == ""


def test_goods_in_a_table_have_their_numbers() -> None:
    page = """<p>乌海市公安局分析仪采购中标公告</p><p>四、主要标的信息</p><table><tr><td>货物名称</td><td>品牌</td><td>型号</td><td>目录号</td>
    <td>批号</td><td>序列号</td><td>数量</td><td>单价(元)</td></tr><tr><td>遗传分析仪</td><td>科凡仪器</td><td>CI-3600</td><td>A-30469</td>
    <td>24C117</td><td>CV-001</td><td>1台</td><td>900000</td></tr></table>"""
    (item,) = read_notice(page.encode()).items
    assert (item.model, item.catalogue_no, item.lot, item.serial, item.quantity) == ("CI-3600", "A-30469", "24C117", "CV-001", Decimal(1))


# Out and in


def test_the_package_carries_them_and_is_valid(world: World) -> None:
    for stage in ("contract", "award", "amendment", "failed", "tender", "intention", "candidate", "cancelled"):
        line(world, stage=stage, project_no=f"P-{stage}", **{**FURTHER, "other_bidders": tuple(LOST)})
    data = exported(world)
    assert faults_of(data) == []
    for one in data["releases"]:
        roles = {party["name"]: party["roles"] for party in one["parties"]}
        assert roles[FURTHER["agency"]] == ["procuringEntity"]
        assert [roles[name] for name in LOST] == [["tenderer"], ["tenderer"]]
        assert roles["西安泓桥生物科技有限公司"] == ["supplier", "tenderer"]
        assert one["tender"]["procuringEntity"]["name"] == FURTHER["agency"]
        assert [bid["name"] for bid in one["tender"]["tenderers"]] == ["西安泓桥生物科技有限公司", *LOST]
        suppliers = [s["name"] for a in one.get("awards", ()) for s in a["suppliers"]]
        assert set(suppliers) <= {"西安泓桥生物科技有限公司"}
    contract = next(one for one in data["releases"] if one["tag"] == ["contract"])
    assert contract["contracts"][0]["dateSigned"].startswith("2026-05-28")
    assert contract["awards"][0]["documents"][0]["datePublished"].startswith("2026-06-02")
    assert contract["awards"][0]["items"][0]["deliveryAddress"] == {"streetAddress": FURTHER["delivery_place"]}
    assert data["extensions"]


@pytest.mark.parametrize("stage", ["contract", "award", "amendment"])
def test_what_leaves_comes_in_again_with_all_of_them(world: World, stage: str) -> None:
    line(world, stage=stage, **{**FURTHER, "other_bidders": tuple(LOST)})
    data = exported(world)
    again: Any = read_any(json.dumps(data, default=float).encode(), "application/json", "", ("CI-2440-100",))
    (back,) = again.lines
    assert back.stage == stage
    assert "contract" in data["releases"][0]["tag"], "it tells of the contract too"
    assert {name: getattr(back, name) for name in FURTHER} == {**FURTHER, "other_bidders": tuple(LOST)}
    for name in ("agency", "delivery_place", "catalogue_no", "lot", "serial"):
        span = back.spans[name]
        assert again.text[span.start : span.end] == FURTHER[name]


def test_a_line_without_them_names_nobody_as_bidder(world: World) -> None:
    line(world)
    one = exported(world)["releases"][0]
    assert "tenderers" not in one["tender"]
    assert {role for party in one["parties"] for role in party["roles"]} == {"buyer", "supplier"}


OTHERS = {
    "tender": {"id": "T1", "procuringEntity": {"id": "A1", "name": "Agency Example"},
               "tenderers": [{"id": "S1", "name": SELLER["name"]}, {"id": "X", "name": "Lost Example"}, {"id": "Y", "name": "withheld"}]},
}  # fmt: skip


def test_a_package_brings_bidders_agency_and_days_and_the_form_keeps_them(world: World) -> None:
    contract = {"id": "C1", "awardID": "A1", "status": "active", "dateSigned": "2026-06-10T00:00:00Z"}
    item = {**award()["items"][0], "deliveryAddress": {"streetAddress": "Via Esempio 1", "countryName": "Italy"}}
    document = brought(world, package(release(awards=[award(items=[item])], contracts=[contract], **OTHERS)))
    given = {**sent(formset(world, document)), "begins": "0"}
    assert given["line-0-other_bidders"] == "Lost Example"
    assert client_of(world.reviewer).post(address(document), given).status_code == 302
    made = document.lines.get()
    assert (made.other_bidders, made.agency, made.delivery_place) == (["Lost Example"], "Agency Example", "Via Esempio 1, Italy")
    assert (made.signed_on, made.published_on) == (dt.date(2026, 6, 10), dt.date(2026, 6, 12))


def test_a_package_read_before_these_fields_still_opens(world: World) -> None:
    document = brought(world, package(release()))
    old = document.proposal
    for row in old["lines"]:
        for name in FURTHER:
            del row[name]
    EvidenceDocument.objects.filter(pk=document.pk).update(proposal=old)
    assert client_of(world.reviewer).get(address(document)).status_code == 200
    assert proposed_data(EvidenceDocument.objects.get(pk=document.pk))[0].other_bidders == ()


@pytest.mark.parametrize("change", [{"dateSigned": "soon"}, {"dateSigned": 7}])
def test_an_odd_day_of_signing_is_left_to_the_person(change: dict[str, Any]) -> None:
    contract = {"id": "C1", "awardID": "A1", "status": "active", **change}
    found: Any = read_any(package(release(contracts=[contract])).encode(), "application/json", "", ("CI-2440-100",))
    assert found.lines[0].signed_on is None


def test_eforms_bring_bidders_days_agency_and_place() -> None:
    place = "<cac:RealizedLocation><cac:Address><cbc:StreetName>Via Roma 1</cbc:StreetName><cbc:CityName>Esempio</cbc:CityName></cac:Address></cac:RealizedLocation>"
    provider = (
        "<cac:ServiceProviderParty><cbc:ServiceTypeCode>{}</cbc:ServiceTypeCode><cac:Party><cac:PartyIdentification><cbc:ID>ORG-2</cbc:ID>"
        "</cac:PartyIdentification></cac:Party></cac:ServiceProviderParty></cac:Party></cac:ContractingParty>"
    )
    for kind, agency in (("serv-prov", "Reagenti Inventati Srl"), ("ted-esen", "")):
        text = eforms().replace("</cac:Party></cac:ContractingParty>", provider.format(kind))
        text = text.replace("forensic genetics</cbc:Name>", f"forensic genetics</cbc:Name>{place}")
        found: Any = read_any(text.encode(), "application/xml")
        (one,) = found.lines
        assert one.other_bidders == ("Polizia di Esempio",)
        assert (one.signed_on, one.published_on) == (dt.date(2026, 5, 2), dt.date(2026, 5, 20))
        assert (one.agency, one.delivery_place) == (agency, "Via Roma 1, Esempio")


# Units and lots


def test_a_serial_in_confirmed_evidence_stands_with_what_is_known_of_the_unit(world: World) -> None:
    known(world)
    written(told(world.lead, service.row()), world.lead)
    (unit,) = units.find(world.reviewer, "CV-001")
    made = line(world, product_id=unit.product, serial="Cv-001", delivery_place="四川省成都市某路1号", buyer="成都岷江妇产医院")
    assert units.find(world.reviewer, "CV-001") == [unit]
    shown, _left = units.entries(world.reviewer, unit)
    (seen,) = [one for one in shown if one.what == "evidence"]
    assert (seen.serial, seen.source) == ("Cv-001", ("evidence", made.document.number))
    assert len(seen.differs) == 2, "another user and another place than was last reported"


def test_a_serial_or_lot_that_only_evidence_names_is_found_however_short(world: World) -> None:
    line(world, serial="S7", product_text="STR kit")
    line(world, lot="L9", product_text="STR kit", project_no="P-2")
    assert [(one.by, one.number, one.product) for one in units.find(world.reviewer, "s7")] == [("serial", "S7", world.kit.pk)]
    assert [(one.by, one.number) for one in units.find(world.reviewer, "L9")] == [("lot", "L9")]
    page = client_of(world.reviewer).get("/c/units/?q=S7").content.decode()
    assert "EV-" in page
    rows = client_of(world.reviewer).get("/c/units/csv/?q=S7").content.decode()
    assert "S7" in rows
    assert "EV-" in rows


def test_what_is_withdrawn_or_not_theirs_is_nobodys_sighting(world: World) -> None:
    made = line(world, serial="S7")
    assert units.find(world.people["stranger"], "S7") == []
    withdraw(document=made.document, by=world.reviewer, reason="It was a test page.")
    assert units.find(world.reviewer, "S7") == []


# Cases


def test_a_case_for_the_reader_carries_them_and_they_are_counted(world: World, tmp_path: Path) -> None:
    confirmed(world, other_bidders=f"{LOST[0]}\n青岛海汇仪器有限公司", delivery_place="新疆库尔勒市", serial="CV-002")
    call_command("keep_corrections", str(tmp_path))
    (label,) = labels(tmp_path)
    assert (label["other_bidders"], label["agency"]) == ([LOST[0], "青岛海汇仪器有限公司"], FURTHER["agency"])
    assert (label["delivery_place"], label["published_on"], label["signed_on"]) == ("新疆库尔勒市", "2026-06-02", "2026-05-28")
    assert (label["items"][0]["serial"], label["items"][0]["lot"]) == ("CV-002", "24C117")
    counted = Result()
    judge(counted, label, read_notice((tmp_path / label["file"]).read_bytes()))
    wrong = {part for part, n in counted.of.items() if counted.right[part] < n}
    assert wrong == {"other_bidders", "delivery_place", "items.serial"}
