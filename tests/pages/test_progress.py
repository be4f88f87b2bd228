"""Work that takes long: its page shows how far it is and can be closed, it can be stopped, and whoever waited is told."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from certifications.evidence.models import EvidenceDocument
from certifications.flow import evidence as flow
from certifications.flow.rescreening import ask_for_all
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.mail.actions import tell_when_long
from certifications.mail.models import Mail
from certifications.screening import rescreening as rounds
from certifications.screening.models_rescreening import Rescreening
from certifications.work.models import Job
from tests.flags.cases import NOTICE, captured
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def waiting(world: World, **more: Any) -> EvidenceDocument:
    """Captured, and not read yet."""
    return flow.capture(by=world.reviewer, content=NOTICE.encode(), name="pasted.txt", origin="paste", form_key=new_ulid(), **more)


def state(client: Client, document: EvidenceDocument) -> Any:
    return client.get(f"/c/evidence/{document.number}/state/", **HTMX)


def test_the_page_of_a_document_asks_again_until_it_is_read(world: World) -> None:
    document, client = waiting(world), client_of(world.reviewer)
    page = client.get(f"/c/evidence/{document.number}/").content.decode()
    assert f'hx-get="/c/evidence/{document.number}/state/"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "You may close this page" in page
    answer = state(client, document)
    assert 'id="working"' in answer.content.decode()
    assert "HX-Refresh" not in answer
    flow.read(document.pk)
    assert state(client, document)["HX-Refresh"] == "true"
    assert client.get(f"/c/evidence/{document.number}/state/")["Location"] == f"/c/evidence/{document.number}/"


def test_asking_how_far_it_is_is_no_look_at_it_and_shows_nothing_of_it(world: World) -> None:
    document = waiting(world, title="A title that says something")
    looks = Event.objects.filter(verb="read.evidence").count()
    answer = state(client_of(world.auditor), document)
    assert Event.objects.filter(verb="read.evidence").count() == looks
    assert "A title that says something" not in answer.content.decode()
    assert state(client_of(world.filer), document).status_code == 404


def test_how_many_lines_the_register_was_asked_about(world: World) -> None:
    document = captured(world)
    lines = [flow.evidence.LineData(stage="award", buyer=f"采购人{n}", seller="某公司", happened_on=dt.date(2026, 3, 2), product_undisclosed=True) for n in range(4)]  # fmt: skip
    flow.confirm(document=document, by=world.reviewer, lines=lines)
    client = client_of(world.reviewer)
    assert "about 0 of 4 lines" in state(client, document).content.decode()
    Job.objects.filter(pk__in=Job.objects.filter(kind="match").order_by("pk").values("pk")[:3]).update(
        state="done", finished_at=timezone.now()
    )
    page = state(client, document).content.decode()
    assert "about 3 of 4 lines" in page
    assert 'value="75"' in page
    Job.objects.filter(kind="match").update(state="done", finished_at=timezone.now())
    assert state(client, document)["HX-Refresh"] == "true"


def test_reading_is_stopped_and_the_worker_that_comes_too_late_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    document, client = waiting(world), client_of(world.reviewer)
    assert "Stop and withdraw the document" in client.get(f"/c/evidence/{document.number}/").content.decode()
    assert "Stop and withdraw" not in client_of(world.auditor).get(f"/c/evidence/{document.number}/").content.decode()
    real = flow.evidence.read_in_child

    def withdrawn_meanwhile(*given: Any, **more: Any) -> Any:
        client.post(f"/c/evidence/{document.number}/withdraw/", {"reason": "The wrong page was pasted."})
        return real(*given, **more)

    monkeypatch.setattr("certifications.evidence.actions.read_in_child", withdrawn_meanwhile)
    flow.read(document.pk)
    document.refresh_from_db()
    assert (document.status, document.text) == ("withdrawn", "")


@pytest.mark.parametrize(("seconds", "mails"), [(59, 0), (61, 1)])
def test_whoever_waited_longer_than_a_minute_is_told(world: World, seconds: int, mails: int) -> None:
    document = waiting(world)
    began = timezone.now() - dt.timedelta(seconds=seconds)
    tell_when_long(to_user=world.reviewer, began_at=began, template="reading_done", context={"number": document.number})
    assert Mail.objects.filter(template="reading_done", to_user_id=world.reviewer.pk).count() == mails


def test_the_mail_comes_with_the_reading_and_with_the_last_piece_of_a_rescreening(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certifications.mail.actions.LONG_SECONDS", -1)
    document = waiting(world)
    flow.read(document.pk)
    mail = Mail.objects.get(template="reading_done")
    assert (mail.to_user_id, document.number in mail.body) == (world.reviewer.pk, True)
    world.signed()
    held = ask_for_all(by=world.lead, form_key=new_ulid())
    for chunk in held.chunks.all():
        assert Mail.objects.filter(template="rescreening_done").count() == 0
        rounds.finish_chunk(chunk, rounds.Counts(1, 0, 0))
    assert Mail.objects.get(template="rescreening_done").to_user_id == world.lead.pk
    rounds.start(cause=Rescreening.Cause.NIGHTLY, once="nightly-test", parties=[])
    assert Mail.objects.filter(template="rescreening_done").count() == 1
