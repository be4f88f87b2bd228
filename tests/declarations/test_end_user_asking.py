"""Asking an end user by mail: who may, whom, again, reminders, questions and what the pages say meanwhile."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from certifications.declarations import confirming
from certifications.declarations.in_force import Incomplete
from certifications.declarations.models import Declaration, Objection
from certifications.declarations.models_enduser import EndUserAnswer, EndUserRequest
from certifications.declarations.queries import version_of
from certifications.declarations.rules_enduser import own_address, reminder_due
from certifications.flow import enduser as flow
from certifications.flow import release as release_flow
from certifications.flow import sign as sign_flow
from certifications.flow.leaving import end_role
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from certifications.people.models import Membership, User
from certifications.people.permissions import Permission
from certifications.tasks import daily
from tests.world import World, client_of

from .end_users import CONTACT, asked, asked_about, later, level, link, plain, said_yes

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def signed(world: World) -> Declaration:
    """Signed by the distributor; the end user was not asked yet."""
    return world.signed()


def test_a_decided_or_withdrawn_declaration_is_not_asked_about(world: World, signed: Declaration) -> None:
    asked(world, signed)
    sign_flow.withdraw_declaration(declaration=signed, by=world.filer, reason="order")
    assert Client().get(link()).status_code == 410
    with pytest.raises(StaleState):
        asked(world, signed)


def test_who_may_ask(world: World, signed: Declaration) -> None:
    for who in ("filer", "signatory"):
        assert asked(world, signed, by=who)
    for who in ("reviewer", "lead", "regulator", "distributor_admin"):
        with pytest.raises(PermissionDenied):
            asked(world, signed, by=who)
    with pytest.raises(NotAllowed, match="another distributor"):
        asked(world, signed, by="stranger")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"email": "shen.yiran@"}, "no e-mail address"),
        ({"name": " "}, "Enter the name"),
        ({"email": "lin.yue@qinglan.example"}, "your own firm"),
        ({"email": "somebody.else@qinglan.example"}, "your own firm"),
    ],
)
def test_a_distributor_does_not_confirm_for_its_customer(world: World, signed: Declaration, changes: dict[str, str], says: str) -> None:
    with pytest.raises(Incomplete, match=says):
        asked(world, signed, **changes)
    assert not EndUserRequest.objects.exists()


def test_an_address_at_a_provider_of_everybody_s_is_no_address_of_the_firm() -> None:
    assert not own_address("hospital@163.com", ["filer@163.com"])
    assert own_address("Filer@163.com", ["filer@163.com"])
    assert own_address("x@qinglan.example", ["filer@qinglan.example"])
    assert own_address("x@mail.qinglan.example", ["filer@qinglan.example"])
    assert own_address("x@qinglan.example", ["filer@mail.Qinglan.example"])
    assert not own_address("x@notqinglan.example", ["filer@qinglan.example"])


def test_who_has_left_the_distributor_does_not_confirm_for_its_customer(world: World, signed: Declaration) -> None:
    gone = User.objects.create_user("gu.ping@163.com", "seven-paper-lanterns", name="Gu Ping")
    Membership.objects.create(user=gone, organisation=world.qinglan, role="filer", ended_at=timezone.now(), ended_by_id=world.filer.pk)
    with pytest.raises(Incomplete, match="your own firm"):
        asked(world, signed, email="gu.ping@163.com")


def test_so_many_questions_an_hour_leave_in_one_person_s_name(world: World, signed: Declaration) -> None:
    """Each is a mail to an address that somebody typed."""
    client, address = client_of(world.filer), f"/d/declarations/{signed.number}/end-user/ask/"
    said = [client.post(address, {}).status_code for _n in range(61)]
    assert (set(said[:60]), said[60]) == ({422}, 429)


def test_asking_anew_takes_the_earlier_question_back(world: World, signed: Declaration) -> None:
    asked(world, signed)
    old = link()
    asked(world, signed, email="lab@jiangnan-hospital.example")
    assert Client().get(old).status_code == 410
    assert Client().get(link("lab@jiangnan-hospital.example")).status_code == 200
    assert sorted(EndUserRequest.objects.values_list("status", flat=True)) == ["open", "revoked"]


def test_the_same_request_form_twice_is_one_mail(world: World, signed: Declaration) -> None:
    key = new_ulid()
    form = {"form_key": key, "contact_name": CONTACT.name, "email": CONTACT.email, "language": "en"}
    for _ in range(2):
        assert client_of(world.filer).post(f"/d/declarations/{signed.number}/end-user/ask/", form).status_code == 302
    assert EndUserRequest.objects.count() == Mail.objects.filter(template="end_user_asked").count() == 1


def test_a_draft_that_lacks_something_is_not_asked_about(world: World) -> None:
    draft = world.draft()
    version_of(draft).lines.all().delete()
    with pytest.raises(Incomplete):
        asked(world, draft)


def test_a_question_goes_to_both_sides_and_its_answer_comes_back_with_the_next_link(world: World, signed: Declaration) -> None:
    asked(world, signed)
    assert "Your questions are sent" in plain(asked_about(link()))
    objection = Objection.objects.get()
    assert (objection.clauses, objection.sent_by, objection.end_user.name) == ([4], None, "Shen Yiran")  # type: ignore[union-attr]
    for who, path in (("filer", f"/d/declarations/{signed.number}/"), ("reviewer", f"/c/declarations/{signed.number}/")):
        page = plain(client_of(world.people[who]).get(path))
        assert "The end user cannot agree to undertaking 4" in page
        assert "ethics board" in page
    assert level(signed).against == "questioned"
    assert "cannot agree" in release_flow.problem_with(signed) or "not screened" in release_flow.problem_with(signed)
    sign_flow.answer_objection(objection=objection, by=world.reviewer, text="Visits are announced a month ahead.")
    assert Mail.objects.filter(template="objection_answered", to_email=world.filer.email).exists()
    asked(world, signed)
    assert "Visits are announced a month ahead." in plain(Client().get(link()))
    said_yes(link())
    assert level(signed).level == "link"


def test_somebody_else_s_earlier_question_is_not_shown_to_another_address(world: World, signed: Declaration) -> None:
    asked(world, signed)
    asked_about(link())
    sign_flow.answer_objection(objection=Objection.objects.get(), by=world.reviewer, text="Visits are announced a month ahead.")
    asked(world, signed, email="lab@jiangnan-hospital.example")
    assert "ethics board" not in plain(Client().get(link("lab@jiangnan-hospital.example")))


def test_reminders_go_out_on_their_days_once_each_and_every_link_opens_the_same_question(
    world: World, signed: Declaration, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(world, signed)
    first = link()
    assert flow.remind() == 0
    later(monkeypatch, 4.1)
    assert (flow.remind(), flow.remind()) == (1, 0)
    second = link()
    assert first != second
    assert Client().get(first).status_code == Client().get(second).status_code == 200
    said_yes(second)
    later(monkeypatch, 9.1)
    assert flow.remind() == 0
    assert Client().get(first).status_code == 410
    assert EndUserAnswer.objects.get().link.day == 4


def test_a_question_that_ran_out_is_closed_and_the_distributor_told(
    world: World, signed: Declaration, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(world, signed)
    later(monkeypatch, 16)
    daily()
    assert EndUserRequest.objects.get().status == "lapsed"
    assert Mail.objects.filter(template="end_user_over", to_email=world.filer.email).count() == 1
    assert flow.remind() == 0


def test_a_beat_that_stood_still_reminds_once_and_not_twice() -> None:
    asked_at = timezone.now()
    assert reminder_due(asked_at=asked_at, now=asked_at + 10 * DAY, sent=[0]) == 9
    assert reminder_due(asked_at=asked_at, now=asked_at + 10 * DAY, sent=[0, 9]) == 0
    assert reminder_due(asked_at=asked_at, now=asked_at + 5 * DAY, sent=[0]) == 4
    assert reminder_due(asked_at=asked_at, now=asked_at + 3 * DAY, sent=[0]) == 0


def test_a_rival_sees_and_does_nothing(world: World, signed: Declaration) -> None:
    held = asked(world, signed)
    rival = client_of(world.stranger)
    base = f"/d/declarations/{signed.number}/end-user/"
    assert rival.get(base).status_code == 404
    for path in ("ask/", "revoke/", "print/", "scan/"):
        assert rival.post(base + path, {"request": held.pk}).status_code == 404
    assert EndUserRequest.objects.get().status == "open"


def test_pages_say_what_is_awaited_and_what_was_said(world: World, signed: Declaration) -> None:
    asked(world, signed)
    own, theirs = f"/d/declarations/{signed.number}/end-user/", f"/c/declarations/{signed.number}/end-user/"
    for who, path in (("filer", own), ("auditor", theirs)):
        page = plain(client_of(world.people[who]).get(path))
        assert f"The answer of {CONTACT.email}" in page
        assert "Distributor's statement alone" in page
    said_yes(link())
    assert "End user confirmed by one-time link" in plain(client_of(world.filer).get("/d/declarations/"))
    page = plain(client_of(world.filer).get(f"/d/declarations/{signed.number}/"))
    assert "End user confirmed by one-time link" in page
    assert "by the end user" in page
    for who, path in (("filer", own), ("auditor", theirs)):
        page = client_of(world.people[who]).get(path)
        assert {one.word for word in page.context["words"].each for one in word.asked} == {"confirmed"}, "how, not that the link is used up"
    assert confirming.LinkClosed("used").code == "used"


def test_the_answer_is_told_to_whoever_goes_on_with_the_work(world: World, signed: Declaration, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(world, signed)
    first = link()
    other = User.objects.create_user("gu.ping@qinglan.example", "seven-paper-lanterns", name="Gu Ping")
    Membership.objects.create(user=other, organisation=world.qinglan, role="filer", created_by_id=world.lead.pk)
    end_role(membership=Membership.objects.get(user=world.filer, role="filer"), by=world.distributor_admin, successors={
        Permission.ASK_END_USER.value: other.pk, Permission.EDIT_DECLARATIONS.value: other.pk,
    })  # fmt: skip
    said_yes(first)
    assert set(Mail.objects.filter(template="end_user_confirmed").values_list("to_email", flat=True)) == {other.email}


def test_everybody_is_reminded_however_many_wait(world: World, signed: Declaration, monkeypatch: pytest.MonkeyPatch) -> None:
    other = world.signed(world.draft(world.customer(native_name="宁波北仑医院", latin_name="Ningbo Beilun Hospital", uscc="")))
    asked(world, signed)
    asked(world, other, email="lab@beilun-hospital.example")
    later(monkeypatch, 4.1)
    monkeypatch.setattr(flow, "MOST", 1)
    assert (flow.remind(), flow.remind()) == (2, 0)
