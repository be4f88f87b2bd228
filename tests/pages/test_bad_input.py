"""Bad input on each page: one clear sentence at the field, nothing typed lost, nothing kept, never an error of ours."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from certifications.declarations.models import Declaration
from certifications.evidence.models import EvidenceDocument
from certifications.files.models import Blob
from certifications.parties.models import Customer
from certifications.work.models import Job
from tests.declarations.forms import fill_in
from tests.declarations.forms import typed as declared
from tests.flags.cases import NOTICE
from tests.flow.steps import work
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
NEW = "/c/evidence/new/"
KEY = "01HZZZZZZZZZZZZZZZZZZZZZZ1"
CUSTOMER = {
    "form_key": KEY, "native_name": "绍兴稽山口腔医院", "latin_name": "Shaoxing Jishan Dental Hospital", "other_names": "", "kind": "end_user",
    "uscc": "", "lei": "", "address": "绍兴市越城区稽山路 3 号", "country": "CN", "division": "330600", "line_of_business": "Dental hospital",
    "note": "",
}  # fmt: skip


def captured(world: World, content: bytes | None = None, name: str = "notice.html", **fields: str) -> Any:
    """Send a notice as a file, or as the fields say."""
    sent: dict[str, Any] = {"form_key": KEY, "title": "Kept title", "source_note": "Kept note", **fields}
    if content is not None:
        sent["file"] = SimpleUploadedFile(name, content)
    return client_of(world.reviewer).post(NEW, sent)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"%PDF-1.7 and so on", "notice.html", ".pdf"),
        (b"PK\x03\x04 and so on", "notice.docx", "ZIP"),
        (b"\x89PNG\r\n\x1a\n and so on", "notice.png", "image"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "notice.html", "program"),
        (b"   \r\n", "notice.txt", "empty"),
        (b"", "notice.txt", "empty"),
        ("中标公告".encode() * 10, "notice.exe", ".exe"),
        (bytes(range(128, 256)) * 40, "notice.txt", "encoding"),
        (b"text \x00\x01\x02\x03 binary" * 50, "notice.txt", ""),
    ],
)
def test_a_file_that_is_no_notice_is_named_and_nothing_is_kept(world: World, content: bytes, name: str, words: str) -> None:
    answer = captured(world, content, name)
    errors = answer.context["form"].errors
    assert answer.status_code == 422
    assert list(errors) == ["file"]
    assert len(errors["file"]) == 1
    assert words in str(errors["file"])
    for kept in ("Kept title", "Kept note", KEY):
        assert kept in answer.content.decode()
    assert not EvidenceDocument.objects.exists()
    assert not Blob.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [({}, "text"), ({"text": "   "}, "text"), ({"text": "中标公告", "source_url": "javascript:alert(1)"}, "source_url")],
)
def test_nothing_pasted_or_a_bad_address_is_said_at_its_field(world: World, fields: dict[str, str], field: str) -> None:
    answer = captured(world, **fields)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "Kept title" in answer.content.decode()


def test_text_and_file_at_once_are_not_guessed_between(world: World) -> None:
    answer = captured(world, b"<p>x</p>", text=NOTICE)
    assert "keep one of the two" in str(answer.context["form"].errors["file"])
    assert "库尔勒市公安局DNA试剂采购项目中标公告" in answer.content.decode()


def test_a_notice_that_was_cut_off_is_kept_read_as_far_as_it_goes_and_says_so(world: World) -> None:
    whole = f"<html><body><table><tr><td>{NOTICE.replace(chr(10), '<br>')}</td></tr></table></body></html>".encode()
    answer = captured(world, whole[: len(whole) * 2 // 3])
    assert answer.status_code == 302
    work("read")
    document = EvidenceDocument.objects.get()
    assert document.status in {"read", "unreadable"}
    page = client_of(world.reviewer).get(answer.url)
    assert page.status_code == 200
    assert document.problem or "cut" in str(document.proposal).lower()


def test_a_notice_sent_twice_is_one_document(world: World) -> None:
    first, second = captured(world, text=NOTICE), captured(world, text=NOTICE)
    assert first.url == second.url
    assert EvidenceDocument.objects.count() == Blob.objects.count() == Job.objects.filter(kind="read").count() == 1


def test_confirming_lines_that_lack_something_keeps_what_was_typed(world: World) -> None:
    captured(world, text=NOTICE)
    work("read")
    address = f"/c/evidence/{EvidenceDocument.objects.get().number}/"
    client = client_of(world.reviewer)
    sent = {
        "line-TOTAL_FORMS": "1", "line-INITIAL_FORMS": "0", "line-MIN_NUM_FORMS": "0", "line-MAX_NUM_FORMS": "50",
        "line-0-stage": "award", "line-0-happened_on": "2099-01-01", "line-0-buyer": "库尔勒市公安局", "line-0-seller": "",
        "line-0-product_text": "Typed goods", "line-0-quantity": "12",
    }  # fmt: skip
    answer = client.post(address, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "mark it as withheld" in page
    assert "The date lies in the future" in page
    for kept in ("Typed goods", 'value="12', "库尔勒市公安局"):
        assert kept in page
    assert client.post(address, sent | {"line-0-quantity": "many"}).status_code == 422
    assert EvidenceDocument.objects.get().status == "read"


def test_a_document_confirmed_twice_is_confirmed_once(world: World) -> None:
    captured(world, text=NOTICE)
    work("read")
    document = EvidenceDocument.objects.get()
    sent = {
        "line-TOTAL_FORMS": "1", "line-INITIAL_FORMS": "0", "line-0-stage": "award", "line-0-happened_on": "2026-05-08",
        "line-0-buyer": "库尔勒市公安局", "line-0-seller": "西安泓桥生物科技有限公司", "line-0-product_undisclosed": "on",
    }  # fmt: skip
    client = client_of(world.reviewer)
    assert client.post(f"/c/evidence/{document.number}/", sent).status_code == 302
    assert client.post(f"/c/evidence/{document.number}/", sent).status_code in {200, 302, 409}
    assert document.lines.count() == Job.objects.filter(kind="match").count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"native_name": "名" * 301},
        {"country": "ZZ"},
        {"kind": "president"},
        {"division": "3306001"},
        {"form_key": ""},
        {"form_key": "x" * 27},
        {"uscc": "9" * 41},
        {"note": "n" * 501},
        {"other_names": "o" * 1501},
    ],
)
def test_a_customer_form_of_any_wrong_shape_comes_back_whole(world: World, changes: dict[str, str]) -> None:
    answer = client_of(world.filer).post("/d/customers/new/", CUSTOMER | changes)
    assert answer.status_code == 422
    assert "绍兴市越城区稽山路 3 号" in answer.content.decode()
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["<b>医院</b>", '=HYPERLINK("x")医院', "'; DROP TABLE x;--医"],
)
def test_a_name_that_is_hard_to_draw_is_kept_as_written_and_shown_as_text(world: World, name: str) -> None:
    client = client_of(world.filer)
    answer = client.post("/d/customers/new/", CUSTOMER | {"native_name": name})
    assert answer.status_code == 302
    page = client.get(answer.url).content.decode()
    assert "<b>医院</b>" not in page
    assert Customer.objects.get().party.names.first().text == name  # type: ignore[union-attr]
    assert not any(line.startswith("=") for line in client.get("/d/customers/export/").content.decode().splitlines())


@pytest.mark.parametrize("page", ["0", "-1", "999", "abc", "1e9"])
def test_a_page_number_that_is_none_shows_a_page(world: World, page: str) -> None:
    for address in ("/d/customers/", "/d/declarations/", "/d/attestations/"):
        assert client_of(world.filer).get(address, {"page": page, "status": "x", "order": "y", "q": "%_\\'\""}).status_code == 200
    for address in ("/c/evidence/", "/c/attestations/"):
        assert client_of(world.reviewer).get(address, {"page": page, "state": "x", "q": "%_\\'\""}).status_code == 200


def test_a_case_a_document_or_a_decision_that_does_not_exist_is_404(world: World) -> None:
    client = client_of(world.reviewer)
    for address in ("/c/cases/C-2026-000000/decide/", "/c/cases/C-2026-000000/agree/", "/c/evidence/EV-2026-000000/withdraw/"):
        assert client.post(address, {"decision": "x"}).status_code == 404


@pytest.mark.parametrize("field", ["customer", "form_key", "kind"])
def test_a_declaration_without_one_of_its_first_fields_is_not_begun(world: World, field: str) -> None:
    sent = declared(world, world.customer())
    del sent[field]
    with transaction.atomic():
        assert client_of(world.filer).post("/d/declarations/new/", sent).status_code == 422
    assert not Declaration.objects.exists()


@pytest.mark.parametrize("field", ["term", "place_country", "valid_from", "place_address", "contract"])
def test_a_declaration_form_without_one_of_its_fields_is_no_error_of_ours(world: World, field: str) -> None:
    sent = declared(world, world.customer())
    del sent[field]
    with transaction.atomic():
        assert fill_in(client_of(world.filer), sent).context["form"].errors
