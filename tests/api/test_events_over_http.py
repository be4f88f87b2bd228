"""A program sends events: read and checked at once, wrong fields named by event, and nothing counted before a person commits it."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from certifications.api import events
from certifications.custody.models import Movement
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from certifications.machines.models import ApiClient
from certifications.mail.models import Mail
from certifications.uploads import actions
from certifications.uploads.models import Upload
from tests.custody.events import HOSPITAL, analyser, document, event, lot
from tests.custody.test_events import NAMES, recorded, reported
from tests.uploads.steps import committed, worked
from tests.world import World, client_of

from .programs import Program

pytestmark = pytest.mark.django_db
__all__ = ["recorded"]
GOOD = document(event(analyser("A1"), to=HOSPITAL), names=NAMES)


@pytest.fixture
def erp(recorded: World) -> Program:
    return Program(recorded.distributor_admin, "events:send")


def send(program: Program, content: bytes = GOOD, *, name: str = "events.json", key: str | None = None, **about: str) -> Any:
    said = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": key or new_ulid()}
    return program.http.post("/api/events", {"file": SimpleUploadedFile(name, content), **about}, headers=said)


def test_events_are_read_and_checked_and_wait_for_a_person(erp: Program, recorded: World) -> None:
    answer = send(erp)
    assert answer.status_code == 202, answer.content
    number = answer.json()["number"]
    upload = Upload.objects.get(number=number)
    assert (upload.kind, upload.program, upload.organisation, upload.asked_by) == ("epcis", erp.client, recorded.qinglan, recorded.filer)
    assert Event.objects.get(verb="upload.received", object_id=upload.pk).data["program"] == erp.client.pk
    worked(upload)
    state = erp.get(f"events/{number}").json()
    assert (state["status"], state["things"], state["ready"], state["attention"], state["errors"]) == ("checked", 1, 1, 0, [])
    assert Movement.objects.count() == 0, "a program is trusted for nothing"
    page = client_of(recorded.filer).get("/d/uploads/").content.decode()
    assert number in page
    assert erp.client.name in page
    committed(upload, recorded.filer)
    assert Movement.objects.get().serial == "A1"
    assert erp.get(f"events/{number}").json()["status"] == "committed"


def test_what_is_wrong_is_told_by_event_and_field(erp: Program) -> None:
    bad = document(
        event(analyser("A1"), to=HOSPITAL), event("urn:epc:id:giai:1.2", quantityList=[lot("24A", 1, uom="KGM")], to=HOSPITAL, eventID="2", eventTimeZoneOffset="CET"),
        names=NAMES,
    )  # fmt: skip
    number = send(erp, bad).json()["number"]
    worked(Upload.objects.get(number=number))
    told = erp.get(f"events/{number}").json()
    assert (told["ready"], told["attention"]) == (1, 2)
    assert {(one["event"], one["where"], one["field"], one["code"]) for one in told["errors"]} >= {
        ("2", "epcList[0]", "product", "unknown_item"), ("2", "epcList[0]", "zone", "zone"), ("2", "quantityList[0]", "quantity", "unit"),
    }  # fmt: skip
    assert all(one["what"].startswith("Event 2, ") and one["stops"] for one in told["errors"])


def test_the_same_key_is_kept_once_and_what_is_sent_again_is_known(erp: Program, recorded: World) -> None:
    key = new_ulid()
    assert send(erp, key=key).json() == send(erp, key=key).json()
    assert Upload.objects.filter(program=erp.client).count() == 1
    committed(worked(Upload.objects.get(program=erp.client)), recorded.filer)
    number = send(erp).json()["number"]
    worked(Upload.objects.get(number=number))
    assert erp.get(f"events/{number}").json()["known"] == 1


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"a,b\n1,2\n", "a.json", 422, "name_and_bytes"),
        (b"", "a.json", 422, None),
        (GOOD, "a.exe", 422, "wrong_name"),
        (b"{" + b" " * (21 * 1024 * 1024), "a.json", 413, "too_large"),
    ],
)
def test_what_can_be_no_document_is_refused_with_a_sentence(erp: Program, content: bytes, name: str, status: int, code: str | None) -> None:
    answer = send(erp, content, name=name)
    assert answer.status_code == status
    assert code in {None, answer.json()["code"]}
    assert not Upload.objects.filter(program=erp.client).exists()


def test_a_document_that_breaks_off_is_told_when_it_was_read(erp: Program) -> None:
    number = send(erp, GOOD[:-5]).json()["number"]
    worked(Upload.objects.get(number=number))
    told = erp.get(f"events/{number}").json()
    assert told["status"] == "unreadable"
    assert told["problem"].startswith("The file is no JSON")


def test_a_program_sees_its_own_alone_and_needs_its_scope(erp: Program, recorded: World) -> None:
    number = send(erp).json()["number"]
    other = Program(recorded.lead, "events:send")
    assert other.get(f"events/{number}").status_code == 404
    assert send(Program(recorded.distributor_admin, "orders:read")).status_code == 403
    made = send(other, document(event(analyser("A1"), to="urn:epc:id:pgln:6901234.00000"))).json()["number"]
    upload = worked(Upload.objects.get(number=made))
    assert (upload.kind, upload.organisation, upload.counts["ready"]) == ("epcis_in", recorded.lead.organisation, 1)


def test_people_are_told_of_the_first_that_waits_and_a_revoked_program_is_read_no_more(erp: Program, recorded: World) -> None:
    send(erp)
    send(erp, document(event(analyser("A2"), to=HOSPITAL, eventID="2"), names=NAMES))
    mails = Mail.objects.filter(template="events_wait")
    assert [mail.to_user_id for mail in mails] == [recorded.filer.pk]
    upload = Upload.objects.filter(program=erp.client).latest("sent_at", "pk")
    ApiClient.objects.filter(pk=erp.client.pk).update(revoked_at=timezone.now(), revoked_by=recorded.distributor_admin)
    recorded.filer.memberships.update(ended_at=timezone.now(), ended_by_id=recorded.distributor_admin.pk)
    assert worked(upload).status in {"cancelled", "unreadable"}


def test_what_a_program_sent_and_nobody_looked_at_locks_no_person_out(
    erp: Program, recorded: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_OPEN", 1)
    assert send(erp).status_code == 202
    refused = send(erp)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many")
    assert reported(recorded.filer, event(analyser("A9"), to=HOSPITAL)).status == "checked"
    with pytest.raises(NotAllowed, match="open already"):
        reported(recorded.filer, event(analyser("A8"), to=HOSPITAL))


def test_a_program_sends_only_so_many_documents_an_hour(erp: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "FILES_AN_HOUR", 1)
    assert send(erp).status_code == 202
    refused = send(erp)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
    assert int(refused["Retry-After"]) > 0
    assert Upload.objects.filter(program=erp.client).count() == 1
