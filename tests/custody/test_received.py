"""Who sent what a distributor received: the two halves beside each other for compliance, and a flag where the sender had no right."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from certifications.custody.models import Movement
from certifications.flags.models import Case, Flag
from certifications.flags.rules import BY_ID
from certifications.flow import first_day, received, resolution, units
from certifications.flow.halves import halves
from certifications.mail.models import Mail
from certifications.parties.authorising import record_authorisation
from certifications.parties.models import Party
from certifications.people.models import Organisation, User
from certifications.programme import actions as programme
from certifications.programme.models import ProgrammeStart
from certifications.resolution.models import ReportedName
from certifications.uploads.models import Upload
from certifications.work.models import Job
from tests.flags.decisions import judged
from tests.flow.steps import work
from tests.parties.rights import terms
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import sent, undone
from tests.world import World, client_of, proof_for

from . import service
from .reports import DAY, HEAD, row
from .test_service import told as seen_at

pytestmark = pytest.mark.django_db


def reported(by: User, *rows: tuple[Any, ...]) -> Upload:
    upload = written(sent(by, csv(HEAD, *rows), kind="sales"), by, "ready")
    work("names", "received")
    return upload


def got(sender: str, **changes: str) -> tuple[Any, ...]:
    """Twenty kits of lot 24A that somebody sent."""
    return row(**{"交易类型": "调入", "客户名称": sender, "数量": "20", "金额": "", **changes})


@pytest.fixture
def colleague(world: World) -> User:
    """The filer of another distributor, who has a right where Qinglan is too."""
    filer = world.people["stranger"]
    assert filer.organisation is not None
    data = terms(since=240, divisions=("440000",))
    long_ago = timezone.now() - dt.timedelta(days=241)
    record_authorisation(party=filer.organisation.party, by=None, data=data, recorded_at=long_ago)
    return filer


def flags() -> list[tuple[str, str, str]]:
    """(standing, severity, state)."""
    return [(f.inputs["standing"], f.severity, f.state) for f in Flag.objects.filter(rule="RECV").order_by("pk")]


def test_goods_of_an_authorised_colleague_raise_nothing(world: World, colleague: User) -> None:
    assert colleague.organisation is not None
    reported(world.filer, got(colleague.organisation.name))
    assert flags() == []
    assert Job.objects.filter(kind="received", state="done").exists(), "and the register was asked"


def test_goods_of_a_firm_that_nobody_registered_are_flagged_and_people_are_told(world: World) -> None:
    upload = reported(world.filer, got("南京百衡仪器有限公司"), got("南京百衡仪器有限公司", 发票号="2", 数量="5"))
    assert flags() == [("never", "high", "open")]
    flag = Flag.objects.get(rule="RECV")
    sentence = BY_ID["RECV"].explain(flag.inputs)
    assert "南京百衡仪器有限公司" in sentence
    assert f"25 x {world.kit}" in sentence
    assert "No match found on the register" in sentence
    assert (flag.inputs["source"], flag.inputs["receiver"]) == (upload.number, world.qinglan.name)
    assert Mail.objects.filter(to_user_id=world.reviewer.pk, template="case_opened").count() == 1
    page = client_of(world.reviewer).get(reverse("compliance:queue"), {"case": flag.case.number}).content.decode()
    assert "Received from a firm without an authorisation on record" in page


def test_no_flag_and_no_word_of_it_reaches_the_distributor(world: World) -> None:
    upload = reported(world.filer, got("南京百衡仪器有限公司"))
    for address in (f"/d/uploads/{upload.number}/", "/d/movements/", "/d/movements/csv/", "/d/"):
        page = client_of(world.filer).get(address).content.decode()
        assert "RECV" not in page
        assert "authorisation on record" not in page
        assert "No distributor of the portal" not in page


def test_the_next_months_goods_are_another_question_and_the_same_file_is_not(world: World) -> None:
    firm = "南京百衡仪器有限公司"
    first = reported(world.filer, got(firm))
    received.look(first.pk)
    assert len(flags()) == 1
    before = (DAY.replace(day=1) - dt.timedelta(days=3)).isoformat()
    reported(world.filer, got(firm, 发货日期=before, 发票号="B"))
    assert [one[0] for one in flags()] == ["never", "never"]
    assert Case.objects.filter(subject__startswith="received:").count() == 1
    assert {f.inputs["month"] for f in Flag.objects.all()} == {f"{DAY:%Y-%m}", before[:7]}


def test_what_people_cleared_was_what_lay_before_them(world: World) -> None:
    firm = "南京百衡仪器有限公司"
    first = reported(world.filer, got(firm))
    judged(Case.objects.get(), "clear", "error_in_source", world.reviewer, world.second_reviewer)
    received.look(first.pk)
    assert [one[2] for one in flags()] == ["cleared"], "the same goods stay cleared"
    reported(world.filer, got(firm, 发票号="9", 数量="300"))
    assert [one[2] for one in flags()] == ["cleared", "open"]


def test_a_right_for_other_lines_is_said_and_what_came_before_the_first_day_is_counted(world: World, colleague: User) -> None:
    assert colleague.organisation is not None
    unit = {"货号": "CI-3600-A", "数量": "1", "单位": "台", "批号": "", "单价": ""}
    reported(world.filer, got(colleague.organisation.name, **unit))
    assert flags() == [("elsewhere", "medium", "open")]
    long_ago = (DAY - dt.timedelta(days=4000)).isoformat()
    reported(world.filer, got(colleague.organisation.name, 发货日期=long_ago, 发票号="2"))
    assert len(flags()) == 1


def begun(world: World, organisation: Organisation, day: dt.date, line: str = "kits") -> ProgrammeStart:
    """Two people set the first day of its kits, or of another line."""
    words: dict[str, Any] = {"organisation": organisation, "line": line, "starts_on": day, "explanation": "Agreed with the contract."}
    start = programme.propose_start(by=world.lead, proof=proof_for(world.lead, programme.start_digest(**words)), **words)
    return programme.agree_start(start=start, by=world.reviewer, proof=proof_for(world.reviewer, start.digest))


def test_goods_from_before_the_first_day_do_not_shield_what_came_after_it(world: World) -> None:
    """One report, one product, one month: rows from before the sender's first day, and one from after it."""
    firm = Organisation.objects.create(kind="distributor", name="Jinling Instruments", country="CN")
    Party.objects.create(kind="distributor", country="CN", organisation=firm)
    begun(world, firm, DAY)
    before, after = ((DAY + dt.timedelta(days=n)).isoformat() for n in (-2, 1))
    reported(world.filer, got(firm.name, 发货日期=before))
    assert flags() == [], "counted alone"
    reported(world.filer, got(firm.name, 发票号="2", 发货日期=after))
    assert [one[0] for one in flags()] == ["never"]


