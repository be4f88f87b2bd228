"""Tips are read by people whom two others named, and by nobody else; what becomes evidence leads back to nobody."""

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client

from certifications.evidence.models import EvidenceDocument
from certifications.files.actions import read
from certifications.files.cleaning import clean
from certifications.flow import tips as flow
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from certifications.people import tip_readers
from certifications.people.actions import invite, roles_for
from certifications.people.models import Membership, User
from certifications.people.models_tips import TipReader
from certifications.people.permissions import ROLES, Permission, permissions_of
from certifications.people.prices import MAY_BE_GIVEN
from certifications.people.queries import independent
from certifications.tips import actions
from certifications.tips.models import Tip, TipFile, TipMessage
from tests.files import hostile
from tests.tips.sending import WHAT, kept, named, proposed
from tests.world import World, client_of, code_of, proof_for

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def reader(world: World) -> User:
    return named(world)


@pytest.fixture
def tip(reader: User) -> Tip:
    return kept([clean(hostile.photo()), clean(hostile.pdf())])[0]


def page(user: User, address: str, **posted: Any) -> HttpResponse:
    client = client_of(user)
    return client.post(address, posted) if posted else client.get(address)


def refused(statement: str, parameters: list[object] | None = None) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters or [])
    return str(caught.value)


# Who reads


def test_nobody_reads_tips_by_a_role_and_a_named_person_does(world: World) -> None:
    assert [code for code, role in ROLES.items() if Permission.READ_TIPS in role.rights] == ["tip_reader"]
    for name in ("reviewer", "second_reviewer", "lead", "auditor", "operator"):
        assert page(world.people[name], "/c/tips/").status_code == 404
    reader = named(world)
    assert permissions_of(reader) >= {Permission.READ_TIPS, Permission.CAPTURE_EVIDENCE}
    assert page(reader, "/c/tips/").status_code == 200
    for name in ("reviewer", "lead", "auditor"):
        assert page(world.people[name], "/c/tips/").status_code == 404


def test_a_reader_is_named_on_the_page_by_two_people(world: World) -> None:
    words = {"reader": world.second_reviewer.pk, "explanation": "Looks into what comes from outside."}
    assert page(world.reviewer, "/c/tips/readers/", **words, code="000000").status_code == 422
    assert page(world.reviewer, "/c/tips/readers/", **words, code=code_of(world.reviewer)).status_code == 302
    held = TipReader.objects.get()
    assert Mail.objects.filter(template="second_person_for_tips").values_list("to_user_id", flat=True).distinct().get() == world.lead.pk
    assert page(world.reviewer, f"/c/tips/readers/{held.pk}/agree/", code=code_of(world.reviewer)).status_code == 422
    assert page(world.second_reviewer, f"/c/tips/readers/{held.pk}/agree/", code="x").status_code == 422
    assert page(world.lead, f"/c/tips/readers/{held.pk}/agree/", code=code_of(world.lead)).status_code == 302
    assert tip_readers.readers().get().user_id == world.second_reviewer.pk
    assert "Lena Brandt" in page(world.auditor, "/c/tips/readers/").content.decode()


def test_whoever_names_a_reader_brought_nobody_in(world: World, reader: User) -> None:
    """The reader and whoever agreed stay two people, for all that two people decide."""
    assert Membership.objects.get(user=reader, role="tip_reader").created_by_id == world.lead.pk
    assert independent(world.lead, reader)
    Membership.objects.create(user=reader, organisation=reader.organisation, role="auditor", created_by_id=world.lead.pk)
    assert not independent(world.lead, reader), "any other role does bring in"


def test_who_is_named_does_not_agree_to_it(world: World) -> None:
    held = proposed(world)
    with pytest.raises(NotAllowed, match="This names you"):
        flow.agree(held=held, by=world.second_reviewer, code=code_of(world.second_reviewer))
    said = refused(
        "UPDATE certifications_tipreader SET state = 'effective', agreed_by_id = reader_id, agreed_at = now(), agreed_proof_id = 'A' WHERE id = %s",
        [held.pk],
    )
    assert "tip_reader_not_by_own_agreement" in said


def test_one_person_gives_nobody_the_role_by_any_path(world: World) -> None:
    assert "tip_reader" not in roles_for(world.reviewer.organisation)  # type: ignore[arg-type]
    assert "tip_reader" not in MAY_BE_GIVEN
    with pytest.raises(NotAllowed, match="Choose at least one role"):
        invite(by=world.lead, organisation=world.lead.organisation, email="x@corvane.example", roles=["tip_reader"], language="en")  # type: ignore[arg-type]
    with pytest.raises(DatabaseError, match="named by two people"), transaction.atomic():
        Membership.objects.create(user=world.reviewer, organisation=world.reviewer.organisation, role="tip_reader")
    proposed(world, who="reviewer", by="lead")
    with pytest.raises(DatabaseError, match="named by two people"), transaction.atomic():
        Membership.objects.create(user=world.reviewer, organisation=world.reviewer.organisation, role="tip_reader")


