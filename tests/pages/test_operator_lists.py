"""Lists: three roles see them, a lead imports by upload, a refusal stands on the page with its reason."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from certifications.flow import lists as flow
from certifications.people.demo import make_demo_people
from certifications.people.models import User
from certifications.screening.models import ListSource, ListVersion
from certifications.screening.seed import seed
from certifications.work.models import Job
from tests.screening.samples import as_csv, as_json, rows

pytestmark = pytest.mark.django_db
LISTS, CSL = "/o/lists/", "/o/lists/us_csl/"
KEY = "01HZZZZZZZZZZZZZZZZZZZZZZZ"


@pytest.fixture
def people() -> dict[str, User]:
    """The demonstration's cast, with both sources of lists."""
    seed()
    return make_demo_people()


def signed_in(user: User) -> Client:
    """A browser in which the user is signed in."""
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, content: bytes, name: str = "consolidated.json", key: str = KEY) -> int:
    """Upload a file as the form does; the status of the answer."""
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("operators:list-import", args=["us_csl"]), {"form_key": key, "file": file}).status_code


def work() -> None:
    """What the worker does with the uploads."""
    for job in Job.objects.filter(kind="import_list", state="waiting"):
        flow.import_uploaded(job.object_id)
        Job.objects.filter(pk=job.pk).delete()


def text_of(client: Client, url: str) -> str:
    """The page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(url).content.decode()))


@pytest.mark.parametrize("who", ["operator", "auditor", "lead", "reviewer"])
def test_the_manufacturers_people_see_the_lists(people: dict[str, User], who: str) -> None:
    client = signed_in(people[who])
    assert "US Entity List" in text_of(client, LISTS)
    assert client.get(CSL).status_code == 200


@pytest.mark.parametrize("who", ["filer", "signatory", "distributor_admin", "regulator"])
def test_others_do_not(people: dict[str, User], who: str) -> None:
    client = signed_in(people[who])
    assert client.get(LISTS).status_code == client.get(CSL).status_code == 404


@pytest.mark.parametrize("who", ["operator", "auditor", "reviewer", "filer", "regulator"])
def test_nobody_but_a_lead_imports_or_puts_in_force(people: dict[str, User], who: str) -> None:
    client = signed_in(people[who])
    assert send(client, as_json(rows(3))) == 404
    assert client.post(reverse("operators:list-in-force", args=["us_csl"])).status_code == 404
    assert "Import a file" not in text_of(client, CSL)
    assert not Job.objects.filter(kind="import_list").exists()


def test_a_lead_imports_a_list_and_sees_what_came_of_it(people: dict[str, User]) -> None:
    lead = signed_in(people["lead"])
    assert send(lead, as_json(rows(30))) == 302
    assert "Imports under way" in text_of(lead, CSL)
    work()
    shown = text_of(lead, CSL)
    assert "Imports under way" not in shown
    assert "Accepted" in shown
    assert people["lead"].name in shown


def test_the_same_form_sent_twice_is_one_import(people: dict[str, User]) -> None:
    lead = signed_in(people["lead"])
    assert [send(lead, as_json(rows(30))) for _ in range(2)] == [302, 302]
    assert Job.objects.filter(kind="import_list").count() == 1


def test_a_file_cut_in_the_middle_is_refused_on_the_page_and_the_last_good_one_stays(people: dict[str, User]) -> None:
    lead = signed_in(people["lead"])
    send(lead, as_csv(rows(30)), "consolidated.csv")
    work()
    send(lead, as_csv(rows(30))[:2500], "consolidated.csv", key="01HYYYYYYYYYYYYYYYYYYYYYYY")
    work()
    shown = text_of(lead, CSL)
    assert "The last file was refused; the version before it still counts." in shown
    assert "cut off" in shown
    assert [v.state for v in ListVersion.objects.filter(source="us_csl").order_by("imported_at")] == ["accepted", "refused"]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [(b"%PDF-1.7 ...", "list.pdf", "PDF"), (b"PK\x03\x04 ...", "list.zip", "ZIP"), (b"", "list.json", "empty")],
)
def test_a_file_of_the_wrong_kind_is_named_at_once(people: dict[str, User], content: bytes, name: str, words: str) -> None:
    lead = signed_in(people["lead"])
    url = reverse("operators:list-import", args=["us_csl"])
    answer = lead.post(url, {"form_key": KEY, "file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert KEY in answer.content.decode()
    assert not Job.objects.filter(kind="import_list").exists()


def test_no_file_chosen_is_said(people: dict[str, User]) -> None:
    answer = signed_in(people["lead"]).post(reverse("operators:list-import", args=["us_csl"]), {"form_key": KEY})
    assert answer.status_code == 422


def test_a_static_list_is_not_uploaded(people: dict[str, User]) -> None:
    assert signed_in(people["lead"]).get(reverse("operators:list-import", args=["us_entity_list"])).status_code == 404


def test_a_lead_puts_a_list_in_force_only_when_it_has_a_good_version(people: dict[str, User]) -> None:
    lead, url = signed_in(people["lead"]), reverse("operators:list-in-force", args=["us_csl"])
    lead.post(url)
    assert not ListSource.objects.get(pk="us_csl").in_force
    send(lead, as_json(rows(30)))
    work()
    assert "Put in force" in text_of(lead, CSL)
    lead.post(url)
    assert ListSource.objects.get(pk="us_csl").in_force
    assert "Fresh" in text_of(lead, CSL)


def test_names_in_a_refusal_are_escaped(people: dict[str, User]) -> None:
    lead = signed_in(people["lead"])
    twice = [{**entry, "id": "<script>alert(1)</script>"} for entry in rows(2)]
    send(lead, as_json(twice))
    work()
    body = lead.get(CSL).content.decode()
    assert "<script>alert(1)" not in body
    assert "&lt;script&gt;" in body
