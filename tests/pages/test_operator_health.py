"""The health page says what /readyz says, in words; a job that gave up is given back by an operator, once."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from certifications.ledger.models import Event
from certifications.people.demo import make_demo_people
from certifications.people.models import User
from certifications.work.actions import beat, enqueue
from certifications.work.models import Heartbeat, Job
from portal.health import checks

pytestmark = pytest.mark.django_db
HEALTH = "/o/"


@pytest.fixture
def people() -> dict[str, User]:
    """The demonstration's cast."""
    return make_demo_people()


def signed_in(user: User) -> Client:
    """A browser in which the user is signed in."""
    client = Client()
    client.force_login(user)
    return client


def stuck_job(error: str = "OperationalError: 喀什 could not be read") -> Job:
    """A job that was tried five times."""
    job = enqueue("rescreen", "01HZZZZZZZZZZZZZZZZZZZZZZZ")
    Job.objects.filter(pk=job.pk).update(state="needs_person", failures=5, last_error=error)
    job.refresh_from_db()
    return job


def text_of(client: Client, url: str = HEALTH) -> str:
    """The page without its tags."""
    answer = client.get(url)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.mark.parametrize("who", ["operator", "auditor"])
def test_every_part_that_readyz_asks_stands_on_the_page_with_what_to_do(people: dict[str, User], who: str) -> None:
    shown = text_of(signed_in(people[who]))
    found = checks()
    assert len(found) > 8
    for check in found:
        assert check.label in shown
        assert check.mend in shown


@pytest.mark.parametrize("who", ["filer", "signatory", "distributor_admin", "reviewer", "lead", "regulator"])
def test_for_others_the_page_does_not_exist(people: dict[str, User], who: str) -> None:
    assert signed_in(people[who]).get(HEALTH).status_code == 404


def test_a_process_without_a_sign_of_life_is_down_on_the_page_and_turns_readyz_red(people: dict[str, User]) -> None:
    for name in ("worker", "beat"):
        beat(name)
    Heartbeat.objects.filter(pk="signer").delete()
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert "signer" in answer.json()["failed"]
    assert not {"worker", "beat"} & set(answer.json()["failed"])
    shown = text_of(signed_in(people["operator"]))
    assert shown.index("Signer Down") < shown.index("Worker Working")


def test_health_answers_without_asking_the_database(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert Client().get("/healthz").content == b"ok\n"


def test_a_stuck_job_is_given_back_once_and_the_event_says_by_whom(people: dict[str, User]) -> None:
    job, operator = stuck_job(), signed_in(people["operator"])
    url = reverse("operators:retry", args=[job.pk])
    for _twice in range(2):
        assert operator.post(url).status_code == 302
    job.refresh_from_db()
    assert (job.state, job.failures) == ("waiting", 0)
    assert [e.actor_id for e in Event.objects.filter(verb="job.retried", object_id=job.pk)] == [people["operator"].pk]


@pytest.mark.parametrize("who", ["auditor", "lead", "reviewer", "filer", "regulator"])
def test_nobody_but_an_operator_gives_a_job_back(people: dict[str, User], who: str) -> None:
    job = stuck_job()
    assert signed_in(people[who]).post(reverse("operators:retry", args=[job.pk])).status_code == 404
    job.refresh_from_db()
    assert job.state == "needs_person"


def test_giving_back_by_a_link_is_refused(people: dict[str, User]) -> None:
    url = reverse("operators:retry", args=[stuck_job().pk])
    assert signed_in(people["operator"]).get(url).status_code == 405


def test_an_operator_reads_the_kind_of_an_error_and_no_name_in_it(people: dict[str, User]) -> None:
    stuck_job()
    operator, auditor = text_of(signed_in(people["operator"])), text_of(signed_in(people["auditor"]))
    assert "OperationalError" in operator
    assert "喀什" not in operator
    assert "喀什" in auditor
    assert "Try again" in operator
    assert "Try again" not in auditor


def test_a_job_that_does_not_exist_is_404(people: dict[str, User]) -> None:
    assert signed_in(people["operator"]).post(reverse("operators:retry", args=["0" * 26])).status_code == 404
