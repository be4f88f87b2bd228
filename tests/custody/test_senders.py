"""Which way a unit came that a distributor's event says it received: told by what one's own records say of that very unit, up to that day."""

import datetime as dt
from typing import Any

import pytest

from certifications.custody.models import Movement
from certifications.flow.event_senders import is_out
from certifications.flow.uploads import KINDS
from certifications.people.models import User
from certifications.uploads import actions
from certifications.uploads.models import Upload
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import now, sent
from tests.world import World

from .events import HOSPITAL, QINGLAN, analyser, event, lot
from .reports import DAY, HEAD, row
from .test_events import recorded, reported
from .test_sales import codes as all_codes
from .test_transfers import COLLEAGUE, WITH_COLLEAGUE, received

__all__ = ["recorded"]  # the fixture of recorded GTINs and GLNs

pytestmark = pytest.mark.django_db
UNIT = {"货号": "CI-3600-A", "数量": "1", "单位": "台", "批号": "", "单价": "", "金额": "", "序列号": "A1"}
ASKED = [(1, "step", "which_way")]


def codes(upload: Upload) -> list[tuple[int, str, str]]:
    """Whether the row asks which way; what else is said of it is other tests' business."""
    return [one for one in all_codes(upload) if one in ASKED]


def moved(by: User, days: int, kind: str = "销售", **changes: str) -> None:
    """The unit A1 went to the hospital, or came from it, so many days after DAY."""
    day = (DAY + dt.timedelta(days=days)).isoformat()
    upload = sent(by, csv(HEAD, row(**{**UNIT, "发货日期": day, "交易类型": kind, "发票号": f"N{days}{kind}", **changes})), kind="sales")
    for problem in upload.problems.filter(blocks=True).exclude(accept={}):
        actions.accept(upload=upload, kind=KINDS["sales"], by=by, field=problem.field, code=problem.code)
    written(now(upload), by, "ready")
    assert Movement.objects.filter(happened_on=day, taken_back_at=None).exists()


def came(by: User, *epcs: str, days: int = 0, **changes: Any) -> Upload:
    """An event that the unit was received from the hospital."""
    time = f"{(DAY + dt.timedelta(days=days)).isoformat()}T08:30:00.000Z"
    said = event(*(epcs or (analyser("A1"),)), since=HOSPITAL, to=QINGLAN, bizStep="receiving", eventTime=time, eventID="urn:uuid:c1")
    return reported(by, {**said, **changes})


def test_a_unit_that_went_out_before_is_given_back(recorded: World) -> None:
    moved(recorded.filer, 0)
    assert codes(came(recorded.filer, days=3)) == []


def test_small_and_capital_letters_of_a_serial_number_are_one_unit(recorded: World) -> None:
    moved(recorded.filer, 0, 序列号="a1")
    assert codes(came(recorded.filer, days=3)) == []


def test_the_same_serial_number_of_another_product_says_nothing(recorded: World) -> None:
    moved(recorded.filer, 0, 货号="CI-2440-100", 单位="盒")
    assert codes(came(recorded.filer, days=3)) == ASKED


def test_what_happened_after_the_day_of_the_event_does_not_decide(recorded: World) -> None:
    moved(recorded.filer, 5)
    assert codes(came(recorded.filer, days=3)) == ASKED
    moved(recorded.filer, 0)
    assert codes(came(recorded.filer, days=3)) == [], "it was out on the third day all the same"


def test_what_went_out_that_very_day_went_before_it_came_in(recorded: World) -> None:
    moved(recorded.filer, 3)
    assert codes(came(recorded.filer, days=3)) == []
    moved(recorded.filer, 3, "退货")
    assert codes(came(recorded.filer, days=3)) == ASKED, "and came back already"


def test_the_day_is_that_of_the_place_of_the_event(recorded: World) -> None:
    moved(recorded.filer, 0, "退货")
    moved(recorded.filer, 4)
    late = f"{(DAY + dt.timedelta(days=3)).isoformat()}T20:30:00.000Z"
    assert codes(came(recorded.filer, eventTime=late, eventTimeZoneOffset="+08:00")) == [], "the fourth day there"
    assert codes(came(recorded.filer, eventTime=late, eventTimeZoneOffset="+00:00", eventID="urn:uuid:c2")) == ASKED


