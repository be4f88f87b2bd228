"""Anybody verifies: four answers that never say more than is known, and nothing of a customer without the code."""

import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from certifications.attestations import models, queries
from certifications.attestations.models import StatusChange
from certifications.attestations.rules import normal_code
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.pages.public.answers import SENTENCES
from certifications.people.limits import place
from tests.authority import Authority
from verifier.pdf import REASONS

from .conftest import Issued

pytestmark = pytest.mark.django_db
NAMES = ("宁波江南医院", "Ningbo Jiangnan Hospital")


def words(answer: HttpResponse) -> str:
    """The page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def bare(answer: HttpResponse, number: str) -> str:
    """The page without what differs from request to request and without the number typed."""
    return re.sub(r"\b\w{64}\b", "", answer.content.decode()).replace(number, "")


def drop(content: bytes, client: Client | None = None) -> HttpResponse:
    """Give the page a file."""
    file = SimpleUploadedFile("EUC.pdf", content, content_type="application/pdf")
    return (client or Client()).post("/verify/", {"by": "file", "file": file})


def ask(number: str, code: str) -> HttpResponse:
    """Type number and code."""
    return Client().post("/verify/", {"by": "number", "number": number, "code": code})


def verdict(answer: HttpResponse) -> str:
    """ok, wait or stop: the colour of the headline."""
    found = re.search(r'class="verdict is-(\w+)"', answer.content.decode())
    assert found is not None
    return found[1]


def change(issued: Issued, to: str, sentence: str) -> None:
    """An effective change by two people."""
    first, second = issued.world.people["reviewer"], issued.world.people["lead"]
    StatusChange.objects.create(
        attestation=issued.attestation,
        to=to,
        reason="new_evidence",
        explanation="x" * 20,
        public_reason=sentence,
        state="effective",
        proposed_by=first,
        proposed_proof_id=new_ulid(),
        agreed_by=second,
        agreed_at=timezone.now(),
        agreed_proof_id=new_ulid(),
        digest="0" * 64,
    )
    issued.say(status=to)


def test_the_genuine_file_in_force_gets_four_answers_and_says_who_vouches(issued: Issued) -> None:
    answer = drop(issued.pdf)
    shown = words(answer)
    assert verdict(answer) == "ok"
    for sentence in (
        "This document is genuine and in force",
        "every byte is as it was sealed",
        "and the signature is good",
        "Not checked:",
        "UTC",
    ):
        assert sentence in shown
    assert "Local test authority." in shown
    assert all(name in shown for name in NAMES)
    assert "Owners of the parties" in shown


def test_number_and_code_answer_without_claiming_that_a_file_was_seen(issued: Issued) -> None:
    answer = ask(f" {issued.attestation.number.lower()} ", issued.attestation.code.lower().replace("-", " "))
    shown = words(answer)
    assert verdict(answer) == "ok"
    assert "This attestation is in force" in shown
    assert "every byte is as it was sealed" not in shown
    assert issued.attestation.seal.sha256[:8] in shown


def test_the_link_of_the_printed_qr_code_leads_to_the_answer(issued: Issued) -> None:
    url = issued.attestation.payload.canonical.split('"verify_url":"')[1].split('"')[0]
    answer = Client().get(url[url.index("/verify/") :])
    assert answer.status_code == 200
    assert "This attestation is in force" in words(answer)


def test_without_the_code_nothing_of_the_customer_is_shown(issued: Issued) -> None:
    shown = words(Client().get(f"/verify/{issued.attestation.number}/"))
    assert not any(name in shown for name in NAMES)
    assert "in force" not in shown.replace("still in force", "")


def test_an_unknown_number_and_a_wrong_code_get_the_same_words(issued: Issued) -> None:
    wrong = "0000-0001" if issued.attestation.code != "0000-0001" else "0000-0002"
    here, nowhere = ask(issued.attestation.number, wrong), ask("EUC-2026-000000", wrong)
    assert here.status_code == nowhere.status_code == 422
    assert "No attestation has this number with this code" in words(here)
    assert words(here) == words(nowhere)
    assert bare(here, issued.attestation.number) == bare(nowhere, "EUC-2026-000000")


@pytest.mark.parametrize("code", ["", "-", "0000-0000", "x" * 400])
def test_no_code_opens_a_document_that_it_does_not_belong_to(issued: Issued, code: str) -> None:
    if normal_code(code) == issued.attestation.code:
        pytest.skip("the code drawn for this test")
    assert ask(issued.attestation.number, code).status_code == 422


@pytest.mark.parametrize("to", ["suspended", "revoked", "superseded", "expired"])
def test_what_is_no_longer_in_force_never_looks_valid(issued: Issued, to: str) -> None:
    if to in {"suspended", "revoked"}:
        change(issued, to, "New evidence is being looked at.")
    else:
        issued.say(status=to)
    for answer in (drop(issued.pdf), ask(issued.attestation.number, issued.attestation.code)):
        shown = words(answer)
        assert verdict(answer) == "stop"
        assert "genuine and in force" not in shown
        assert "This attestation is in force" not in shown
        if to in {"suspended", "revoked"}:
            assert "New evidence is being looked at." in shown


def on(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """The clock by which standing is told, moved by so many days."""
    today = civil_today() + dt.timedelta(days=days)
    monkeypatch.setattr(models, "civil_today", lambda: today)


@pytest.mark.parametrize(("days", "colour"), [(0, "ok"), (364, "ok"), (365, "stop"), (4000, "stop"), (-1, "wait")])
def test_the_dates_count_whether_or_not_a_job_ran(issued: Issued, monkeypatch: pytest.MonkeyPatch, days: int, colour: str) -> None:
    on(monkeypatch, days)
    assert verdict(drop(issued.pdf)) == colour
    assert verdict(ask(issued.attestation.number, issued.attestation.code)) == colour


def test_a_genuine_seal_that_the_records_do_not_know_is_never_green(issued: Issued, sealed: bytes) -> None:
    answer = drop(sealed)
    assert verdict(answer) == "wait"
    assert "not in the records" in words(answer)
    assert NAMES[0] not in words(answer)


def test_an_altered_file_shows_nothing_of_what_it_says_and_names_what_is_wrong(issued: Issued) -> None:
    position = issued.pdf.index(b"stream") + 200
    flipped = issued.pdf[:position] + bytes([issued.pdf[position] ^ 1]) + issued.pdf[position + 1 :]
    for content, sentence in (
        (flipped, "bytes_changed"),
        (issued.pdf + b"x" * 50, "junk_appended"),
        (b"hello", "not_a_pdf"),
        (b"", "empty"),
    ):
        answer = drop(content)
        shown = words(answer)
        assert verdict(answer) == "stop"
        assert str(SENTENCES[sentence]) in shown
        assert not any(name in shown for name in NAMES)


def test_every_code_of_the_verifier_has_a_sentence() -> None:
    assert set(SENTENCES) == set(REASONS)


def test_a_file_of_another_authority_is_refused(issued: Issued, tmp_path: Any, unsealed: bytes) -> None:
    other = Authority(tmp_path / "other").start()
    try:
        answer = drop(other.sealer(unsealed).pdf)
    finally:
        other.stop()
    assert verdict(answer) == "stop"


def test_eleven_megabytes_are_refused_in_one_sentence(db: None) -> None:
    answer = drop(b"%PDF-" + bytes(11 * 1024 * 1024))
    assert answer.status_code == 422
    assert "larger than 10 MB" in words(answer)


def test_no_file_chosen_says_so(db: None) -> None:
    answer = Client().post("/verify/", {"by": "file"})
    assert answer.status_code == 422
    assert "Choose the PDF of the attestation." in words(answer)


def test_a_large_upload_is_held_in_memory_alone(issued: Issued, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    assert verdict(drop(issued.pdf + bytes(4 * 1024 * 1024))) == "stop"


def test_the_upload_needs_the_forms_own_token(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    assert drop(b"x", client).status_code == 403


def test_the_twenty_first_try_within_an_hour_waits(db: None) -> None:
    answers = [ask("EUC-2026-000000", "0000-0001").status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]
    assert Client().get("/verify/EUC-2026-000000/?code=0000-0001").status_code == 429
    assert Client().get("/verify/").status_code == 200


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "PATCH", "DELETE", "GUESS"])
def test_no_other_method_asks_for_an_attestation_uncounted(db: None, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    monkeypatch.setattr(queries, "by_number_and_code", lambda *_: pytest.fail("the record was asked"))
    assert Client().generic(method, "/verify/EUC-2026-000000/?code=0000-0001").status_code == 405


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_method_that_asks_is_counted(db: None, method: str) -> None:
    url = "/verify/EUC-2026-000000/?code=0000-0001"
    assert [Client().generic(method, url).status_code for _ in range(21)] == [404] * 20 + [429]


def test_three_at_once_per_address_and_a_fourth_waits(db: None) -> None:
    with place("verify:127.0.0.1", 3, 60), place("verify:127.0.0.1", 3, 60):
        assert ask("EUC-2026-000000", "0000-0001").status_code == 422
        with place("verify:127.0.0.1", 3, 60) as third:
            assert third
            assert ask("EUC-2026-000000", "0000-0001").status_code == 429
            assert Client().get("/verify/EUC-2026-000000/?code=0000-0001").status_code == 429
            assert Client().get("/verify/").status_code == 200
    assert ask("EUC-2026-000000", "0000-0001").status_code == 422


def test_the_answer_is_not_kept_by_any_cache(issued: Issued) -> None:
    assert "no-store" in drop(issued.pdf)["Cache-Control"]