def test_a_role_that_ended_is_not_taken_up_again_without_two_people(world: World, reader: User) -> None:
    Membership.objects.filter(user=reader, role="tip_reader").update(ended_at=dt.datetime.now(tz=dt.UTC), ended_by_id=world.lead.pk)
    assert page(User.objects.get(pk=reader.pk), "/c/tips/").status_code == 404
    with pytest.raises(DatabaseError, match="named by two people"), transaction.atomic():
        Membership.objects.create(user=reader, organisation=reader.organisation, role="tip_reader")
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        Membership.objects.filter(user=reader, role="tip_reader").update(ended_at=None, ended_by_id="")
    assert named(world).pk == reader.pk


def test_a_proposal_is_taken_back_and_a_decided_one_never_changes(world: World, reader: User) -> None:
    held = proposed(world, who="reviewer", by="lead")
    flow.void(held=held, by=world.reviewer)
    with pytest.raises(StaleState):
        flow.void(held=held, by=world.reviewer)
    done = TipReader.objects.get(reader=reader)
    assert "never changes" in refused("UPDATE certifications_tipreader SET state = 'voided' WHERE id = %s", [done.pk])


# What a reader does


def test_every_look_is_an_event(tip: Tip, reader: User) -> None:
    body = page(reader, f"/c/tips/{tip.number}/").content.decode()
    assert WHAT in body
    file = page(reader, f"/c/tips/{tip.number}/file/1/")
    assert file["Content-Disposition"].startswith("attachment")
    assert file.content.startswith(b"%PDF-")
    assert page(reader, f"/c/tips/{tip.number}/file/9/").status_code == 404
    told = list(Event.objects.filter(object_id=tip.pk).order_by("sequence").values_list("verb", "actor_id"))
    assert told == [("read.tip", reader.pk), ("read.tip_file", reader.pk)]
    assert "A file was taken" in page(reader, f"/c/tips/{tip.number}/").content.decode()


def test_others_in_compliance_find_no_tip_under_any_address(world: World, tip: Tip) -> None:
    for name in ("reviewer", "lead", "auditor"):
        for last in ("", "file/0/", "capture/"):
            assert page(world.people[name], f"/c/tips/{tip.number}/{last}").status_code == 404
        for last in ("ask/", "close/", "reopen/"):
            assert page(world.people[name], f"/c/tips/{tip.number}/{last}", text="x").status_code == 404
        assert page(world.people[name], "/c/tips/spam/", number=tip.number).status_code == 404
    tip.refresh_from_db()
    assert tip.status == "waiting"


def test_a_tip_becomes_evidence_that_leads_back_to_nobody(world: World, tip: Tip, reader: User) -> None:
    form = page(reader, f"/c/tips/{tip.number}/capture/").content.decode()
    assert "https://notices.example" not in form
    answer = page(
        reader,
        f"/c/tips/{tip.number}/capture/",
        text="Three analysers in a storeroom in Kashgar.",
        title="From a tip",
        source_url="",
        form_key=new_ulid(),
    )
    document = EvidenceDocument.objects.get()
    assert answer["Location"] == f"/c/evidence/{document.number}/"
    assert (document.origin, document.captured_by_id, document.blob.name) == ("tip", reader.pk, "tip.txt")
    assert read(document.blob) == b"Three analysers in a storeroom in Kashgar."
    events = Event.objects.filter(object_id=document.pk)
    told = [str(getattr(document, field.attname)) for field in EvidenceDocument._meta.fields] + [str(event.data) for event in events]
    assert not [text for text in told if tip.number in text or tip.pk in text]
    assert "Source unattested" in page(world.reviewer, answer["Location"]).content.decode()
    tip.refresh_from_db()
    assert tip.status == "open"
    assert Event.objects.filter(object_id=tip.pk, verb="tip.captured").get().data == {"document": document.pk}
    assert page(reader, f"/c/tips/{tip.number}/capture/", text=" ", form_key=new_ulid()).status_code == 422


def test_close_wants_a_reason_and_can_be_undone_until_it_is_erased(tip: Tip, reader: User) -> None:
    address = f"/c/tips/{tip.number}/close/"
    assert page(reader, address, outcome="no_use", reason="short").status_code == 422
    assert page(reader, address, outcome="else", reason="Long enough to be one.").status_code == 422
    assert page(reader, address, outcome="no_use", reason="Nobody could find the place.").status_code == 302
    tip.refresh_from_db()
    assert (tip.status, tip.outcome, tip.closed_on) == ("closed", "no_use", civil_today())
    with pytest.raises(StaleState):
        actions.ask(tip=tip, by=reader, text="And?")
    assert page(reader, f"/c/tips/{tip.number}/reopen/", x="1").status_code == 302
    tip.refresh_from_db()
    assert (tip.status, tip.outcome, tip.closed_on) == ("open", "", None)


