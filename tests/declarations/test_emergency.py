"""Emergency access: one declaration, two people, four hours, every look on record and told to the distributor."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from certifications.declarations import emergency
from certifications.declarations.models import Declaration
from certifications.declarations.models_emergency import EmergencyAccess, EmergencyLook
from certifications.declarations.queries import version_of
from certifications.flow import emergency as flow
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from tests.world import World, client_of, code_of, proof_for

from .emergencies import WORDS, asked, opened

pytestmark = pytest.mark.django_db
HOSPITAL = "宁波江南医院"


def told(template: str) -> set[str]:
    return set(Mail.objects.filter(template=template).values_list("to_email", flat=True))


def test_asked_agreed_looked_through_on_the_pages_and_told_to_the_distributor(world: World) -> None:
    declaration = world.signed()
    desk, reviewer, filer = (client_of(world.people[who]) for who in ("order_desk", "reviewer", "filer"))
    sent = {"number": declaration.number, **WORDS, "code": code_of(world.order_desk)}
    assert desk.post("/emergency/new/", sent).status_code == 302
    access = EmergencyAccess.objects.get()
    page = f"/emergency/{access.pk}/"
    assert world.reviewer.email in told("emergency_asked")
    assert filer.get(page).status_code == 404
    assert HOSPITAL not in desk.post(f"{page}look/", follow=True).content.decode()
    assert reviewer.post(f"{page}agree/", {"code": code_of(world.reviewer)}).status_code == 302
    assert told("emergency_opened") == {world.filer.email, world.signatory.email, world.distributor_admin.email}
    assert HOSPITAL in desk.post(f"{page}look/").content.decode()
    assert told("emergency_looked") == told("emergency_opened")
    for client in (filer, client_of(world.auditor)):
        shown = client.get(page).content.decode()
        assert WORDS["explanation"] in shown
        assert EmergencyLook.objects.count() == shown.count("<li><time") == 1
    assert world.order_desk.name not in filer.get(page).content.decode()
    assert world.order_desk.name in client_of(world.auditor).get("/emergency/").content.decode()
    assert [e.verb for e in Event.objects.filter(object_id=access.pk)][-1] == "emergencyaccess.looked"


def test_another_distributor_learns_nothing(world: World) -> None:
    access = opened(world, world.order_desk, world.signed())
    stranger = client_of(world.stranger)
    assert stranger.get(f"/emergency/{access.pk}/").status_code == 404
    assert access.declaration.number not in stranger.get("/emergency/").content.decode()


def test_every_look_is_recorded_before_it_is_given(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    access = opened(world, world.order_desk, world.signed())
    for n in (1, 2):
        flow.look(access=access, by=world.order_desk)
        assert access.looks.count() == n

    def fails(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(emergency, "record", fails)
    with pytest.raises(ZeroDivisionError):
        flow.look(access=access, by=world.order_desk)
    assert access.looks.count() == 2


def test_after_four_hours_it_is_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    access = opened(world, world.order_desk, world.signed())
    later = timezone.now() + dt.timedelta(hours=4, seconds=1)
    monkeypatch.setattr(emergency.timezone, "now", lambda: later)
    with pytest.raises(StaleState):
        flow.look(access=access, by=world.order_desk)
    assert not EmergencyLook.objects.exists()


def test_nobody_agrees_with_oneself_and_nobody_else_looks(world: World) -> None:
    access = asked(world.order_desk, world.signed())
    with pytest.raises(NotAllowed) as refusal:
        emergency.agree(access=access, by=world.order_desk, proof=proof_for(world.order_desk, access.digest))
    assert refusal.value.code == "same_person"
    with pytest.raises(StaleState):
        flow.look(access=access, by=world.order_desk)
    access = emergency.agree(access=access, by=world.reviewer, proof=proof_for(world.reviewer, access.digest))
    with pytest.raises(NotAllowed) as refusal:
        flow.look(access=access, by=world.sales)
    assert refusal.value.code == "person"


def test_a_refused_access_opens_nothing(world: World) -> None:
    access = asked(world.order_desk, world.signed())
    assert client_of(world.lead).post(f"/emergency/{access.pk}/void/").status_code == 302
    access.refresh_from_db()
    assert access.state == "voided"
    with pytest.raises(StaleState):
        flow.look(access=access, by=world.order_desk)


@pytest.mark.parametrize(
    ("field", "changes"),
    [("number", {"number": "EUD-2026-NOSUCH"}), ("reason", {"reason": "curiosity"}), ("explanation", {"explanation": "urgent"})],
)
def test_what_is_missing_is_named(world: World, field: str, changes: dict[str, str]) -> None:
    declaration = world.signed()
    with pytest.raises(NotAllowed) as refusal:
        emergency.check_asked(by=world.order_desk, **{"number": declaration.number, **WORDS, **changes})
    assert refusal.value.code == field


def test_a_draft_is_never_shown(world: World) -> None:
    draft = world.draft()
    with pytest.raises(NotAllowed) as refusal:
        emergency.check_asked(by=world.order_desk, number=draft.number, **WORDS)
    assert "no declaration of this number" in str(refusal.value)
    declaration = world.signed()
    access = opened(world, world.order_desk, declaration)
    assert access.version == 1
    # It was returned, and another version is being drafted.
    version = version_of(declaration)
    version.pk, version.number, version.end_use = None, 2, "Not signed by anybody"
    version.save(force_insert=True)
    Declaration.objects.filter(pk=declaration.pk).update(version_number=2)
    access.refresh_from_db()
    assert "Not signed by anybody" not in str(flow.look(access=access, by=world.order_desk))


def test_it_can_be_closed_before_its_time(world: World) -> None:
    access = opened(world, world.order_desk, world.signed())
    with pytest.raises(PermissionDenied):
        flow.close(access=access, by=world.sales)
    page = f"/emergency/{access.pk}/"
    desk = client_of(world.order_desk)
    assert "Close this access" in desk.get(page).content.decode()
    assert desk.post(f"{page}close/").status_code == 302
    with pytest.raises(StaleState):
        flow.look(access=access, by=world.order_desk)
    look = "INSERT INTO certifications_emergencylook (id, access_id, by_id) VALUES ('X', %s, %s)"
    assert "outside an open emergency access" in refused(look, access.pk, world.order_desk.pk)
    assert "never changes" in refused("UPDATE certifications_emergencyaccess SET closed_at = NULL, closed_by_id = NULL")
    with pytest.raises(StaleState):
        flow.close(access=access, by=world.reviewer)
    assert asked(world.order_desk, access.declaration).pk != access.pk


def test_an_ask_that_nobody_answered_lapses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    access = asked(world.order_desk, world.signed())
    later = timezone.now() + dt.timedelta(hours=24, seconds=1)
    monkeypatch.setattr(emergency.timezone, "now", lambda: later)
    with pytest.raises(StaleState):
        emergency.agree(access=access, by=world.reviewer, proof=proof_for(world.reviewer, access.digest))
    again = asked(world.order_desk, access.declaration)
    assert again.pk != access.pk


def refused(statement: str, *parameters: object) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    return str(caught.value)


def test_postgresql_opens_nothing_by_one_person_nor_for_longer(world: World) -> None:
    access = asked(world.order_desk, world.signed())
    row = "UPDATE certifications_emergencyaccess SET"
    agreed = "state = 'effective', agreed_at = now(), agreed_proof_id = 'A'"
    said = refused(f"{row} {agreed}, agreed_by_id = proposed_by_id, open_until = now() + interval '1 hour'")
    assert "emergency_two_people" in said
    said = refused(f"{row} {agreed}, agreed_by_id = %s, open_until = now() + interval '5 hours'", world.reviewer.pk)
    assert "lasts four hours" in said
    assert "emergency_open_when_agreed" in refused(f"{row} open_until = now() + interval '1 hour'")
    look = "INSERT INTO certifications_emergencylook (id, access_id, by_id) VALUES ('X', %s, %s)"
    assert "outside an open emergency access" in refused(look, access.pk, world.order_desk.pk)
    emergency.agree(access=access, by=world.reviewer, proof=proof_for(world.reviewer, access.digest))
    assert "outside an open emergency access" in refused(look, access.pk, world.sales.pk)
    assert "never changes" in refused(f"{row} open_until = now() + interval '3 hours'")
