"""A row that is on record and comes again with something corrected: it is asked about, and never skipped without a word."""

from typing import Any

import pytest

from certifications.custody.models import Movement
from certifications.flow.uploads import KINDS
from certifications.people.models import User
from certifications.uploads import actions
from certifications.uploads.kinds import Line
from certifications.uploads.models import Upload
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import now, problems, sent, undone
from tests.world import World

from .reports import HEAD, row
from .shipments import HEAD as SHIPPED
from .shipments import row as shipment
from .test_sales import accept_all, codes

pytestmark = pytest.mark.django_db
MORE = {
    "客户类型": "医院",
    "终端信用代码": "12330200MA2GX00010",
    "收货地址": "宁波市中山东路 412 号",
    "省份": "浙江省",
    "城市": "宁波市",
    "币种": "CNY",
    "备注": "急",
}
FIELDS = dict(zip(MORE, ("buyer_type", "end_user_uscc", "address", "province", "city", "currency", "note"), strict=True))


def report(by: User, **changes: str) -> Upload:
    said: dict[str, Any] = {**MORE, **changes}
    return sent(by, csv((*HEAD, *said), (*row(), *said.values())), kind="sales")


def otherwise(upload: Upload) -> list[tuple[int, str, str]]:
    return [one for one in codes(upload) if one[2] == "recorded_otherwise"]


@pytest.mark.parametrize("heading", list(MORE))
@pytest.mark.parametrize("blank", [False, True])
def test_a_row_that_comes_again_corrected_waits(world: World, heading: str, *, blank: bool) -> None:
    written(report(world.filer), world.filer)
    assert (report(world.filer).counts["will_skip"], otherwise(report(world.filer))) == (1, []), "as it was, it is skipped"
    new = "" if blank else {"终端信用代码": "91330200MA2GX0001X", "币种": "USD"}.get(heading, "别的")
    upload = report(world.filer, **{heading: new})
    assert otherwise(upload) == [(2, FIELDS[heading], "recorded_otherwise")]
    assert upload.counts["attention"] == 1
    assert any(f"says “{MORE[heading]}” there" in sentence for _n, _field, sentence in problems(upload))


def test_what_is_on_record_stays_when_a_person_says_so_and_is_corrected_when_it_is_taken_back(world: World) -> None:
    first = written(report(world.filer, 收货地址=""), world.filer)
    upload = report(world.filer)
    assert "says nothing there" in problems(upload)[-1][2]
    kept = accept_all(upload, world.filer)
    assert (kept.counts["ready"], kept.counts["will_skip"]) == (1, 1)
    assert written(kept, world.filer).counts["did_skip"] == 1
    assert Movement.objects.get().address == ""
    # The way that the sentence names.
    again = report(world.filer)
    undone(now(first), world.filer)
    actions.mend(upload=again, kind=KINDS["sales"], by=world.filer, number=2, field="description", value="kit")
    written(now(again), world.filer)
    assert Movement.objects.get(taken_back_at=None).address == MORE["收货地址"]


def test_a_file_without_the_column_says_nothing_of_it(world: World) -> None:
    written(report(world.filer), world.filer)
    upload = sent(world.filer, csv(HEAD, row()), kind="sales")
    assert (codes(upload), upload.counts["will_skip"]) == ([], 1)


def test_a_shipment_that_comes_again_corrected_waits(world: World) -> None:
    def shipped(where: str) -> Upload:
        return sent(world.lead, csv((*SHIPPED, "Ship to address"), (*shipment(), where)), kind="shipments")

    written(shipped("Shenzhen, Keyuan Road 1"), world.lead)
    assert codes(shipped("Shenzhen, Keyuan Road 1")) == []
    assert codes(shipped("Shenzhen, Keyuan Road 2")) == [(2, "address", "recorded_otherwise")]


def test_the_key_of_a_row_is_of_its_serial_numbers_as_typed() -> None:
    """Rows that were kept before wide marks were read as plain ones stay the rows that they were."""
    kind = KINDS["sales"]

    def key(typed: str, read: str) -> str:
        return kind.key(Line(2, {"serial": typed}, values={"serial": read}), "")

    assert key("SN001，SN002", "SN001,SN002") == key(" SN001，SN002 ", "SN001，SN002")
    assert key("SN001", "SN001") != key("SN002", "SN002")
