"""The pages of an upload: sent, asked, mended, committed, all without a script; a bounded page whatever the file; another's is not there."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certifications.flow.uploads import KINDS, go_on
from certifications.ledger.ids import new_ulid
from certifications.mail.models import Mail
from certifications.parties.models import Customer
from certifications.people.models import SecurityEvent
from certifications.uploads import actions, steps
from certifications.uploads.models import Upload, UploadColumns
from tests.flow.steps import work
from tests.world import World, client_of

from .files import HEAD, HOSPITAL, MATERNITY, SALES, USE, csv, customers
from .steps import committed, now, sent
from .test_declarations import row

pytestmark = pytest.mark.django_db
BAD = (*MATERNITY[:4], "Atlantis", *MATERNITY[5:])


def post_file(client: Client, content: bytes, name: str = "customers.csv", **more: str) -> Any:
    typed = {"form_key": new_ulid(), "kind": "customers", "file": SimpleUploadedFile(name, content), **more}
    return client.post("/d/uploads/new/", typed)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return str(answer.content.decode())


def test_a_file_goes_the_whole_way_over_plain_forms(world: World) -> None:
    client = client_of(world.filer)
    answer = post_file(client, csv(HEAD, HOSPITAL, BAD))
    address = answer.url
    moving = page(client, address)
    assert '<progress class="w-100" max="100" value="0"' in moving
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in moving
    assert 'hx-trigger="every 2s"' in moving
    work("upload")
    shown = page(client, address)
    assert "2 rows: 1 ready, 1 need attention" in shown
    assert "hx-get" not in shown
    assert 'value="Atlantis"' in shown
    mended = client.post(f"{address}mend/", {"row": 3, "field": "country", "value": "China"})
    assert mended.url == f"{address}#work"
    assert "2 rows: 2 ready, 0 need attention" in page(client, address)
    preview = page(client, f"{address}rows/")
    assert preview.count('class="pill is-ok"') == 2
    client.post(f"{address}commit/", {"mode": "all"})
    work("upload")
    assert "created 2, updated 0, skipped 0" in page(client, address)
    assert Customer.objects.count() == 2
    assert "2 that were made by it go again" in page(client, f"{address}undo/")
    client.post(f"{address}undo/")
    work("upload")
    assert (Upload.objects.get().status, Customer.objects.count()) == ("undone", 0)


def test_a_file_that_is_no_table_is_refused_on_the_spot_and_nothing_is_kept(world: World) -> None:
    answer = post_file(client_of(world.filer), b"%PDF-1.7", "customers.csv")
    assert answer.status_code == 422
    assert "The file is a PDF, not a table. Save it as .xlsx or as CSV." in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_file_past_20_mb_is_refused_in_one_sentence(world: World) -> None:
    answer = post_file(client_of(world.filer), b"a,b\r\n" * (4 << 20) + b"x" * (1 << 20))
    assert answer.status_code == 422
    assert "larger than 20 MB" in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_file_that_cannot_be_read_says_why_and_is_read_again_another_way(world: World) -> None:
    client = client_of(world.filer)
    address = post_file(client, csv(("宁波江南医院", "宁波市"))).url
    work("upload")
    assert "No row with anything in it was found below the headings." in page(client, address)
    client.post(f"{address}again/", {"header_row": "0"})
    work("upload")
    assert client.get(address).url == f"{address}columns/"
    assert "Which column is what" in page(client, f"{address}columns/")


def test_the_same_form_twice_is_one_upload(world: World) -> None:
    client, key = client_of(world.filer), new_ulid()
    assert post_file(client, csv(HEAD, HOSPITAL), form_key=key).url == post_file(client, csv(HEAD, HOSPITAL), form_key=key).url
    assert Upload.objects.count() == 1


def test_the_same_bytes_are_told_to_be_the_same(world: World) -> None:
    first = committed(sent(world.filer, csv(HEAD, HOSPITAL)), world.filer)
    again = sent(world.filer, csv(HEAD, HOSPITAL))
    shown = page(client_of(world.filer), f"/d/uploads/{again.number}/")
    assert "You sent this file before" in shown
    assert first.number in shown
    assert "skip 1 that are there already" in shown


def test_columns_are_given_on_a_page_remembered_and_forgotten_on_another(world: World) -> None:
    client = client_of(world.filer)
    upload = sent(world.filer, csv((*HEAD[:3], "门牌", *HEAD[4:]), HOSPITAL))
    address = f"/d/uploads/{upload.number}/columns/"
    shown = page(client, address)
    assert "not known yet" in shown
    assert "宁波市中山东路" in shown
    typed = {
        f"column_{place}": code
        for place, code in enumerate(("native_name", "latin_name", "uscc", "address", "country", "division", "line_of_business"))
    }
    refused = client.post(address, typed | {"column_4": "address"})
    assert refused.status_code == 422
    assert "Two columns are given to “Address of the site”" in refused.content.decode()
    client.post(address, typed)
    work("upload")
    assert now(upload).counts["ready"] == 1
    memory = "/d/uploads/columns/customers/"
    assert "门牌" in page(client, memory)
    client.post(memory, {"column_门牌": ""})
    assert "门牌" not in page(client, memory)
    assert "门牌" not in UploadColumns.objects.get().said["columns"]


def test_ten_thousand_errors_stay_a_page(world: World) -> None:
    rows = [(*row[:4], "Atlantis", *row[5:]) for row in customers(1_500)]
    upload = sent(world.filer, csv(HEAD, *rows))
    client = client_of(world.filer)
    with CaptureQueriesContext(connection) as queries:
        shown = page(client, f"/d/uploads/{upload.number}/")
    assert "1,500 rows" in shown or "1500 rows" in shown
    assert len(shown) < 60_000
    assert len(queries) < 25
    group = page(client, f"/d/uploads/{upload.number}/?group=country.choice&page=60")
    assert len(re.findall(r'id="r\d+"', group)) == 25
    assert len(group) < 120_000


def test_only_the_rejected_rows_come_back_with_the_reason_and_no_formula(world: World) -> None:
    upload = sent(world.filer, csv(HEAD, HOSPITAL, ("=cmd|' /C calc'!A0", "+Evil Ltd", "", "＝1+1 路", *BAD[4:])))
    client = client_of(world.filer)
    content = client.get(f"/d/uploads/{upload.number}/rejected.csv").content.decode("utf-8-sig")
    lines = content.splitlines()
    assert len(lines) == 2
    assert lines[0].endswith(",error")
    assert "'=cmd" in lines[1] and "'+Evil" in lines[1] and "'＝1+1" in lines[1]
    assert "No country of the portal has this name" in lines[1]
    assert SecurityEvent.objects.filter(code="export").exists()
    mended = content.replace("Atlantis", "China").encode("utf-8-sig")
    again = sent(world.filer, mended)
    assert (again.status, again.counts["ready"]) == ("checked", 1)
    assert again.rows.get().title == "=cmd|' /C calc'!A0"
    book = client.get(f"/d/uploads/{upload.number}/rejected.xlsx")
    assert sent(world.filer, book.content, name="r.xlsx").counts["attention"] == 1
    assert b"<f>" not in book.content


def test_a_rejected_row_takes_along_what_a_blank_cell_meant(world: World) -> None:
    """The row above may be good and stay behind: the next one would be said of somebody else."""
    world.customer()
    world.customer(native_name=MATERNITY[0], latin_name=MATERNITY[1])
    lines = (
        row(),
        row("Q-2", customer="", product="CI-0"),
        ("", "", "CI-2717-200", "2", *[""] * 6),
        row("Q-3", customer=MATERNITY[0], end_use="?"),
    )
    upload = sent(world.filer, csv(SALES, *lines), kind="declarations")
    assert [one.state for one in upload.rows.order_by("number")] == ["ready", "attention", "attention", "attention"]
    content = client_of(world.filer).get(f"/d/uploads/{upload.number}/rejected.csv").content.decode("utf-8-sig")
    again = sent(world.filer, content.replace("CI-0", "CI-2440-100").replace(",?,", f',"{USE}",').encode(), kind="declarations")
    assert [(one.state, one.title) for one in again.rows.order_by("number")] == [
        ("ready", "宁波江南医院"),
        ("ready", "宁波江南医院"),
        ("ready", MATERNITY[0]),
    ]
    assert again.counts["will_create"] == 2


def test_files_that_could_not_be_read_do_not_use_up_the_places(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_OPEN", 1)
    assert sent(world.filer, csv(HEAD)).status == "unreadable"
    sent(world.filer, csv(HEAD, HOSPITAL))
    answer = post_file(client_of(world.filer), csv(HEAD, MATERNITY))
    assert "1 uploads are open already" in answer.content.decode()
    assert Upload.objects.count() == 2


def test_another_distributor_s_upload_is_like_one_that_does_not_exist(world: World) -> None:
    upload = sent(world.filer, csv(HEAD, HOSPITAL, BAD))
    client = client_of(world.stranger)
    for end in ("", "columns/", "rows/", "cancel/", "undo/", "rejected.csv", "rejected.xlsx"):
        foreign, nowhere = client.get(f"/d/uploads/{upload.number}/{end}"), client.get(f"/d/uploads/UPL-2026-000000/{end}")
        assert foreign.status_code == nowhere.status_code == 404, end
    for end in ("mend/", "commit/", "again/", "cancel/", "undo/"):
        assert (
            client.post(f"/d/uploads/{upload.number}/{end}", {"mode": "ready", "row": 2, "field": "country", "value": "CN"}).status_code
            == 404
        )
    assert upload.number not in page(client, "/d/uploads/")
    assert now(upload).status == "checked"


def test_who_may_not_file_sees_no_uploads(world: World) -> None:
    upload = sent(world.filer, csv(HEAD, HOSPITAL))
    for who in ("signatory", "distributor_admin", "reviewer", "lead", "auditor", "operator", "regulator"):
        client = client_of(world.people[who])
        for address in ("/d/uploads/", "/d/uploads/new/", f"/d/uploads/{upload.number}/", "/d/uploads/workbook/customers.xlsx"):
            assert client.get(address).status_code == 404, (who, address)


def test_a_commit_that_is_stopped_is_taken_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "WRITE_THINGS", 1)
    monkeypatch.setattr(steps, "BUDGET_SECONDS", -1.0)
    upload = sent(world.filer, csv(HEAD, *customers(4)), work=False)
    for _step in range(4):
        go_on(upload.pk)
    actions.commit(upload=now(upload), kind=KINDS["customers"], by=world.filer, mode="all")
    go_on(upload.pk)
    client = client_of(world.filer)
    shown = page(client, f"/d/uploads/{upload.number}/")
    assert "1 of 4 rows" in shown
    assert Customer.objects.count() == 1
    assert "What was written so far is taken back" in page(client, f"/d/uploads/{upload.number}/cancel/")
    client.post(f"/d/uploads/{upload.number}/cancel/")
    for _step in range(4):
        go_on(upload.pk)
    assert (now(upload).status, now(upload).counts["ready"], Customer.objects.count()) == ("checked", 4, 0)


def test_what_took_long_is_told_by_mail_without_a_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certifications.mail.actions.LONG_SECONDS", -1)
    upload = sent(world.filer, csv(HEAD, HOSPITAL))
    mail = Mail.objects.get(template="upload_done")
    assert (mail.to_email, upload.number in mail.subject) == (world.filer.email, True)
    assert HOSPITAL[0] not in mail.body


def test_a_commit_is_chosen_and_never_assumed(world: World) -> None:
    upload = sent(world.filer, csv(HEAD, HOSPITAL, BAD))
    client = client_of(world.filer)
    assert 'name="mode" value="all" required checked' not in page(client, f"/d/uploads/{upload.number}/")
    client.post(f"/d/uploads/{upload.number}/commit/", {})
    client.post(f"/d/uploads/{upload.number}/commit/", {"mode": "all"})
    assert now(upload).status == "checked"


def test_a_flood_of_files_is_stopped(world: World) -> None:
    client = client_of(world.filer)
    answers = [client.post("/d/uploads/new/", {}).status_code for _ in range(61)]
    assert (answers[0], answers[-1]) == (422, 429)
