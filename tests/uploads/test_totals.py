"""Rows of totals are no data, and a row of somebody whose name begins like one is; whatever was taken for a total can be taken in again."""

import pytest
from django.urls import reverse

from certifications.custody.models import Movement
from certifications.flow.uploads import KINDS
from certifications.uploads import actions
from certifications.uploads.models import UploadRow
from certifications.uploads.readers import table
from certifications.uploads.readers.table import table_of
from tests.custody.reports import DAY
from tests.world import World, client_of

from .files import csv
from .steps import committed, now, sent

HEAD = ("客户名称", "发票号", "发货日期", "货号", "数量")
WORDS = frozenset(["客户名称", "发票号", "发货日期", "货号", "数量"])
DATA = [("宁波江南医院", "1", "2026-10-05", "CI-2440-100", "3"), ("杭州西溪医院", "2", "2026-10-06", "CI-2440-100", "4")]


def left(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD, data: list[tuple[str, ...]] = DATA) -> list[int]:
    """Which of the rows behind the data were taken for totals, by their place among them."""
    every = [head, *data, *rows]
    found = table_of([(n, list(cells)) for n, cells in enumerate(every, start=1)], WORDS)
    return [number - len(data) - 2 for number, _cells in found.totals]


@pytest.mark.parametrize(
    "name",
    [
        "Sumitomo Pharma",
        "Summit Medical",
        "Total Lab Co",
        "Sum-2026-001",
        "Sum",
        "Total",
        "TOTALS Ltd",
        "合计",
        "合计生物",
        "Subtotal",
        "共计医疗器械",
    ],
)
def test_a_row_that_says_as_much_as_the_others_is_data_whatever_its_first_cell(name: str) -> None:
    assert left((name, "3", "2026-10-07", "CI-2440-100", "5")) == []
    assert left((name, "3", "46302", "CI-2440-100", "5")) == [], "a day as Excel counts them"
    assert left((name, "2026/10/7", "", "", "")) == [], "a day is enough"


@pytest.mark.parametrize(
    "name",
    ["合计", "合 计", "本页小计", "总计：", "合计（2 行）", "合计数量", "共计 7 盒", "Total", "Totals", "Sum", "Grand total:", "Sub-total", "Total (2 rows)", "Total quantity", "Total of page 1",
     "TOTAL 7", "Sum: 7", "Total CNY", "Total price", "Total net amount", "Total sales amount", "合计金额大写", "合计（含税）金额", "合计RMB"],
)  # fmt: skip
def test_a_total_is_none(name: str) -> None:
    assert left((name, "", "", "", "7")) == [0]
    assert left((name, "", "", "", "7 盒")) == [0]
    # Of a narrow table a total fills as many cells as the data do.
    assert left((name, "7", "4800.00"), head=("货号", "数量", "金额"), data=[("CI-2440-100", "3", "1"), ("CI-2440-200", "4", "2")]) == [0]


@pytest.mark.parametrize("name", ["Total Lab Co", "Summit Medical", "合计生物科技", "Sum-2026-001"])
def test_a_name_is_no_total_however_little_its_row_says(name: str) -> None:
    assert left((name, "", "", "", "7")) == []


def test_more_totals_than_are_kept_are_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_TOTALS", 2)
    assert left(*[("合计", "", "", "", "7")] * 3) == [0, 1]


@pytest.mark.django_db
def test_what_was_taken_for_a_total_is_looked_at_and_taken_in(world: World) -> None:
    rows = [("宁波江南医院", f"A-{n}", DAY.isoformat(), "CI-2440-100", "3") for n in range(2)]
    # Somebody of this name, in a row that says nothing but how many: nobody but a person can tell.
    upload = sent(world.filer, csv(HEAD, *rows, ("合计", "", "", "", "6"), (*rows[0][:1], "", "", "CI-2440-100", "1")), kind="sales")
    client = client_of(world.filer)
    page = client.get(reverse("distributors:upload", args=[upload.number])).content.decode()
    look = reverse("distributors:upload-rows", args=[upload.number]) + "?what=left_out"
    assert look in page
    assert (upload.counts["rows"], upload.counts["left_out"]) == (3, 0), "counted as data only when a person says so"
    assert "合计" in client.get(look).content.decode()
    # A blank below it means what stands above it, and not the word.
    assert UploadRow.objects.get(upload=upload, number=5).filled.get("invoice_no", "") != "合计"
    assert upload.remarks == [remark for remark in upload.remarks if remark["code"] != "total"]

    client.post(reverse("distributors:upload-mend", args=[upload.number]), {"row": "4", "act": "take_in"})
    assert UploadRow.objects.get(upload=upload, number=4).state == "attention"
    for field, value in (("product", "CI-2440-100"), ("shipped_on", DAY.isoformat()), ("invoice_no", "A-9")):
        actions.mend(upload=now(upload), kind=KINDS["sales"], by=world.filer, number=4, field=field, value=value)
    assert committed(now(upload), world.filer, "ready").counts["done"] >= 3
    assert Movement.objects.filter(row=4, buyer_name="合计").exists()


@pytest.mark.django_db
def test_a_firm_whose_name_begins_like_a_total_is_reported(world: World) -> None:
    named = [(name, f"A-{n}", DAY.isoformat(), "CI-2440-100", "3") for n, name in enumerate(("Sumitomo Pharma", "Total", "Total Lab Co"))]
    upload = committed(sent(world.filer, csv(HEAD, *named, ("Total", "", "", "", "9")), kind="sales"), world.filer)
    assert list(Movement.objects.order_by("row").values_list("buyer_name", flat=True)) == ["Sumitomo Pharma", "Total", "Total Lab Co"]
    assert upload.reading["left_out"] == {"total": 1}
    assert upload.remarks == []
