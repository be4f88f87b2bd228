"""What older readers left, packages that are odd or very large, and numbers of goods as people write them."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from bench.notices import labels
from certifications.evidence.models import EvidenceDocument
from certifications.evidence.proposed import initial_lines, line_places
from certifications.evidence.readers import ocds_parts
from certifications.evidence.readers.everything import read_any
from certifications.flow import unit_entries, units
from certifications.pages.compliance.proposals import word_of
from tests.custody.test_service import known
from tests.evidence.packages import SELLER, award, eforms, package, release
from tests.evidence.test_package_pages import sent
from tests.evidence.test_whole_lines import NOTICE, address, formset
from tests.flags.cases import captured, line
from tests.world import World, client_of

pytestmark = pytest.mark.django_db


def read(content: str, kind: str = "application/json") -> Any:
    return read_any(content.encode(), kind, "", ("CI-2440-100",))


def of_an_older_reader(document: EvidenceDocument) -> EvidenceDocument:
    """The document as reader 1.1.0 left it."""
    proposal = {name: value for name, value in document.proposal.items() if name != "delivery_place"}
    proposal["fields"].pop("delivery_place", None)
    EvidenceDocument.objects.filter(pk=document.pk).update(proposal=proposal)
    return EvidenceDocument.objects.get(pk=document.pk)


# Older readers


def test_what_an_older_reader_took_for_the_day_of_signing_is_not_proposed(world: World) -> None:
    now = captured(world, NOTICE)
    assert initial_lines(now)[0]["signed_on"] == dt.date(2026, 5, 28)
    assert "signed_on" in line_places(now)[0]
    old = of_an_older_reader(now)
    assert initial_lines(old)[0]["signed_on"] is None
    assert "signed_on" not in line_places(old)[0]
    assert initial_lines(old)[0]["published_on"] == dt.date(2026, 6, 2)


def test_a_case_says_nothing_of_what_nobody_was_asked_for(world: World, tmp_path: Path) -> None:
    document = captured(world, NOTICE)
    given = sent(formset(world, document)) | {"line-0-seller": "西安泓桥股份有限公司", "line-0-agency": "", "line-0-other_bidders": ""}
    assert client_of(world.reviewer).post(address(document), given).status_code == 302
    of_an_older_reader(document)
    call_command("keep_corrections", str(tmp_path))
    (label,) = labels(tmp_path)
    assert not {"agency", "delivery_place", "other_bidders", "published_on", "signed_on"} & set(label)


# Units


def test_a_lot_and_a_serial_number_of_the_same_writing_are_two(world: World) -> None:
    line(world, serial="X77")
    line(world, lot="X77", project_no="P-2")
    found = {unit.by: units.entries(world.reviewer, unit)[0] for unit in units.find(world.reviewer, "x77")}
    assert [(one.serial, one.lot) for one in found["serial"]] == [("X77", "")]
    assert [(one.serial, one.lot) for one in found["lot"]] == [("", "X77")]


def test_a_notice_that_names_no_product_of_ours_is_shown_and_compared_with_nothing(world: World) -> None:
    known(world)
    (unit,) = units.find(world.reviewer, "CV-001")
    line(world, product_id="", product_text="一台设备", serial="CV-001", delivery_place="四川省成都市某路1号", buyer="成都岷江妇产医院")
    (seen,) = [one for one in units.entries(world.reviewer, unit)[0] if one.what == "evidence"]
    assert seen.differs == ()


def test_lines_that_give_the_number_come_before_those_whose_words_hold_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_entries, "MOST_IN_TEXT", 2)
    day = dt.date.today() - dt.timedelta(days=400)
    line(world, serial="SN-4711", happened_on=day)
    for n in range(3):
        line(world, product_text="kit for SN-4711", project_no=f"P-{n}")
        line(world, product_id="", product_undisclosed=True, product_text=f"other SN-4711 {n}", project_no=f"Q-{n}")
    (unit,) = units.find(world.reviewer, "SN-4711")
    shown, _left = units.entries(world.reviewer, unit)
    assert [one.serial for one in shown] == ["SN-4711", ""]


def test_numbers_are_kept_as_files_have_theirs_and_found_in_any_case(world: World) -> None:
    made = line(world, serial="Ｃｖ－００1  ａ", lot=" ２４Ｃ117 ")
    assert (made.serial, made.lot) == ("Cv-001 a", "24C117")
    assert [one.number for one in units.find(world.reviewer, "cV-001 A")] == ["Cv-001 a"]
    long = line(world, serial="㎏" * 60, project_no="P-2")
    assert long.serial == "㎏" * 60, "kept as it is where it would not fit"


# Packages


@pytest.mark.parametrize("roles", [1, "tenderer", None, {"tenderer": 1}])
def test_roles_that_are_no_list_are_none(roles: Any) -> None:
    odd = {"id": "X", "name": "Odd Example", "roles": roles}
    contract = {"id": "C9", "awardID": "A9", "status": "active", "title": "STR kit", "dateSigned": "2026-07-01"}
    found = read(package(release(parties=[odd, SELLER], buyer={}, contracts=[contract])))
    assert {one.other_bidders for one in found.lines} == {()}
    assert {one.buyer for one in found.lines} == {""}
    assert {one.seller for one in found.lines} == {SELLER["name"]}


def test_a_large_package_is_read_with_as_many_other_bidders_as_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocds_parts, "MAX_NAMED", 1000)
    tender = {"id": "T", "tenderers": [{"id": f"L{n}", "name": f"Lost Example {n:03}"} for n in range(60)]}
    item = award()["items"][0]
    one_line = read(package(release(tender=tender), release(2, tender=tender)))
    assert [len(one.other_bidders) for one in one_line.lines] == [60, 0]
    assert "bidders_left_out" in one_line.notes
    assert "other_bidders" not in one_line.lines[1].spans
    many = read(package(release(tender=tender, awards=[award(items=[item] * 5)])))
    assert [len(one.other_bidders) for one in many.lines] == [0] * 5, "each line of an award repeats them"
    few = read(package(release(tender={"id": "T", "tenderers": tender["tenderers"][:2]})))
    assert "bidders_left_out" not in few.notes


def test_the_names_of_a_full_package_stay_within_bounds() -> None:
    tender = {"id": "T", "tenderers": [{"id": f"L{n}", "name": f"{n:03} " + "有" * 290} for n in range(60)]}
    goods = [award()["items"][0]] * 1000
    found = read(package(release(tender=tender, awards=[award(items=goods)]), release(2, tender=tender, awards=[award(items=goods)])))
    assert len(found.lines) == 2000
    assert sum(len(name) for one in found.lines for name in one.other_bidders) <= ocds_parts.MAX_NAMED


def test_the_day_of_the_notice_comes_before_the_day_of_the_release() -> None:
    documents = [
        {"id": "1", "documentType": "evaluationReports", "datePublished": "2026-01-01T00:00:00Z"},
        {"id": "2", "documentType": "awardNotice", "datePublished": "2026-06-03T00:00:00Z"},
    ]
    (found,) = read(package(release(awards=[award(documents=documents)]))).lines
    assert found.published_on == dt.date(2026, 6, 3)
    (odd,) = read(package(release(awards=[award(documents=[{"documentType": "awardNotice", "datePublished": "soon"}])]))).lines
    assert odd.published_on == dt.date(2026, 6, 12)


def test_a_losing_bidder_of_eforms_without_a_number_is_no_fault() -> None:
    text = eforms().replace("<cac:PartyLegalEntity><cbc:CompanyID>IT-1</cbc:CompanyID></cac:PartyLegalEntity>", "")
    # The buyer, whose number is asked for, is another than the loser here.
    loser = text.replace(
        "<cac:Party><cac:PartyIdentification><cbc:ID>ORG-1</cbc:ID>", "<cac:Party><cac:PartyIdentification><cbc:ID>ORG-2</cbc:ID>"
    )
    found = read(loser, "application/xml")
    assert found.lines[0].other_bidders == ("Polizia di Esempio",)
    assert {fault.name for fault in found.faults} == {"Reagenti Inventati Srl"}


# Words


@pytest.mark.parametrize(
    ("place", "word"),
    [
        ("items.3.lot", "Lot of the goods"), ("lines.2.lot", "Lot of the goods"), ("suppliers.0.lot", "Part of the tender"),
        ("other_bidders.0.name", "Other bidders"), ("lines.0.other_bidders", "Other bidders"), ("suppliers.0.name", "Supplier"),
        ("published_on", "Published on"), ("lines.0.happened_on", "Date of the award"), ("nothing.known", "nothing.known"),
    ],
)  # fmt: skip
def test_each_mark_has_the_word_of_its_own_place(place: str, word: str) -> None:
    assert word_of(place) == word
