"""Several files captured at once: each a document of its own, each answered for by itself, and none lost because another is bad."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from certifications.evidence.models import EvidenceCapture, EvidenceDocument
from certifications.ledger.ids import new_ulid
from certifications.pages.compliance import forms, views_capture
from certifications.work.models import Job
from tests.evidence.readers.packed import docx, image_pdf
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
NEW = "/c/evidence/new/"


def notice(n: int) -> bytes:
    return f"<p>乌海市公安局试剂采购中标公告{n}</p><p>采购人：乌海市公安局</p>".encode()


def captured(world: World, *files: tuple[str, bytes], **about: str) -> Any:
    given = {"form_key": new_ulid(), **about, "file": [SimpleUploadedFile(name, content) for name, content in files]}
    return client_of(world.reviewer).post(NEW, given)


def text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_each_file_is_a_document_with_its_own_answer(world: World) -> None:
    bad = ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    answer = captured(
        world, ("1.html", notice(1)), bad, ("empty.txt", b""), ("2.docx", docx()), ("again.html", notice(1)), ("scan.pdf", image_pdf())
    )
    assert answer.status_code == 200
    results = answer.context["results"]
    assert [(one.name, one.is_new, bool(one.refused)) for one in results] == [
        ("1.html", True, False), ("old.doc", False, True), ("empty.txt", False, True), ("2.docx", True, False), ("again.html", False, False), ("scan.pdf", True, False),
    ]  # fmt: skip
    assert EvidenceDocument.objects.count() == 3
    assert Job.objects.filter(kind="read").count() == 3
    first = results[0].document
    assert results[4].document == first
    said = text(answer)
    assert f"1.html Kept as {first.number} ." in said
    assert "old.doc Refused: The file is an old Office document" in said
    assert "empty.txt Refused: The file is empty." in said
    assert f"again.html The same as {first.number} ; your capture is on record with it." in said
    assert "2 files were refused and are not kept." in said


def test_the_same_form_sent_again_keeps_nothing_twice(world: World) -> None:
    key = new_ulid()
    for _time in range(2):
        answer = captured(world, ("1.html", notice(1)), ("2.html", notice(2)), form_key=key)
        assert [one.is_new for one in answer.context["results"]] == [True, True]
    assert EvidenceDocument.objects.count() == EvidenceCapture.objects.count() == 2


def test_other_files_under_the_same_form_are_captured_too(world: World) -> None:
    key = new_ulid()
    captured(world, ("1.html", notice(1)), ("2.html", notice(2)), form_key=key)
    answer = captured(world, ("3.html", notice(3)), ("2.html", notice(2)), form_key=key)
    assert [(one.name, one.is_new) for one in answer.context["results"]] == [("3.html", True), ("2.html", True)]
    assert EvidenceDocument.objects.count() == 3


def test_more_files_than_any_page_takes_is_a_sentence(world: World) -> None:
    for address, number in ((NEW, 61), ("/tip/", 11)):
        files = {"file": [SimpleUploadedFile(f"{n}.html", notice(n)) for n in range(number)]}
        answer = client_of(world.reviewer).post(address, {"form_key": new_ulid(), **files})
        assert answer.status_code == 400, address
        assert "That is more files than this page takes at once." in text(answer)


def test_where_they_come_from_is_said_of_each_and_a_title_is_lost_for_none(world: World) -> None:
    captured(
        world, ("1.html", notice(1)), ("2.html", notice(2)), title="June", source_note="by mail", source_url="https://notices.example/june"
    )
    assert set(EvidenceDocument.objects.values_list("title", "source_note", "source_url")) == {
        ("", "by mail · June", "https://notices.example/june")
    }


def test_none_kept_is_an_error_and_says_why(world: World) -> None:
    answer = captured(world, ("a.exe", b"MZ\x90\x00"), ("b.zip", b"PK\x05\x06" + bytes(18)))
    assert answer.status_code == 422
    assert not EvidenceDocument.objects.exists()
    assert text(answer).count("Refused:") == 2


def test_too_many_or_too_much_is_one_sentence_and_everything_typed_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = captured(world, *((f"{n}.html", notice(n)) for n in range(51)), source_note="by mail")
    assert answer.status_code == 422
    assert "At most 50 files can be captured at once, 100 MB together." in text(answer)
    assert 'value="by mail"' in answer.content.decode()
    monkeypatch.setattr(forms, "MOST_MB", 0)
    assert "At most 50 files" in text(captured(world, ("1.html", notice(1)), ("2.html", notice(2))))
    assert not EvidenceDocument.objects.exists()


def test_a_large_one_among_them_is_refused_alone_and_unread(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_capture, "MAX_BYTES", 300)
    answer = captured(world, ("large.html", notice(1) * 9), ("2.html", notice(2)))
    assert [bool(one.refused) for one in answer.context["results"]] == [True, False]
    assert "larger than 25 MB" in text(answer)


def test_one_file_alone_goes_to_its_document_as_before(world: World) -> None:
    answer = captured(world, ("1.html", notice(1)), title="June")
    assert answer.status_code == 302
    assert answer.url == f"/c/evidence/{EvidenceDocument.objects.get().number}/"
    assert EvidenceDocument.objects.get().title == "June"


def test_text_and_files_together_are_still_refused(world: World) -> None:
    answer = captured(world, ("1.html", notice(1)), ("2.html", notice(2)), text="采购人：乌海市公安局")
    assert answer.status_code == 422
    assert "keep one of the two" in text(answer)


def test_the_page_takes_several_and_has_a_place_to_drop_them(world: World) -> None:
    page = client_of(world.reviewer).get(NEW).content.decode()
    assert re.search(r'<div class="drop" data-drop>.*?<input type="file"[^>]* multiple', page, re.DOTALL)


def test_who_may_not_capture_captures_none(world: World) -> None:
    given = {"form_key": new_ulid(), "file": [SimpleUploadedFile("1.html", notice(1)), SimpleUploadedFile("2.html", notice(2))]}
    assert client_of(world.people["auditor"]).post(NEW, given).status_code in {403, 404}
    assert not EvidenceDocument.objects.exists()
