"""The same bytes are one document with every arrival on record; a paste is unattested until its page is captured."""

from functools import partial
from typing import Any

import pytest

from certifications.evidence.actions import capture
from certifications.evidence.models import EvidenceCapture, EvidenceDocument
from certifications.evidence.queries import captures_of, source_standings
from certifications.evidence.rules import INTAKE, holds_text, is_source_of
from certifications.flow import evidence as flow
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from certifications.people.models import User
from certifications.work.models import Job
from tests.flags.cases import NOTICE, captured
from tests.flow.test_at_once import at_once, committed, failed
from tests.world import World, client_of

__all__ = ["committed"]
PAGE = f"<html><body><nav>首页</nav>{''.join(f'<p>{line}</p>' for line in NOTICE.splitlines())}</body></html>"
WHERE = "https://notices.example/311.html"


def bring(world: World, by: str = "reviewer", content: str = PAGE, **more: Any) -> EvidenceDocument:
    values = {"origin": "upload", "name": "a.html", "form_key": new_ulid(), **more}
    return flow.capture(by=world.people[by], content=content.encode(), **values)


@pytest.mark.django_db
def test_the_same_bytes_are_one_document_with_two_captures(world: World) -> None:
    first = bring(world)
    second = bring(world, by="lead", name="b.html", source_url=WHERE, tool="Firefox")
    assert first.pk == second.pk
    assert EvidenceDocument.objects.count() == Job.objects.filter(kind="read").count() == 1
    rows = captures_of(first)
    assert [(row.by, row.blob.name, row.source_url, row.tool, row.intake) for row in rows] == [
        (world.reviewer, "a.html", "", "", INTAKE), (world.lead, "b.html", WHERE, "Firefox", INTAKE),
    ]  # fmt: skip
    told = Event.objects.filter(object_id=first.pk).order_by("sequence")
    assert [(event.verb, event.actor_id) for event in told] == [
        ("evidence.captured", world.reviewer.pk), ("evidence.captured_again", world.lead.pk),
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_same_form_twice_is_one_capture(world: World) -> None:
    key = new_ulid()
    assert bring(world, form_key=key).pk == bring(world, form_key=key).pk
    assert EvidenceCapture.objects.count() == 1


@pytest.mark.django_db
def test_what_was_withdrawn_a_person_may_capture_anew_and_a_machine_not(world: World) -> None:
    document = bring(world)
    flow.withdraw(document=document, by=world.reviewer, reason="It is a circular and no notice.")
    assert flow.receive(program=None, content=PAGE.encode(), name="a.html", form_key=new_ulid()).pk == document.pk
    again = bring(world)
    assert again.pk != document.pk
    assert bring(world, by="lead").pk == again.pk


def test_two_people_at_once_make_one_document(committed: World) -> None:
    def act(user: User) -> str:
        return flow.capture(by=user, content=PAGE.encode(), name="a.html", origin="upload", form_key=new_ulid()).pk

    found = at_once(*(partial(act, committed.people[name]) for name in ("reviewer", "lead") * 3))
    assert failed(found) == []
    assert len(set(found)) == EvidenceDocument.objects.count() == 1
    assert EvidenceCapture.objects.count() == 6
    assert Job.objects.filter(kind="read").count() == 1


def standing(document: EvidenceDocument) -> str:
    return source_standings([document])[document.pk]


@pytest.mark.django_db
def test_a_paste_is_unattested_until_its_page_is_captured(world: World) -> None:
    document = captured(world)
    assert standing(document) == "unattested"
    bring(world, content=document.text, name="a.txt")
    capture(by=world.reviewer, content=document.blob.name.encode() * 3, name="x.txt", origin="upload", form_key=new_ulid())
    assert standing(document) == "unattested", "a text saved without an address is no source"
    flow.capture_source(document=document, by=world.lead, content=PAGE.encode(), name="311.html", source_url=WHERE, form_key=new_ulid())
    assert standing(document) == "attested"
    last = captures_of(document)[-1]
    assert (last.agrees, last.method, last.by) == ("text", "upload", world.lead)
    assert last.sha256 != document.sha256
    assert Event.objects.filter(verb="evidence.source_captured", object_id=document.pk).count() == 1


@pytest.mark.django_db
def test_another_page_attests_nothing(world: World) -> None:
    document = captured(world)
    other = PAGE.replace("西安泓桥", "宁波甬衡").replace("1280000", "1290000")
    with pytest.raises(NotAllowed, match="Only 4 of the 6 lines") as caught:
        flow.capture_source(document=document, by=world.lead, content=other.encode(), name="a.html", source_url=WHERE, form_key=new_ulid())
    assert caught.value.code == "file"
    with pytest.raises(NotAllowed, match="address"):
        flow.capture_source(document=document, by=world.lead, content=PAGE.encode(), name="a.html", source_url="", form_key=new_ulid())
    assert standing(document) == "unattested"
    assert EvidenceCapture.objects.count() == 1


def test_white_space_and_width_do_not_count_in_the_comparison() -> None:
    assert holds_text("项目 编号：\nXJ-1", "项目编号: XJ-1\n\n") == (1, 1)
    assert not is_source_of("anything", "  \n")
    assert is_source_of("a" * 50 + "\nbb", "aa\nbb")


@pytest.mark.django_db
def test_the_page_of_a_pasted_text_is_captured_in_the_browser(world: World) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    document = captured(world)
    client = client_of(world.reviewer)
    address = f"/c/evidence/{document.number}/"
    assert "Source unattested" in client.get(address).content.decode()
    assert "Source unattested" in client.get("/c/evidence/").content.decode()
    form = client.get(f"{address}source/new/").context["form"]
    sent = {"form_key": form.initial["form_key"], "source_url": WHERE}
    wrong = client.post(f"{address}source/new/", {**sent, "file": SimpleUploadedFile("a.html", b"<p>other</p>")})
    assert wrong.status_code == 422
    assert "stand on this page" in wrong.content.decode()
    assert WHERE in wrong.content.decode(), "nothing typed is lost"
    right = client.post(f"{address}source/new/", {**sent, "file": SimpleUploadedFile("a.html", PAGE.encode())}, follow=True)
    page = right.content.decode()
    assert "Source attested" in page
    assert "Source unattested" not in page
    assert WHERE in page


@pytest.mark.django_db
def test_cases_and_flags_show_that_the_source_is_unattested(world: World) -> None:
    from tests.flags.cases import case_on_evidence

    case = case_on_evidence(world)
    client = client_of(world.reviewer)
    page = client.get(f"/c/?case={case.number}").content.decode()
    assert page.count("Source unattested") >= 2, "beside the document and on each flag"
    assert case.document is not None
    flow.capture_source(
        document=case.document, by=world.lead, content=PAGE.encode(), name="311.html", source_url=WHERE, form_key=new_ulid()
    )
    page = client.get(f"/c/?case={case.number}").content.decode()
    assert "Source unattested" not in page
    assert "Source attested" in page


@pytest.mark.django_db
def test_capturing_again_says_that_it_is_the_same_document(world: World) -> None:
    client = client_of(world.reviewer)
    for _time in range(2):
        answer = client.post("/c/evidence/new/", {"form_key": new_ulid(), "text": NOTICE}, follow=True)
    assert "were captured before" in answer.content.decode()
    assert EvidenceDocument.objects.count() == 1


def test_the_intake_names_the_version_of_the_portal() -> None:
    import tomllib
    from pathlib import Path

    project = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"portal {project['version']}" == INTAKE