def test_an_agreed_first_day_asks_about_what_was_counted_until_then(world: World, colleague: User) -> None:
    upload = reported(world.filer, got("南京百衡仪器有限公司"))
    done = Job.objects.filter(kind="received", object_id=upload.pk).count()
    assert colleague.organisation is not None
    start = begun(world, colleague.organisation, DAY)
    first_day.look_again(start)
    first_day.look_again(start)
    assert Job.objects.filter(kind="received", object_id=upload.pk).count() == done + 1


def test_senders_whose_long_names_begin_alike_are_two_cases(world: World) -> None:
    names = [f"Nanjing {'Baiheng Instruments and Reagents ' * 4}{end}" for end in ("Branch East", "Branch West")]
    reported(world.filer, *(got(name, 发票号=str(n)) for n, name in enumerate(names)))
    assert Case.objects.count() == 2
    assert len(flags()) == 2


def test_what_came_between_the_flag_and_its_clearance_is_asked_about(world: World) -> None:
    firm = "南京百衡仪器有限公司"
    reported(world.filer, got(firm))
    second = reported(world.filer, got(firm, 发票号="9", 数量="300"))
    judged(Case.objects.get(), "clear", "error_in_source", world.reviewer, world.second_reviewer)
    received.look(second.pk)
    assert [one[2] for one in flags()] == ["cleared", "open"]
    assert Flag.objects.get(state="open").inputs["quantity"] == "320"


def test_a_name_like_a_colleagues_is_a_question_and_its_answer_takes_the_flag_away(world: World, colleague: User) -> None:
    reported(world.filer, got("Nanjing Yuhua Laboratory Supplies Co., Ltd."))
    assert flags() == [("unanswered", "medium", "open")]
    name = ReportedName.objects.get(role="seller")
    words = {"party_id": colleague.organisation.party.pk, "answer": "same", "reason": "writing", "explanation": "A slip in one letter."}  # type: ignore[union-attr]
    resolution.answer(reported=name, by=world.reviewer, **words)
    work("received")
    assert flags() == [("unanswered", "medium", "closed")]
    assert Case.objects.get().status == "closed"


def test_a_number_that_is_anothers_keeps_an_accounts_name_a_question(world: World, colleague: User) -> None:
    assert colleague.organisation is not None
    number = "91310000MA1K4ABC3X"
    head = (*HEAD, "客户信用代码")
    upload = written(sent(world.filer, csv(head, (*got(colleague.organisation.name), number)), kind="sales"), world.filer, "ready")
    received.look(upload.pk)
    assert [one[0] for one in flags()] != ["authorised"]
    assert len(flags()) == 1


def test_what_was_taken_back_raises_nothing_and_a_lesser_flag_goes_by_itself(world: World) -> None:
    upload = written(sent(world.filer, csv(HEAD, got("南京百衡仪器有限公司")), kind="sales"), world.filer)
    undone(upload, world.filer)
    work("names", "received")
    assert flags() == []


def test_a_file_without_receipts_asks_nothing(world: World) -> None:
    reported(world.filer, row())
    assert not Job.objects.filter(kind="received").exists()


