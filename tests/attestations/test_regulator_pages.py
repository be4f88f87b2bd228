"""A regulator reads within its jurisdiction and nowhere else; every look is recorded for its own office alone."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from certifications.attestations.actions import prepare
from certifications.attestations.models import Attestation, LookUp
from certifications.attestations.queries import countries_of_use, used_in
from certifications.declarations.data import EndUserData, ShareData
from certifications.declarations.queries import version_of
from certifications.pages.regulators.views import safe_cell
from certifications.people.models import RegulatorScope, User
from portal.exports import csv_response, first_of
from tests.authority import Authority
from tests.world import client_of, make_world, proof_for

from .conftest import Issued, release

pytestmark = pytest.mark.django_db


def page(user: User, url: str, status: int = 200) -> str:
    """The page without its tags, after checking its status."""
    answer = client_of(user).get(url)
    assert answer.status_code == status
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def scope(user: User, basis: str, countries: list[str], divisions: list[str] | None = None, days: int = 90) -> None:
    """The office's jurisdiction, in place of what it had."""
    RegulatorScope.objects.filter(organisation=user.organisation).update(expires_on=dt.date(2020, 1, 1))
    RegulatorScope.objects.create(
        organisation=user.organisation,
        basis=basis,
        countries=countries,
        division_prefixes=divisions or [],
        legal_basis="An invented act, article 1",
        expires_on=timezone.now().date() + dt.timedelta(days=days),
    )


def test_the_banner_says_what_may_be_seen_by_which_law_and_until_when(issued: Issued) -> None:
    shown = page(issued.world.regulator, "/r/")
    assert "exported from Switzerland" in shown
    assert "Goods Control Act, article 6" in shown
    assert "until" in shown


def test_the_detail_says_what_was_and_was_not_checked_and_bears_the_hashes(issued: Issued) -> None:
    number = issued.attestation.number
    shown = page(issued.world.regulator, f"/r/{number}/")
    for text in (
        "宁波江南医院",
        "Ningbo Jiangnan Hospital",
        "Owners of the parties",
        "Local test authority.",
        issued.attestation.seal.sha256[:8],
    ):
        assert text in shown
    assert "<form" not in client_of(issued.world.regulator).get(f"/r/{number}/").content.decode().split("<main")[1].split("</main")[0]


@pytest.mark.parametrize(
    ("basis", "countries", "divisions", "days", "seen"),
    [
        ("exporter", ["CH"], [], 90, True),
        ("exporter", ["DE"], [], 90, False),
        ("destination", ["CN"], [], 90, True),
        ("destination", ["CN"], ["33"], 90, True),
        ("destination", ["CN"], ["65"], 90, False),
        ("destination", ["FR"], [], 90, False),
        ("place_of_use", ["CN"], ["3302"], 90, True),
        ("place_of_use", ["CN"], ["3303"], 90, False),
        ("place_of_use", ["FR"], ["33"], 90, False),
        ("exporter", ["CH"], [], 0, False),
    ],
)
def test_scope_decides_for_every_page(
    issued: Issued, basis: str, countries: list[str], divisions: list[str], days: int, *, seen: bool
) -> None:
    user, number = issued.world.regulator, issued.attestation.number
    scope(user, basis, countries, divisions, days)
    status = 200 if seen else 404
    page(user, f"/r/{number}/", status)
    assert client_of(user).get(f"/r/{number}/pdf/").status_code == status
    assert (number in page(user, "/r/")) is seen
    assert (number in client_of(user).get("/r/export/").content.decode()) is seen
    if not seen:
        assert "Ningbo" not in page(user, "/r/?q=Ningbo")


@pytest.mark.parametrize("query", ["number", "宁波江南", "NINGBO jiangnan", "91440300MA5QLK7018", "pdf hash", "declaration hash"])
def test_the_one_box_finds_by_number_by_any_script_and_by_hash(issued: Issued, query: str) -> None:
    one = issued.attestation
    known = {"number": one.number.lower(), "pdf hash": one.seal.sha256, "declaration hash": one.version.frozen.sha256.upper()}
    assert one.number in page(issued.world.regulator, f"/r/?q={known.get(query, query)}")
    assert "Nothing found within your jurisdiction" in page(issued.world.regulator, "/r/?q=杭州西溪")


def test_a_facet_narrows_and_a_nonsense_facet_is_ignored(issued: Issued) -> None:
    user, number = issued.world.regulator, issued.attestation.number
    assert number in page(user, "/r/?status=valid&country=CN")
    assert number not in page(user, "/r/?status=revoked").split("Results")[1]
    assert number in page(user, "/r/?status=nonsense&country=1;--&page=x")


