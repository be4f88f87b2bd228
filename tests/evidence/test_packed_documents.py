"""A PDF or a Word document on each way in: kept whole, read by the worker, shown as text, handed back as a file and never as a page."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from bench.notices import labels
from certifications.evidence.models import EvidenceDocument
from certifications.evidence.readers.sniffing import DOCX, PDF
from certifications.flow import evidence_folder
from certifications.ledger.ids import new_ulid
from tests.evidence.readers.packed import NOTICE, docx, image_pdf, pdf
from tests.evidence.test_folder import folder
from tests.evidence.test_package_pages import brought, sent
from tests.world import World, client_of

__all__ = ["folder"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("build", "name", "kind"), [(pdf, "公告.pdf", PDF), (docx, "公告.docx", DOCX)])
def test_it_is_read_shown_as_text_and_handed_back_as_a_file(world: World, build: Callable[[], bytes], name: str, kind: str) -> None:
    content = build()
    document = brought(world, content, name)
    assert (document.status, document.blob.media_type) == ("read", kind)
    client, address = client_of(world.reviewer), f"/c/evidence/{document.number}/"
    page = client.get(address)
    framed = client.get(f"{address}text/").content.decode()
    assert '<pre class="source"' in framed
    assert 'id="src-buyer"' in framed
    for body in (page.content.decode(), framed):
        assert "<embed" not in body
        assert "<object" not in body
    given = sent(page.context["formset"]) | {"line-0-happened_on": "2026-06-02"}
    assert client.post(address, given).status_code == 302
    line = document.lines.get()
    assert (line.seller, line.model) == ("西安泓桥生物科技有限公司", "CI-2440-100")
    file = client.get(f"{address}source/")
    assert file["Content-Disposition"].startswith("attachment")
    assert file["Content-Type"] == "application/octet-stream"
    assert b"".join(file) == content


def test_pages_that_are_pictures_wait_for_a_person_who_types_them(world: World) -> None:
    document = brought(world, image_pdf(), "scan.pdf")
    assert document.status == "unreadable"
    client, address = client_of(world.reviewer), f"/c/evidence/{document.number}/"
    page = client.get(address)
    assert "The pages are pictures" in page.content.decode()
    given = {"line-TOTAL_FORMS": "1", "line-INITIAL_FORMS": "0", "line-0-stage": "award", "line-0-happened_on": "2026-06-02",
             "line-0-buyer": "乌海市公安局", "line-0-seller": "西安泓桥生物科技有限公司", "line-0-product_undisclosed": "on"}  # fmt: skip
    assert client.post(address, given).status_code == 302
    document.refresh_from_db()
    assert document.status == "confirmed"


@pytest.mark.parametrize(
    ("name", "said"), [("a.doc", "save it as .docx or PDF"), ("a.docm", "carries macros"), ("a.pdf", "but the file is none")]
)
def test_what_cannot_be_kept_is_said_and_nothing_is(world: World, name: str, said: str) -> None:
    content = {"a.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.docm": docx(), "a.pdf": "采购人：乌海市公安局".encode()}[name]
    answer = client_of(world.reviewer).post("/c/evidence/new/", {"form_key": new_ulid(), "file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not EvidenceDocument.objects.exists()


def test_the_watched_folder_takes_them(folder: Path) -> None:
    (folder / "a.pdf").write_bytes(pdf())
    (folder / "b.docx").write_bytes(docx())
    evidence_folder.look()
    assert sorted(EvidenceDocument.objects.values_list("blob__media_type", flat=True)) == [PDF, DOCX]


def test_a_pasted_text_is_attested_by_the_pdf_it_was_taken_from(world: World) -> None:
    from tests.flags.cases import captured

    document = captured(world, "乌海市公安局DNA检验试剂采购项目中标公告\n一、项目编号：WHGA-2026-017\n名称：乌海市公安局\n")
    file = SimpleUploadedFile("a.pdf", pdf())
    given = {"form_key": new_ulid(), "file": file, "source_url": "https://notices.example/1.pdf"}
    answer = client_of(world.reviewer).post(f"/c/evidence/{document.number}/source/new/", given)
    assert answer.status_code == 302, answer.content.decode()


def test_the_command_reads_them_too(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf())
    (tmp_path / "b.docx").write_bytes(docx())
    (tmp_path / "c.pdf").write_bytes(image_pdf())
    (tmp_path / "d.html").write_bytes(NOTICE.encode())
    out = tmp_path / "lines.jsonl"
    call_command("read_notices", *(str(path) for path in sorted(tmp_path.iterdir())), "--out", str(out), stderr=io.StringIO())
    rows = [json.loads(row) for row in out.read_text(encoding="utf-8").splitlines()]
    assert [row["buyer"] for row in rows] == ["乌海市公安局", "乌海市公安局", "", "乌海市公安局"]
    assert rows[2]["problem"] == "pictures"


def test_a_correction_of_a_pdf_is_a_case_with_its_file(world: World, tmp_path: Path) -> None:
    document = brought(world, pdf(), "a.pdf")
    client, address = client_of(world.reviewer), f"/c/evidence/{document.number}/"
    given: dict[str, Any] = sent(client.get(address).context["formset"])
    assert client.post(address, given | {"line-0-seller": "西安泓桥股份有限公司", "line-0-happened_on": "2026-06-02"}).status_code == 302
    call_command("keep_corrections", str(tmp_path))
    (label,) = labels(tmp_path)
    assert label["file"].endswith(".pdf")
    assert (tmp_path / label["file"]).read_bytes() == pdf()
