"""Broken and hostile files: each ends in a sentence that says what, where and how to mend it; nothing is half written, no page fails."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from certifications.custody.models import Movement
from certifications.flow.uploads import KINDS
from certifications.ledger.ids import new_ulid
from certifications.uploads import actions
from certifications.uploads.models import Upload
from tests.uploads.files import csv
from tests.uploads.steps import committed, now, sent, worked
from tests.world import World, client_of

from .broken import CELLS, WHOLE
from .reports import HEAD, row

pytestmark = pytest.mark.django_db


def test_there_are_fifty_of_them() -> None:
    assert len(WHOLE) + len(CELLS) >= 50


@pytest.mark.parametrize("make", WHOLE.values(), ids=list(WHOLE))
def test_a_file_that_is_no_table_ends_in_a_sentence(world: World, make: Callable[[], tuple[str, bytes]]) -> None:
    name, content = make()
    client = client_of(world.filer)
    client.post("/set-language/", {"language": "en"})
    file = SimpleUploadedFile(name, content)
    answer = client.post("/d/uploads/new/", {"form_key": new_ulid(), "kind": "sales", "file": file})
    upload = Upload.objects.first()
    if upload is None:
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "invalid-feedback" in page or "error-summary" in page
    else:
        upload = worked(upload)
        assert upload.status == "unreadable", (upload.status, upload.counts, upload.reading.get("header"))
        page = client.get(f"/d/uploads/{upload.number}/").content.decode()
        assert "What is wrong, and what to do" in page
        assert upload.problem["code"] != "reader_died" or upload.problem["params"]["reason"]
    assert Movement.objects.count() == 0


@pytest.mark.parametrize(("changes", "field"), CELLS.values(), ids=list(CELLS))
def test_a_row_that_is_wrong_is_named_by_row_and_column(world: World, changes: dict[str, str], field: str) -> None:
    upload = sent(world.filer, csv(HEAD, row(发票号="GOOD"), row(**changes)), kind="sales")
    assert upload.status == "checked"
    stops = set(upload.problems.filter(blocks=True).values_list("number", "field"))
    assert stops == {(3, field)}
    problem = upload.problems.filter(blocks=True).get()
    assert len(problem.texts["en"]) > 20
    client = client_of(world.filer)
    page = client.get(f"/d/uploads/{upload.number}/").content.decode()
    assert 'id="r3"' in page
    assert "<script>alert(1)" not in page
    with pytest.raises(Exception, match="attention"):
        actions.commit(upload=upload, kind=KINDS["sales"], by=world.filer, mode="all")
    assert Movement.objects.count() == 0
    assert (committed(now(upload), world.filer, "ready").status, Movement.objects.count()) == ("committed", 1)


def test_rejected_rows_come_back_as_a_file_that_runs_nothing(world: World) -> None:
    bad = row(客户名称='=HYPERLINK("http://x")', 数量="很多", 批号="@SUM(1)")
    upload = sent(world.filer, csv(HEAD, row(发票号="GOOD"), bad), kind="sales")
    out = client_of(world.filer).get(f"/d/uploads/{upload.number}/rejected.csv").content.decode("utf-8-sig")
    head, line = out.strip().splitlines()
    assert head.endswith(",error")
    assert "'=HYPERLINK" in line
    assert "'@SUM(1)" in line
    # Mended and sent back as it is: the marks go again.
    again = sent(world.filer, out.replace("很多", "3").encode(), kind="sales")
    assert (again.counts["ready"], again.problems.filter(blocks=True).count()) == (1, 0)
    committed(again, world.filer)
    assert Movement.objects.get().buyer_name == '=HYPERLINK("http://x")'
