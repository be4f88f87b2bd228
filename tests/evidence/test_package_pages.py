"""A package in the browser: uploaded, read by the worker, dealt with part by part, its faults shown, its words never run."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.flow import evidence as flow
from certifications.ledger.ids import new_ulid
from certifications.work.models import Job
from tests.evidence.packages import SELLER, award, eforms, package, release
from tests.world import World, client_of

pytestmark = pytest.mark.django_db


def brought(world: World, content: str | bytes, name: str = "package.json") -> EvidenceDocument:
    """Uploaded in the browser and read."""
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
    answer = client_of(world.reviewer).post("/c/evidence/new/", {"form_key": new_ulid(), "file": file})
    assert answer.status_code == 302, answer.content.decode()
    document = EvidenceDocument.objects.latest("captured_at")
    flow.read(document.pk)
    document.refresh_from_db()
    return document


def sent(form: Any) -> dict[str, str]:
    """What a browser sends when nothing is changed."""
    fields: dict[str, str] = {}
    for one in form:
        for bound in one:
            value = bound.value()
            if value not in {None, False, ""}:
                fields[bound.html_name] = "on" if value is True else str(value)
    return {**fields, "line-TOTAL_FORMS": str(len(form.forms)), "line-INITIAL_FORMS": str(len(form.forms))}


def test_a_package_of_many_lines_is_dealt_with_part_by_part(world: World) -> None:
    parking = release(999, awards=[award(title="Parking", items=[{"id": "1", "description": "Tickets"}])])
    document = brought(world, package(*(release(n) for n in range(1, 61)), parking))
    assert document.status == "read"
    client, address = client_of(world.reviewer), f"/c/evidence/{document.number}/"
    page = client.get(address)
    assert "Lines 1 to 25 of 60" in page.content.decode()
    assert "1 part of the package is not proposed" in page.content.decode()
    first = {**sent(page.context["formset"]), "begins": "0", "line-3-DELETE": "on"}
    assert client.post(address, first).status_code == 302
    document.refresh_from_db()
    assert (document.status, document.handled, document.lines.count()) == ("partly", 25, 24)
    assert Job.objects.filter(kind="match").count() == 24
    late = client.post(address, first, follow=True)
    assert "Somebody else went on" in late.content.decode()
    assert document.lines.count() == 24
    flow.match_line(document.lines.first().pk)  # type: ignore[union-attr]
    for begins in (25, 50):
        page = client.get(address)
        assert client.post(address, {**sent(page.context["formset"]), "begins": str(begins)}).status_code == 302
    document.refresh_from_db()
    assert (document.status, document.handled, document.lines.count()) == ("confirmed", 60, 59)
    assert sorted(document.lines.values_list("position", flat=True)) == list(range(59))
    one = document.lines.order_by("position")[0]
    assert (one.product, one.currency, one.seller_identifier, one.happened_on) == (
        world.kit, "EUR", "CN-USCC 91610131MA6TX1234X", dt.date(2026, 6, 11),
    )  # fmt: skip
    assert one.extraction["seller"]["corrected"] is False


def test_lines_of_which_none_is_taken_leave_nothing_to_do(world: World) -> None:
    document = brought(world, package(release(1)))
    client, address = client_of(world.reviewer), f"/c/evidence/{document.number}/"
    fields = {**sent(client.get(address).context["formset"]), "begins": "0", "line-0-DELETE": "on"}
    assert "None of these lines was taken" in client.post(address, fields, follow=True).content.decode()
    document.refresh_from_db()
    assert document.status == "nothing"
    assert not EvidenceLine.objects.exists()


def test_a_package_without_our_products_waits_for_nobody_and_a_line_can_be_added(world: World) -> None:
    document = brought(world, package(release(1, awards=[award(status="unsuccessful")])))
    assert document.status == "nothing"
    client, address = client_of(world.reviewer), f"/c/evidence/{document.number}/"
    assert "Nothing in it is proposed" in client.get(address).content.decode()
    form = client.get(f"{address}?add=1").context["formset"]
    assert len(form.forms) == 1
    fields = {"line-TOTAL_FORMS": "1", "line-INITIAL_FORMS": "0", "line-0-stage": "award", "line-0-happened_on": "2026-06-11",
              "line-0-buyer": "库尔勒市公安局", "line-0-seller": SELLER["name"], "line-0-product": world.kit.pk}  # fmt: skip
    assert client.post(address, fields).status_code == 302
    document.refresh_from_db()
    assert document.status == "confirmed"


def test_faults_are_shown_with_their_path_and_how_to_mend_them(world: World) -> None:
    bare = {name: value for name, value in release(1).items() if name != "id"}
    page = client_of(world.reviewer).get(f"/c/evidence/{brought(world, package(bare)).number}/").content.decode()
    assert "1 fault in the form of the package" in page
    assert "releases[0]" in page
    assert "“id” is missing." in page
    assert "Have the publisher add it" in page


def test_scripts_in_a_package_are_only_words_on_the_page(world: World) -> None:
    nasty = award(title='STR kit <script>alert(1)</script>"><img src=x onerror=alert(2)>', items=[])
    bad = {**release(1, awards=[nasty]), "publisher": "<b>x</b>"}
    page = client_of(world.reviewer).get(f"/c/evidence/{brought(world, package(bad)).number}/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (package(release(1))[:-30], "p.json", "This is no valid JSON"),
        ('{"releases": [], "releases": []}', "p.json", "stands twice"),
        (eforms().replace("?>", '?><!DOCTYPE a [<!ENTITY b "c">]>', 1), "n.xml", "definitions of its own"),
        (eforms()[:-50], "n.xml", "This is no valid XML"),
    ],
)
def test_what_cannot_be_read_says_why_and_can_be_entered_by_hand(world: World, content: str, name: str, sentence: str) -> None:
    document = brought(world, content, name)
    assert document.status == "unreadable"
    page = client_of(world.reviewer).get(f"/c/evidence/{document.number}/").content.decode()
    assert sentence in page


def test_an_eforms_notice_comes_in_by_the_same_road(world: World) -> None:
    document = brought(world, eforms(), "notice.xml")
    form = client_of(world.reviewer).get(f"/c/evidence/{document.number}/").context["formset"].forms[0]
    assert (form["seller"].value(), form["currency"].value(), form["stage"].value()) == ("Reagenti Inventati Srl", "EUR", "contract")


def test_a_doubtful_date_says_that_it_is(world: World) -> None:
    content = package(release(1, awards=[award(date=None)]))
    page = client_of(world.reviewer).get(f"/c/evidence/{brought(world, content).number}/").content.decode()
    assert "Unsure: The package gives no day for the award" in page


def test_sums_are_hidden_from_whoever_sees_no_prices(world: World) -> None:
    from certifications.people.prices import sees_prices

    page = client_of(world.reviewer).get(f"/c/evidence/{brought(world, package(release(1))).number}/").content.decode()
    assert sees_prices(world.reviewer) or "464,400.5 EUR" not in page