def test_what_is_not_sealed_yet_is_not_there(issued: Issued, authority: Authority) -> None:
    customer = {"native_name": "成都岷江妇产医院", "latin_name": "Chengdu Minjiang Maternity Hospital"}
    waiting = release(issued.world, authority, customer=customer)
    assert waiting.status == "pending"
    assert waiting.number not in page(issued.world.regulator, "/r/")
    page(issued.world.regulator, f"/r/{waiting.number}/", 404)
    assert Client().post("/verify/", {"by": "number", "number": waiting.number, "code": waiting.code}).status_code == 422


def test_the_pdf_is_the_sealed_one_and_is_saved_not_shown(issued: Issued) -> None:
    answer = client_of(issued.world.regulator).get(f"/r/{issued.attestation.number}/pdf/")
    assert answer.content == issued.pdf
    assert answer["Content-Disposition"].startswith("attachment")


def test_the_export_reads_back_and_runs_nothing(issued: Issued) -> None:
    answer = client_of(issued.world.regulator).get("/r/export/?q=宁波")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["number"] for row in rows] == [issued.attestation.number]
    assert rows[0]["end_user"] == "Ningbo Jiangnan Hospital / 宁波江南医院"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "＠x"])
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert safe_cell(text).startswith("'")
    assert safe_cell(f"a{text}") == f"a{text}"


@pytest.mark.parametrize(("count", "lines"), [(2, 3), (3, 4), (4, 5), (9, 5)])
def test_a_list_that_is_cut_says_so_in_its_last_line(count: int, lines: int) -> None:
    rows, is_cut = first_of([[n] for n in range(count)], 3)
    written = csv_response("a.csv", ["n"], rows, is_cut=is_cut).content.decode("utf-8-sig").splitlines()
    assert len(written) == lines
    assert ("There are more" in written[-1]) is (count > 3)


def test_every_look_is_recorded_and_read_by_the_own_office_alone(issued: Issued) -> None:
    user, number = issued.world.regulator, issued.attestation.number
    for url in ("/r/", "/r/?q=宁波", f"/r/{number}/", f"/r/{number}/pdf/", "/r/export/"):
        assert client_of(user).get(url).status_code == 200
    assert list(LookUp.objects.order_by("at", "pk").values_list("kind", flat=True)) == ["list", "search", "open", "pdf", "export"]
    shown = page(user, "/r/lookups/")
    assert "宁波" in shown
    assert number in shown
    assert user.name in shown
    other = page(issued.world.foreign_regulator, "/r/lookups/")
    assert "宁波" not in other
    assert number not in other


def test_a_look_at_what_is_out_of_scope_leaves_no_number_in_anybodys_record(issued: Issued) -> None:
    page(issued.world.foreign_regulator, f"/r/{issued.attestation.number}/", 404)
    assert not LookUp.objects.exists()


@pytest.mark.parametrize("who", ["filer", "signatory", "reviewer", "lead", "auditor", "operator"])
def test_for_everybody_else_these_pages_do_not_exist(issued: Issued, who: str) -> None:
    user = issued.world.people[who]
    for url in ("/r/", "/r/lookups/", "/r/export/", f"/r/{issued.attestation.number}/", f"/r/{issued.attestation.number}/pdf/"):
        assert client_of(user).get(url).status_code == 404


def test_nothing_here_can_be_posted_to(issued: Issued) -> None:
    for url in ("/r/", "/r/lookups/", "/r/export/", f"/r/{issued.attestation.number}/", f"/r/{issued.attestation.number}/pdf/"):
        assert client_of(issued.world.regulator).post(url).status_code == 405


def test_every_place_of_use_is_a_facet(db: None) -> None:
    """Two end users in China and one in France: found by either country, counted once in each."""
    world = make_world()
    hangzhou = world.customer(native_name="杭州西溪医院", latin_name="", division="330100", address="杭州市文一路 2 号")
    lyon = world.customer(
        native_name="", latin_name="Clinique du Parc Fleuri", country="FR", division="", address="4 rue du Parc, Lyon", uscc=""
    )
    users = (
        EndUserData(hangzhou.pk, (ShareData(world.kit.pk, Decimal(4)),), "杭州市文一路 2 号", "CN", "330100"),
        EndUserData(lyon.pk, (ShareData(world.kit.pk, Decimal(2)),), "4 rue du Parc, Lyon", "FR", ""),
    )
    declaration = world.signed(world.draft(kind="several", end_users=users))
    made = prepare(declaration=declaration, version=version_of(declaration), by=world.reviewer, proof=proof_for(world.reviewer, "0" * 64))
    found = Attestation.objects.all()
    assert countries_of_use(found) == {"CN": 1, "FR": 1}
    assert list(used_in(found, "FR")) == [made]
    assert list(used_in(found, "CN")) == [made]
    assert not used_in(found, "DE").exists()
