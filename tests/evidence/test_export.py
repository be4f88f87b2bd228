"""Confirmed evidence leaves as an OCDS release package that is valid by the vendored schema, and comes in again."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from certifications.evidence.actions import confirm
from certifications.evidence.ocds_out import as_text, number
from certifications.evidence.readers.everything import read_any
from certifications.evidence.readers.ocds_faults import Faults, check_package, check_releases
from certifications.evidence.rules import STAGES, LineData
from certifications.pages.compliance import views_sources
from certifications.people.models import SecurityEvent
from tests.flags.cases import captured, line
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
FULL: dict[str, Any] = {
    "quantity": Decimal("18.50"), "unit": "盒", "unit_price": Decimal("25800"), "amount": Decimal("99999999999999.99"), "currency": "EUR",
    "seller_identifier": "GB-COH 01234567", "buyer_uscc": "11650000MB1234567X", "product_text": 'STR "kit" \\ =1+1',
}  # fmt: skip


def exported(world: World, by: str = "reviewer", **filters: str) -> dict[str, Any]:
    answer = client_of(world.people[by]).get("/c/evidence/export/", filters)
    assert answer.status_code == 200, answer.content
    assert answer.streaming
    assert answer["Content-Disposition"].startswith("attachment")
    found: dict[str, Any] = json.loads(b"".join(answer.streaming_content), parse_float=Decimal)
    return found


def faults_of(data: dict[str, Any]) -> list[Any]:
    faults = Faults()
    check_package(data, "release-package", faults)
    check_releases([(n, f"releases[{n}]", one) for n, one in enumerate(data["releases"])], faults)
    return faults.kept


@pytest.mark.parametrize("prices", [True, False])
def test_every_kind_of_confirmed_line_is_valid_ocds(world: World, monkeypatch: pytest.MonkeyPatch, *, prices: bool) -> None:
    monkeypatch.setattr(views_sources, "sees_prices", lambda _user: prices)
    for n, stage in enumerate(STAGES):
        line(world, stage=stage, project_no=f"P-{n}", **FULL)
    line(world, seller="", seller_withheld=True, product_id="", product_undisclosed=True, project_no="")
    data = exported(world)
    assert faults_of(data) == []
    assert len(data["releases"]) == len(STAGES) + 1
    assert {one["tag"][0] for one in data["releases"]} == {"award", "contract", "tender", "planning", "awardUpdate", "awardCancellation"}
    assert all(one["ocid"].startswith("ocds-000000-") for one in data["releases"])


def test_what_is_said_is_what_was_confirmed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_sources, "sees_prices", lambda _user: True)
    line(world, stage="contract", **FULL)
    one = exported(world)["releases"][0]
    award, contract = one["awards"][0], one["contracts"][0]
    assert award["value"] == contract["value"] == {"amount": Decimal("99999999999999.99"), "currency": "EUR"}
    assert award["items"][0]["quantity"] == Decimal("18.5")
    assert award["items"][0]["description"] == FULL["product_text"]
    assert contract["awardID"] == award["id"]
    assert one["parties"][0]["identifier"] == {"scheme": "CN-USCC", "id": "11650000MB1234567X", "legalName": "库尔勒市公安局"}
    assert one["parties"][1]["identifier"]["id"] == "01234567"


def test_an_award_and_its_contract_have_one_award_id_in_one_process(world: World) -> None:
    line(world)
    line(world, stage="contract")
    first, second = exported(world)["releases"]
    assert first["ocid"] == second["ocid"]
    assert first["awards"][0]["id"] == second["awards"][0]["id"]


def test_what_came_as_a_package_keeps_its_ocid_and_comes_in_again(world: World) -> None:
    line(world, project_no="ocds-b5fd17-77", product_text="STR kit")
    data = exported(world)
    assert data["releases"][0]["ocid"] == "ocds-b5fd17-77"
    again: Any = read_any(
        as_text(data | {"releases": json.loads(json.dumps(data["releases"], default=float))}).encode(), "application/json"
    )
    assert [(one.stage, one.buyer, one.seller) for one in again.lines] == [("award", "库尔勒市公安局", "西安泓桥生物科技有限公司")]


def test_the_prefix_is_a_setting(world: World, settings: Any) -> None:
    settings.OCID_PREFIX = "ocds-a1b2c3"
    line(world)
    assert exported(world)["releases"][0]["ocid"].startswith("ocds-a1b2c3-")


def test_the_filters_of_the_list_are_in_force(world: World) -> None:
    line(world, seller="嘉兴远昌贸易有限公司", project_no="P-1")
    line(world, project_no="P-2")
    captured(world)
    assert len(exported(world)["releases"]) == 2
    assert len(exported(world, q="嘉兴远昌")["releases"]) == 1
    empty = client_of(world.reviewer).get("/c/evidence/export/", {"q": "nobody", "state": ""}, follow=True)
    assert "nothing to hand out" in empty.content.decode()


def test_sums_leave_only_for_who_sees_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    line(world, **FULL)
    for sees in (True, False):
        monkeypatch.setattr(views_sources, "sees_prices", lambda _user, sees=sees: sees)
        text = json.dumps(exported(world), default=str)
        assert ("99999999999999.99" in text) == sees
        assert ("25800" in text) == sees


def test_the_export_is_on_record(world: World) -> None:
    line(world)
    exported(world)
    assert SecurityEvent.objects.filter(code="export", data__rule="evidence").count() == 1


def test_many_documents_are_streamed_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_sources, "CHUNK", 3)
    day = dt.date(2026, 6, 1)
    for n in range(5):
        two = [
            LineData(stage="award", buyer="库尔勒市公安局", seller=f"S{n}{i}", happened_on=day, product_id=world.kit.pk, project_no=f"P{n}")
            for i in "ab"
        ]
        confirm(document=captured(world), by=world.reviewer, lines=two)
    data = exported(world)
    assert sum(len(one["awards"]) for one in data["releases"]) == 10
    assert len(data["releases"]) == 5


def test_numbers_are_exact() -> None:
    assert (
        as_text({"a": number(Decimal("1.10")), "b": number(Decimal("1E+3")), "c": "\\u00005"}) == '{"a": 1.1, "b": 1000, "c": "\\\\u00005"}'
    )
