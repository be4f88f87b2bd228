"""A cell that is mended wherever it says the same: few rows at once, many by one statement and a worker, and the same rows either way."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certifications.flow.uploads import KINDS
from certifications.uploads import actions, many
from certifications.uploads.models import Upload
from certifications.uploads.rules import Columns, texts_of
from tests.custody.reports import row
from tests.custody.test_sales import report
from tests.world import World

from .steps import now, worked

pytestmark = pytest.mark.django_db


def mended(upload: Upload, world: World, field: str, value: str, number: int = 2) -> int:
    about: dict[str, Any] = {"number": number, "field": field, "value": value, "everywhere": True}
    return actions.mend(upload=upload, kind=KINDS["sales"], by=world.filer, **about)


def wrong(world: World, count: int = 5) -> Upload:
    """So many rows with one unknown product, one with another, and one that is right."""
    rows = [row(货号="XX-1", 发票号=f"A-{n}") for n in range(count)]
    return report(world, *rows, row(货号="XX-2", 发票号="B"), row(发票号="C"))


@pytest.mark.parametrize("at_once", [2, 100])
def test_many_rows_are_mended_by_one_statement_and_a_worker(world: World, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", at_once)
    upload = wrong(world)
    assert mended(upload, world, "product", "CI-2440-100") == 5
    assert now(upload).status == ("checking" if at_once == 2 else "checked"), "no page waits for many"
    upload = worked(now(upload))
    assert (upload.counts["ready"], upload.counts["attention"]) == (6, 1)
    assert [r.number for r in upload.rows.order_by("number") if r.mended] == [2, 3, 4, 5, 6]


def test_the_page_reads_and_writes_no_more_for_more_rows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    sizes = []
    for count in (5, 40):
        upload = wrong(world, count)
        with CaptureQueriesContext(connection) as asked:
            mended(upload, world, "product", "CI-2440-100")
        sizes.append(sum(len(query["sql"]) for query in asked) // 100)
    assert abs(sizes[0] - sizes[1]) <= 1


def test_few_of_many_wrong_rows_are_looked_at_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    upload = wrong(world)
    assert mended(upload, world, "product", "CI-2440-100", number=7) == 1
    assert now(upload).status == "checked"


def columns(**more: Any) -> Columns:
    return Columns(**{"columns": {0: "buyer", 1: "amount"}, **more})


@pytest.mark.parametrize(
    ("cells", "own", "old", "held", "found"),
    [
        (["x", "12"], {}, "12", columns(), True),
        (["x", "13"], {}, "12", columns(), False),
        (["x"], {}, "", columns(), True),
        (["x", ""], {"filled": {"amount": "12"}}, "12", columns(), True),
        (["x", "13"], {"filled": {"amount": "12"}}, "12", columns(), False),
        (["x", "13"], {"mended": {"amount": "12"}}, "12", columns(), True),
        (["x", "12"], {"mended": {"amount": ""}}, "12", columns(), False),
        (["x", "12"], {"mended": {"amount": ""}}, "", columns(), True),
        (["x", "'-12"], {}, "-12", columns(), True),
        (["x", "'12"], {}, "12", columns(), False),
        (["x", "12"], {}, "12万", columns(scaled=frozenset({"amount"})), True),
        (["x", "12万"], {}, "12万", columns(scaled=frozenset({"amount"})), True),
        (["x", "12"], {}, "12", columns(scaled=frozenset({"amount"})), False),
        (["x"], {}, "12", columns(columns={0: "buyer"}, constants={"amount": "12"}), True),
        (["x"], {}, "", columns(columns={0: "buyer"}, constants={"amount": "12"}), False),
        (["x"], {"mended": {"amount": "13"}}, "13", columns(columns={0: "buyer"}, constants={"amount": "12"}), True),
    ],
)  # fmt: skip
def test_the_statement_finds_what_a_row_says(
    world: World, *, cells: list[str], own: dict[str, dict[str, str]], old: str, held: Columns, found: bool
) -> None:
    upload = report(world, row(金额="viel"))
    one = upload.rows.get()
    one.cells, one.mended, one.filled = cells, own.get("mended", {}), own.get("filled", {})
    one.save()
    assert (texts_of(one.cells, one.mended, one.filled, held).get("amount", "") == old) == found
    assert many.saying(upload, held, "amount", old, 9) == ([one.pk] if found else [])
