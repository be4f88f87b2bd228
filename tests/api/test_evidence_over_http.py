"""A program of the manufacturer sends documents: kept once, queued for a person, refused with what is wrong and how to mend it."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from certifications.evidence.models import EvidenceCapture, EvidenceDocument, EvidenceLine
from certifications.evidence.queries import captures_of, source_standings
from certifications.flags.models import Flag
from certifications.flow import evidence as flow
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from certifications.machines.actions import check_client
from certifications.work.models import Job
from tests.evidence.packages import package, release
from tests.world import World

from .programs import Program

pytestmark = pytest.mark.django_db
CONTENT = package(release(1))


@pytest.fixture
def crawler(world: World) -> Program:
    return Program(world.lead, "evidence:send")


def send(
    program: Program, content: str | bytes = CONTENT, *, name: str = "p.json", key: str | None = None, token: str = "", **about: str
) -> Any:
    raw = content if isinstance(content, bytes) else content.encode()
    said = {"Authorization": f"Bearer {token or program.token}", "Idempotency-Key": key or new_ulid()}
    return program.http.post("/api/evidence", {"file": SimpleUploadedFile(name, raw), **about}, headers=said)


def test_a_document_is_queued_and_trusted_for_nothing(crawler: Program) -> None:
    about = {"source_url": "https://notices.example/p1", "title": "P 1", "tool": "crawler 2.1", "taken_at": "2026-06-13T08:00:00Z"}
    answer = send(crawler, **about)
    assert answer.status_code == 202, answer.content
    said = answer.json()
    document = EvidenceDocument.objects.get(number=said["number"])
    assert said == {"number": document.number, "sha256": document.sha256, "status": "captured", "problem": "", "proposed": 0, "faults": 0,
                    "captures": 1, "new": True}  # fmt: skip
    capture = captures_of(document)[0]
    assert (capture.method, capture.program, capture.by, capture.tool, capture.source_url) == (
        "api", crawler.client, None, "crawler 2.1", "https://notices.example/p1",
    )  # fmt: skip
    assert str(capture.taken_at) == "2026-06-13 08:00:00+00:00"
    assert Event.objects.get(verb="evidence.captured").actor_id == crawler.client.pk
    flow.read(document.pk)
    assert not EvidenceLine.objects.exists()
    assert not Flag.objects.exists()
    assert source_standings([document]) == {document.pk: "attested"}
    state = crawler.get(f"evidence/{document.number}").json()
    assert (state["status"], state["proposed"]) == ("read", 1)


def test_the_same_key_gives_the_same_answer_and_another_body_with_it_is_refused(crawler: Program) -> None:
    key = new_ulid()
    first, again = send(crawler, key=key), send(crawler, key=key)
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert EvidenceCapture.objects.count() == 1
    other = send(crawler, package(release(2)), key=key)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")


def test_the_same_bytes_with_another_key_are_the_same_document(crawler: Program) -> None:
    first, again = send(crawler).json(), send(crawler, name="other.json").json()
    assert (again["number"], again["new"], again["captures"]) == (first["number"], False, 2)
    assert EvidenceDocument.objects.count() == Job.objects.filter(kind="read").count() == 1


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        ("", "p.json", "empty"),
        (b"%PDF-1.7", "a.html", "other_ending"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc", "old_office"),
        (b"\x00\x01\x02\x03" * 50, "a.bin", "wrong_name"),
        ("hello", "a.exe", "wrong_name"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_how_to_mend_it(crawler: Program, content: str | bytes, name: str, code: str) -> None:
    answer = send(crawler, content, name=name)
    assert answer.status_code == 422
    said = answer.json()
    assert said["errors"][0]["where"] in {"file", "file.file"} or "file" in said["errors"][0]["where"]
    if content:
        assert said["code"] in {code, "binary"}
    assert not EvidenceDocument.objects.exists()


@pytest.mark.parametrize(
    "about", [{"source_url": "javascript:alert(1)"}, {"taken_at": "yesterday"}, {"taken_at": "2026-01-01T00:00:00"}, {"taken_at": "2999-01-01T00:00:00Z"},
              {"tool": "x" * 200}, {"unknown": "1"}]
)  # fmt: skip
def test_fields_that_do_not_fit_are_named(crawler: Program, about: dict[str, str]) -> None:
    answer = send(crawler, **about)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.content
    assert next(iter(about)) in answer.json()["errors"][0]["where"]


def test_it_needs_a_key_a_form_and_the_scope(crawler: Program, world: World) -> None:
    said = {"Authorization": f"Bearer {crawler.token}"}
    bare = crawler.http.post("/api/evidence", {"file": SimpleUploadedFile("p.json", b"{}")}, headers=said)
    assert (bare.status_code, bare.json()["code"]) == (400, "no_key")
    assert crawler.post("evidence", {"file": "x"}).status_code == 415
    desk = Program(world.lead, "orders:read")
    assert send(desk).json()["code"] == "insufficient_scope"
    assert crawler.http.post("/api/evidence", {}).status_code == 401
    assert not EvidenceDocument.objects.exists()


def test_a_document_that_is_too_large_is_refused_before_it_is_read(crawler: Program) -> None:
    answer = send(crawler, b"x" * (26 * 1024 * 1024), name="a.txt")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    answer = send(crawler, b"x" * (31 * 1024 * 1024), name="a.txt")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_distributor_cannot_have_such_a_program(world: World) -> None:
    with pytest.raises(NotAllowed, match="Choose at least one thing"):
        check_client(by=world.distributor_admin, name="Crawler", scopes=["evidence:send"])
    erp = Program(world.distributor_admin)
    assert send(erp).json()["code"] == "insufficient_scope"
    assert "evidence:send" not in erp.client.scopes
    page = client_of_admin(world)
    assert "evidence:send" not in page


def client_of_admin(world: World) -> str:
    from tests.world import client_of

    return client_of(world.distributor_admin).get("/programs/new/").content.decode()


def test_one_program_does_not_see_what_another_sent(crawler: Program, world: World) -> None:
    number = send(crawler).json()["number"]
    other = Program(world.lead, "evidence:send")
    assert other.get(f"evidence/{number}").status_code == 404
    assert other.get("evidence/EV-2026-000000").status_code == 404


def test_the_description_names_it(crawler: Program) -> None:
    said = crawler.http.get("/api/openapi.json").json()["paths"]["/api/evidence"]["post"]
    assert "multipart/form-data" in said["requestBody"]["content"]
    assert {"202", "413", "422", "409"} <= said["responses"].keys()