def test_spam_is_closed_together_and_what_somebody_works_on_is_left(reader: User) -> None:
    spam = [kept(form_key=str(n), place=f"casino {n}")[0] for n in range(5)]
    actions.ask(tip=spam[0], by=reader, text="Is this one?")
    answer = page(reader, "/c/tips/spam/", number=[one.number for one in spam])
    assert answer.status_code == 302
    assert Tip.objects.filter(status="closed", outcome="spam").count() == 4
    assert Tip.objects.get(pk=spam[0].pk).status == "open"
    assert Event.objects.filter(verb="tip.closed").count() == 4


def test_the_list_searches_and_filters(reader: User, tip: Tip) -> None:
    other, _code = kept(form_key="o", place="Urumqi", what="Something else was seen somewhere else.")
    body = page(reader, "/c/tips/?q=Urumqi").content.decode()
    assert (other.number in body, tip.number in body) == (True, False)
    assert other.number not in page(reader, "/c/tips/?state=closed").content.decode()


def test_a_mail_says_only_that_a_tip_waits_and_on_a_later_day(
    world: World, tip: Tip, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert flow.tell_readers() == 0
    monkeypatch.setattr(actions, "civil_today", lambda: tip.received_on + DAY)
    assert flow.tell_readers() == 1
    mail = Mail.objects.get(template="tip_waits")
    assert mail.to_user_id == reader.pk
    for word in (tip.number, "Kashgar", "analysers", tip.seller):
        assert word not in mail.subject + mail.body
    assert flow.tell_readers() == 0


# What PostgreSQL refuses, and what is erased


def test_the_words_of_a_tip_never_change_and_nothing_of_it_goes(tip: Tip, reader: User) -> None:
    actions.ask(tip=tip, by=reader, text="Where?")
    assert "never change" in refused("UPDATE certifications_tip SET what = 'other' WHERE id = %s", [tip.pk])
    assert "never changes" in refused("UPDATE certifications_tip SET received_on = received_on - 1 WHERE id = %s", [tip.pk])
    assert "whole" in refused(
        "UPDATE certifications_tip SET status = 'erased', closed_on = now(), outcome = 'spam' WHERE id = %s", [tip.pk]
    )
    for table in ("tipfile", "tipmessage"):
        assert "when the tip is erased" in refused(f"DELETE FROM certifications_{table}")
    assert "never changed" in refused("DELETE FROM certifications_tip")
    assert "never changed" in refused("UPDATE certifications_tipfile SET size = 1")


def test_closed_tips_are_erased_after_the_time_that_is_set_and_an_event_says_so(tip: Tip, reader: User, settings: Any) -> None:
    settings.TIP_DAYS = 30
    actions.ask(tip=tip, by=reader, text="Where?")
    actions.close(tip=tip, by=reader, outcome="no_use", reason="Nobody could find the place.")
    assert actions.erase_old(civil_today() + 29 * DAY) == 0
    assert actions.erase_old(civil_today() + 30 * DAY) == 1
    assert actions.erase_old(civil_today() + 31 * DAY) == 0
    tip.refresh_from_db()
    assert [getattr(tip, name) for name in (*Tip.WORDS, "reason")] == [""] * 8
    assert (TipFile.objects.count(), TipMessage.objects.count()) == (0, 0)
    assert Event.objects.get(verb="tip.erased").data["files"] == 2
    assert "Erased" in page(reader, f"/c/tips/{tip.number}/").content.decode()
    assert page(reader, f"/c/tips/{tip.number}/reopen/", x="1").status_code == 302
    tip.refresh_from_db()
    assert tip.status == "erased"


def test_the_receipt_code_of_an_erased_tip_says_that_it_is_gone(reader: User) -> None:
    held, code = kept()
    actions.close(tip=held, by=reader, outcome="no_use", reason="Nobody could find the place.")
    actions.erase_old(civil_today() + 400 * DAY)
    assert "has been erased" in Client().post("/channel/tip/again/", {"code": code}).content.decode()


def test_nobody_names_themselves(world: World) -> None:
    with pytest.raises(NotAllowed, match="Nobody names themselves"):
        proposed(world, "reviewer", by="reviewer")
    page = client_of(world.reviewer).get("/c/tips/readers/").content.decode()
    assert f'value="{world.second_reviewer.pk}"' in page
    assert f'value="{world.reviewer.pk}"' not in page
    # One that was proposed before this was asked takes no effect either.
    held = proposed(world)
    held.proposed_by = world.second_reviewer
    with pytest.raises(NotAllowed, match="Nobody names themselves"):
        tip_readers.check_agreement(held=held, by=world.lead)


def test_the_proof_is_for_exactly_the_person_named(world: World) -> None:
    words = {"reader": world.second_reviewer.pk, "explanation": "Looks into what comes from outside."}
    wrong = proof_for(world.reviewer, tip_readers.reader_digest(**{**words, "reader": world.lead.pk}))
    with pytest.raises(NotAllowed, match="The words changed"):
        tip_readers.propose(by=world.reviewer, proof=wrong, **words)
