"""The lists of letters, earlier certificates and movements: searched, narrowed and sorted by the address, and saved as they stand."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from certifications.ledger.days import civil_today
from tests.custody.reports import DAY, HEAD, MONTH, row
from tests.letters.asked import asked, waiting
from tests.programme.test_certificates import kept
from tests.uploads.files import csv
from tests.uploads.steps import committed, sent, undone
from tests.world import World, client_of

from .test_sorted_lists import file_of, link, page, paged

pytestmark = pytest.mark.django_db
ONE = dt.timedelta(days=1)


def saved(client: Client, body: str, place: int = 0) -> list[str]:
    """One column of the file that the page leads to."""
    lines = client.get(file_of(body)).content.decode("utf-8-sig").splitlines()
    return [line.split(",")[place] for line in lines[1:]]


def projects(body: str) -> list[str]:
    return re.findall(r'<td class="id" data-of="Project number">(?:<span[^>]*>)?([^<]+)<', body)


@pytest.fixture
def letters(world: World) -> World:
    """Three of Qinglan, in the order in which they were asked for."""
    for number, days in (("B-2", 30), ("A-9", 60), ("C-1", 45)):
        asked(world, project_no=number, valid_until=civil_today() + days * ONE)
    return world


def test_letters_are_sorted_narrowed_and_saved(letters: World) -> None:
    client = client_of(letters.filer)
    assert projects(page(client, "/d/letters/")) == ["C-1", "A-9", "B-2"]
    assert projects(page(client, "/d/letters/?sort=asked")) == ["B-2", "A-9", "C-1"]
    assert projects(page(client, "/d/letters/?sort=project")) == ["A-9", "B-2", "C-1"]
    assert projects(page(client, "/d/letters/?sort=until")) == ["B-2", "C-1", "A-9"]
    assert projects(page(client, "/d/letters/?since=2020-01-01&until=2020-02-01")) == []
    waiting(letters, project_no="D-4")
    assert projects(page(client, "/d/letters/?state=waiting")) == ["D-4"]
    body = page(client, "/d/letters/?state=screening&sort=-project")
    assert projects(body) == ["C-1", "B-2", "A-9"]
    assert saved(client, body, 3) == ["C-1", "B-2", "A-9"]
    body = page(client, "/d/letters/?q=nothing&sort=project")
    assert "No letter fits" in body
    assert link(body, "Clear filters") == "/d/letters/?sort=project"


def test_only_compliance_narrows_letters_by_distributor(letters: World) -> None:
    client, theirs = client_of(letters.reviewer), letters.stranger.organisation.pk
    assert projects(page(client, f"/c/letters/?distributor={letters.qinglan.pk}&sort=project")) == ["A-9", "B-2", "C-1"]
    assert projects(page(client, f"/c/letters/?distributor={theirs}")) == []
    body = page(client_of(letters.filer), f"/d/letters/?distributor={theirs}")
    assert len(projects(body)) == 3
    assert letters.stranger.organisation.name not in body
    assert projects(page(client_of(letters.stranger), f"/d/letters/?distributor={letters.qinglan.pk}")) == []
    assert client_of(letters.stranger).get("/d/letters/csv/").content.decode().count("\n") == 1


def test_pages_of_letters_follow_one_another(letters: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certifications.pages.letters.page_of", paged(2))
    client = client_of(letters.filer)
    first = page(client, "/d/letters/?sort=project")
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    second = page(client, following[1])
    assert (projects(first), projects(second)) == (["A-9", "B-2"], ["C-1"])
    assert "3" in re.findall(r"\d of (\d)", second)


def numbers(body: str) -> list[str]:
    return re.findall(r'<a class="id" href="/d/certificates/[^"]+">([^<]+)<', body)


def test_certificates_are_sorted_narrowed_and_saved(world: World) -> None:
    today, client = civil_today(), client_of(world.filer)
    for number, latin, dated, until in (
        ("M-2", "Zither Academy", 200, 9), ("M-1", "Beacon Testing Station", 300, -1), ("M-3", "Ningbo Jiangnan Hospital", 100, 20),
    ):  # fmt: skip
        customer = world.customer(native_name="", latin_name=latin, uscc="", lei="")
        kept(world, number=number, customer_id=customer.pk, dated_on=today - dated * ONE, valid_until=today + until * ONE)
    assert numbers(page(client, "/d/certificates/")) == ["M-3", "M-2", "M-1"]
    assert numbers(page(client, "/d/certificates/?sort=number")) == ["M-1", "M-2", "M-3"]
    assert numbers(page(client, "/d/certificates/?sort=name")) == ["M-1", "M-3", "M-2"]
    assert numbers(page(client, "/d/certificates/?sort=-until")) == ["M-3", "M-2", "M-1"]
    assert numbers(page(client, "/d/certificates/?state=over")) == ["M-1"]
    assert numbers(page(client, f"/d/certificates/?since={today - 200 * ONE}&until={today - 200 * ONE}")) == ["M-2"]
    body = page(client, "/d/certificates/?state=held&sort=name")
    assert numbers(body) == ["M-3", "M-2"]
    assert saved(client, body, 1) == ["M-3", "M-2"]
    assert numbers(page(client, "/d/certificates/?q=academy")) == ["M-2"]
    assert "No certificate fits" in page(client, "/d/certificates/?q=nothing")
    assert "M-1" not in page(client_of(world.stranger), "/d/certificates/")
    assert "M-1" not in client_of(world.stranger).get("/d/certificates/csv/").content.decode()


def invoices(body: str) -> list[str]:
    return re.findall(r'<span class="sub id">(INV-\d)<', body)


@pytest.fixture
def reported(world: World) -> Any:
    """Three sales: the days and the buyers stand in other orders than the rows."""
    rows = [
        row(发票号=f"INV-{n}", 客户名称=buyer, 终端用户="", 发货日期=(DAY + after * ONE).isoformat())
        for n, buyer, after in ((1, "Beta Trading", 2), (2, "Gamma Trading", 3), (3, "Alpha Trading", 1))
    ]
    upload = committed(sent(world.filer, csv(HEAD, *rows), kind="sales"), world.filer)
    assert upload.counts["did_create"] == 3
    return upload


def test_movements_are_sorted_narrowed_and_saved(world: World, reported: Any) -> None:
    client = client_of(world.filer)
    assert invoices(page(client, "/d/movements/")) == ["INV-2", "INV-1", "INV-3"]
    assert invoices(page(client, "/d/movements/?sort=day")) == ["INV-3", "INV-1", "INV-2"]
    assert invoices(page(client, "/d/movements/?sort=buyer")) == ["INV-3", "INV-1", "INV-2"]
    assert invoices(page(client, "/d/movements/?kind=return")) == []
    assert len(invoices(page(client, f"/d/movements/?month={MONTH:%Y-%m}"))) == 3
    body = page(client, "/d/movements/?q=Trading&sort=-buyer")
    assert invoices(body) == ["INV-2", "INV-1", "INV-3"]
    assert [buyer for buyer in saved(client, body, 12) if buyer] == ["Gamma Trading", "Beta Trading", "Alpha Trading"]
    assert invoices(page(client_of(world.stranger), "/d/movements/")) == []
    undone(reported, world.filer)
    assert invoices(page(client, "/d/movements/")) == []
    assert len(invoices(page(client, "/d/movements/?standing=taken_back"))) == 3


def test_a_month_that_is_none_is_said_and_narrows_nothing(world: World, reported: Any) -> None:
    assert reported.pk
    body = page(client_of(world.filer), "/d/movements/?month=last&kind=sell_in&standing=x")
    assert len(invoices(body)) == 3
    assert "Write a month as year-month" in body


def test_the_maker_narrows_movements_by_distributor_and_sorts_none_by_whom_they_went_to(world: World, reported: Any) -> None:
    assert reported.pk
    client, theirs = client_of(world.reviewer), world.stranger.organisation
    assert len(invoices(page(client, f"/c/movements/?distributor={world.qinglan.pk}"))) == 3
    assert invoices(page(client, f"/c/movements/?distributor={theirs.pk}")) == []
    # No index would serve that for everybody's movements.
    assert invoices(page(client, "/c/movements/?sort=buyer")) == ["INV-2", "INV-1", "INV-3"]
    body = page(client_of(world.filer), f"/d/movements/?distributor={theirs.pk}")
    assert len(invoices(body)) == 3
    assert theirs.name not in body