@pytest.mark.parametrize(
    ("before", "same_day", "out"),
    [
        (None, (), False), ("sale", (), True), ("return", (), False), ("rma", (), False), ("receipt", (), False),
        (None, ("sale",), True), ("return", ("sale",), True), ("sale", ("loan",), True), ("rma", ("sale",), True),
        ("sale", ("return",), False), ("return", ("receipt",), False), (None, ("receipt",), False),
        ("sale", ("return", "sale"), True), ("return", ("sale", "return"), False),
        ("sale", ("rma",), True), ("return", ("rma",), None), (None, ("rma",), None), ("receipt", ("sale", "rma"), True),
    ],
)  # fmt: skip
def test_a_unit_goes_out_and_comes_in_by_turns(before: str | None, same_day: tuple[str, ...], out: bool | None) -> None:  # noqa: FBT001
    assert is_out(before, same_day) is out


# Who sent it: what the same file says, and who is both


def asked(upload: Upload) -> set[int]:
    """Rows that ask which way their goods came."""
    return set(upload.problems.filter(code="which_way").values_list("number", flat=True))


def both_ways(recorded: World) -> Upload:
    """Goods go to a firm, and come from it, in one file."""
    went = event(quantityList=[lot("24A", 9)], epcList=[], since=QINGLAN, to=COLLEAGUE)
    return reported(recorded.filer, went, received(number=2, quantityList=[lot("24A", 1)]), names=WITH_COLLEAGUE)


def test_a_row_that_is_left_out_sends_nothing_to_anybody(recorded: World) -> None:
    upload = both_ways(recorded)
    assert asked(upload) == set(), "a customer by the same file"
    actions.leave_out(upload=upload, kind=KINDS["epcis"], by=recorded.filer, number=1)
    assert asked(now(both_looked_at(upload, recorded))) == {2}


def both_looked_at(upload: Upload, recorded: World) -> Upload:
    """The second row, looked at again."""
    actions.leave_out(upload=upload, kind=KINDS["epcis"], by=recorded.filer, number=2)
    actions.leave_out(upload=upload, kind=KINDS["epcis"], by=recorded.filer, number=2, back=True)
    return upload


def test_a_step_that_a_person_mended_is_the_step(recorded: World) -> None:
    upload = both_ways(recorded)
    actions.mend(upload=upload, kind=KINDS["epcis"], by=recorded.filer, number=1, field="step", value="storing")
    assert asked(now(both_looked_at(upload, recorded))) == {2}


def known_as(by: User, *kinds: str) -> None:
    """The firm of another distributor, in one's own records: sent to, received from."""
    rows = [row(交易类型=kind, 客户名称=WITH_COLLEAGUE[COLLEAGUE], 发票号=kind, 批号="23Z", 金额="") for kind in kinds]
    if rows:
        assert written(sent(by, csv(HEAD, *rows), kind="sales"), by).status == "committed"


@pytest.mark.parametrize(
    ("kinds", "was_out", "asks"),
    [
        (("销售",), True, False), (("调入",), True, True), (("销售", "调入"), True, True),
        (("调入",), False, False), (("销售",), False, True), (("销售", "调入"), False, True), ((), False, True), ((), True, True),
    ],
)  # fmt: skip
def test_a_unit_comes_back_from_a_customer_and_on_from_a_colleague_alone(
    recorded: World,
    kinds: tuple[str, ...],
    was_out: bool,  # noqa: FBT001
    asks: bool,  # noqa: FBT001
) -> None:
    known_as(recorded.filer, *kinds)
    if was_out:
        moved(recorded.filer, 0)
    time = f"{(DAY + dt.timedelta(days=3)).isoformat()}T08:30:00.000Z"
    upload = reported(recorded.filer, received(analyser("A1"), eventTime=time), names=WITH_COLLEAGUE)
    assert bool(asked(upload)) is asks