# The two halves


def pair_of(world: World) -> dict[str, Any]:
    rows = list(Movement.objects.order_by("recorded_at", "row"))
    return {f"{m.organisation.name}:{m.row}": (h.other.row if h.other else None, h.is_known) for m in rows if (h := halves(rows).get(m.pk))}


def test_the_halves_of_a_transfer_are_matched_once_each(world: World, colleague: User) -> None:
    assert colleague.organisation is not None
    theirs, ours = colleague.organisation.name, world.qinglan.name
    out = {"交易类型": "调拨", "客户名称": ours, "数量": "20", "金额": ""}
    reported(colleague, row(**out), row(**out, 发票号="2"), row(**out, 发票号="3", 批号="25A"))
    reported(world.filer, got(theirs, 批号=""), got(theirs, 发票号="2"), got(theirs, 发票号="3", 数量="7"))
    assert pair_of(world) == {
        # The receipt that names the lot goes first, with the first that was sent.
        f"{theirs}:2": (3, True), f"{theirs}:3": (2, True), f"{theirs}:4": (None, True),
        f"{ours}:2": (3, True), f"{ours}:3": (2, True), f"{ours}:4": (None, True),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "matched"),
    [
        ({}, True),
        ({"发货日期": (DAY + dt.timedelta(days=20)).isoformat()}, True),
        ({"发货日期": (DAY - dt.timedelta(days=10)).isoformat()}, False),
        ({"货号": "CI-2717-200"}, False),
        ({"批号": "99Z"}, False),
        ({"数量": "19"}, False),
    ],
)
def test_a_half_of_other_goods_is_none(world: World, colleague: User, changes: dict[str, str], matched: bool) -> None:  # noqa: FBT001
    assert colleague.organisation is not None
    reported(colleague, row(客户名称=world.qinglan.name, 数量="20", 金额=""))
    reported(world.filer, got(colleague.organisation.name, **changes))
    receipt = Movement.objects.get(kind="receipt")
    assert (halves([receipt])[receipt.pk].other is not None) == matched


def test_a_sale_to_a_customer_has_no_other_half_and_compliance_reads_what_is_missing(world: World, colleague: User) -> None:
    assert colleague.organisation is not None
    reported(world.filer, row(), got("南京百衡仪器有限公司"), got(colleague.organisation.name, 发票号="3"))
    sale = Movement.objects.get(kind="sale")
    assert sale.pk not in halves([sale])
    page = client_of(world.reviewer).get("/c/movements/").content.decode()
    assert page.count("No distributor of the portal has the sender") == 1
    assert page.count("The sender has not reported its half") == 1
    reported(colleague, row(交易类型="调拨", 客户名称=world.qinglan.name, 数量="20", 金额=""))
    page = client_of(world.reviewer).get("/c/movements/").content.decode()
    assert "reports it as sent" in page
    assert "reports it as received" in page
    assert "reports it as" not in client_of(world.filer).get("/d/movements/").content.decode()


def test_a_transfer_counts_once_on_each_side(world: World, colleague: User) -> None:
    """In the one's book it went out, in the other's it came in: nothing was sold or returned by it."""
    assert colleague.organisation is not None
    reported(colleague, row(交易类型="调拨", 客户名称=world.qinglan.name, 数量="20", 金额=""))
    reported(world.filer, got(colleague.organisation.name))
    told = [(m.kind, m.organisation_id, m.quantity) for m in Movement.objects.order_by("recorded_at")]
    assert told == [("transfer", colleague.organisation.pk, Decimal(20)), ("receipt", world.qinglan.pk, Decimal(20))]


def test_a_unit_that_was_passed_on_stands_with_nobody_it_stood_with_before(world: World, colleague: User) -> None:
    assert colleague.organisation is not None
    unit = {"货号": "CI-3600-A", "数量": "1", "单位": "台", "批号": "", "单价": "", "金额": "", "序列号": "CV-001"}
    reported(colleague, row(**unit, 客户名称="成都岷江妇产医院"))
    later = (DAY + dt.timedelta(days=1)).isoformat()
    reported(world.filer, got(colleague.organisation.name, **unit, 发货日期=later))
    seen = service.row(日期=(DAY + dt.timedelta(days=2)).isoformat(), 用户名称="宁波江南医院")
    written(seen_at(world.lead, seen), world.lead)
    known = [entry for one in units.find(world.reviewer, "CV-001") for entry in units.entries(world.reviewer, one)[0]]
    assert [(entry.what, entry.told.user, entry.differs) for entry in known] == [
        ("sale", "成都岷江妇产医院", ()), ("receipt", "", ()), ("activation", "宁波江南医院", ()),
    ]  # fmt: skip
    assert known[1].since == colleague.organisation.name
    assert not ReportedName.objects.filter(role="buyer", name=colleague.organisation.name).exists(), "who sent it bought nothing"
