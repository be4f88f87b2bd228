"""Pages of lists: which list a file is, a list of our own from its making to its download, a refused file and two people."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from certifications.flow import lists as flow
from certifications.ledger.ids import new_ulid
from certifications.screening.imports import import_list, put_in_force
from certifications.screening.models import ListException, ListSource, ListVersion
from certifications.work.models import Job
from tests.screening.published import eu_xml, private_csv, uk_csv
from tests.world import World, client_of, code_of

WORDS = {"reason": "publisher_announced", "explanation": "The Council delisted them on the day before."}


def send(client: Client, code: str, content: bytes) -> object:
    """Upload a file as the form does."""
    return client.post(
        reverse("operators:list-import", args=[code]), {"form_key": new_ulid(), "file": SimpleUploadedFile("a.xml", content)}, follow=True
    )


def work() -> None:
    """What the worker does with the uploads."""
    for job in Job.objects.filter(kind="import_list", state="waiting"):
        flow.import_uploaded(job.object_id)
        Job.objects.filter(pk=job.pk).delete()


def page(client: Client, name: str, *args: str) -> str:
    """The page as text with tags."""
    return client.get(reverse(f"operators:{name}", args=args)).content.decode()


@pytest.fixture
def refused(world: World) -> ListVersion:
    """An EU list in force, and a file with half of it."""
    source = ListSource.objects.get(pk="eu")
    import_list(source=source, content=eu_xml(40), by=None)
    put_in_force(source=source, by=None)
    return import_list(source=source, content=eu_xml(20), by=None)


def test_the_upload_says_which_list_a_file_is_and_refuses_another(world: World) -> None:
    lead = client_of(world.lead)
    assert "This is the EU consolidated list." in send(lead, "eu", eu_xml(12)).content.decode()  # type: ignore[attr-defined]
    work()
    assert "This is the EU consolidated list of 12 November 2026 with 12 entries." in page(lead, "list", "eu")
    answer = send(lead, "eu", uk_csv(12))
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "This is the UK Sanctions List, as a table; here belongs the EU consolidated list." in answer.content.decode()  # type: ignore[attr-defined]


def make(client: Client, **more: str) -> object:
    """Send the form of a new list."""
    day = (dt.date.today() + dt.timedelta(days=30)).isoformat()
    values = {
        "form_key": "01HZZZZZZZZZZZZZZZZZZZZZZZ",
        "title": "Is-informed letter",
        "basis": "15 CFR 744.21(b)",
        "good_for": "review",
        "review_on": day,
    }
    return client.post(reverse("operators:list-new"), {**values, **more})


def test_a_lead_makes_a_list_imports_it_and_downloads_every_row(world: World) -> None:
    lead = client_of(world.lead)
    assert [make(lead).status_code for _ in range(2)] == [302, 302]  # type: ignore[attr-defined]
    source = ListSource.objects.get(is_private=True)
    assert source.pk == "own_is_informed_lett_zzzzzzz"
    send(lead, source.pk, private_csv(3))
    work()
    assert "15 CFR 744.21(b)" in page(lead, "list", source.pk)
    answer = lead.get(reverse("operators:list-csv", args=[source.pk]))
    assert answer["Content-Disposition"].startswith("attachment")
    text = answer.content.decode("utf-8-sig")
    assert text.startswith("id,name,aliases,kind,country,registration_numbers,citation,note,effective_date")
    assert len(text.splitlines()) == 4
    version = import_list(source=source, content=answer.content, by=None)
    assert (version.state, version.entry_count) == ("accepted", 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"basis": ""},
        {"review_on": ""},
        {"review_on": "2020-01-01"},
        {"good_for": "hours"},
        {"good_for": "hours", "fresh_hours": "0"},
    ],
)
def test_a_list_without_what_it_needs_is_not_made(world: World, wrong: dict[str, str]) -> None:
    answer = make(client_of(world.lead), **wrong)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert not ListSource.objects.filter(is_private=True).exists()


def test_a_lead_says_that_a_list_was_looked_through(world: World) -> None:
    lead = client_of(world.lead)
    make(lead)
    source = ListSource.objects.get(is_private=True)
    day = dt.date.today() + dt.timedelta(days=90)
    lead.post(reverse("operators:list-review", args=[source.pk]), {"review_on": day.isoformat()})
    source.refresh_from_db()
    assert source.review_on == day


@pytest.mark.parametrize("who", ["reviewer", "auditor", "operator", "filer", "regulator"])
def test_nobody_but_a_lead_makes_lists_or_proposes(refused: ListVersion, world: World, who: str) -> None:
    client, args = client_of(world.people[who]), ["eu", refused.pk]
    assert make(client).status_code == 404  # type: ignore[attr-defined]
    assert client.post(reverse("operators:list-propose", args=args), {**WORDS, "code": "000000"}).status_code == 404
    assert not ListException.objects.exists()


@pytest.mark.parametrize("who", ["operator", "filer", "regulator"])
def test_rows_are_downloaded_by_compliance_alone(refused: ListVersion, world: World, who: str) -> None:
    assert client_of(world.people[who]).get(reverse("operators:list-csv", args=["eu"])).status_code == 404


def test_two_people_accept_what_was_refused(refused: ListVersion, world: World) -> None:
    lead, reviewer, args = client_of(world.lead), client_of(world.reviewer), ["eu", refused.pk]
    shown = page(lead, "list-version", *args)
    assert "20 entries of the version that counts are missing in this file." in shown
    assert "Juniper Works 39" in shown
    lead.post(reverse("operators:list-propose", args=args), {**WORDS, "code": code_of(world.lead)})
    held = ListException.objects.get()
    own = page(lead, "list-version", *args)
    assert "another person must agree" in own
    assert "Agree, as second person" not in own
    answer = lead.post(reverse("operators:list-agree", args=args), {"exception": held.pk, "code": "000000"})
    assert answer.status_code == 422
    answer = reviewer.post(reverse("operators:list-agree", args=args), {"exception": held.pk, "code": "000000"})
    assert answer.status_code == 422
    assert ListVersion.objects.get(pk=refused.pk).state == "refused"
    answer = reviewer.post(reverse("operators:list-agree", args=args), {"exception": held.pk, "code": code_of(world.reviewer)})
    assert answer.status_code == 302
    assert ListVersion.objects.get(pk=refused.pk).state == "accepted"
    assert "This file had been refused, and two people accepted it." in page(reviewer, "list-version", *args)


def test_words_that_are_missing_come_back_with_what_was_typed(refused: ListVersion, world: World) -> None:
    answer = client_of(world.lead).post(reverse("operators:list-propose", args=["eu", refused.pk]), {**WORDS, "explanation": "too short"})
    assert answer.status_code == 422
    assert "Explain in a sentence" in answer.content.decode()
    assert "too short" in answer.content.decode()


def test_a_reviewer_may_refuse_the_proposal(refused: ListVersion, world: World) -> None:
    held = flow.propose_exception(version=refused, **WORDS, by=world.lead, code=code_of(world.lead))
    client_of(world.reviewer).post(reverse("operators:list-void", args=["eu", refused.pk]), {"exception": held.pk})
    held.refresh_from_db()
    assert held.state == "voided"


def test_operators_see_no_names_of_a_list_of_our_own(world: World) -> None:
    lead = client_of(world.lead)
    make(lead)
    source = ListSource.objects.get(is_private=True)
    import_list(source=source, content=private_csv(9), by=None)
    version = import_list(source=source, content=private_csv(5), by=None)
    assert "Walnut Trading 8" in page(lead, "list-version", source.pk, version.pk)
    hidden = page(client_of(world.operator), "list-version", source.pk, version.pk)
    assert "4 entries of the version that counts are missing" in hidden
    assert "Walnut" not in hidden


def test_a_damaged_file_says_what_to_do_and_offers_nothing(world: World) -> None:
    source = ListSource.objects.get(pk="eu")
    version = import_list(source=source, content=eu_xml(40)[:900], by=None)
    shown = page(client_of(world.lead), "list-version", "eu", version.pk)
    assert "A damaged file cannot be accepted by anybody." in shown
    assert "Propose to accept it" not in shown
