"""A distributor sees that a customer waits for compliance; no page and no file of its own names a list, an entry or a score."""

import re

import pytest
from django.urls import NoReverseMatch, reverse

from certifications.flags.actions import ask
from certifications.flags.models import Case, Flag
from certifications.flow.advance import advance
from certifications.flow.lists import import_file
from certifications.flow.rescreening import rescreen
from certifications.pages.distributors.urls import urlpatterns
from certifications.screening.models import Finding, ListSource, ScreeningRun
from tests.flow.steps import LISTS, dated_list, work
from tests.screening.samples import as_json, row, rows
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
HIT = row(91, name="Zephyrine Harbour Clinic", alt_names=["宁波江南医院"])


@pytest.fixture
def found(world: World) -> dict[str, str]:
    """A customer that is like a listed party, in review, with a question open; what may not be said of it."""
    dated_list(40, HIT)
    declaration = world.signed()
    assert advance(declaration.pk) == "review"
    case = Case.objects.get()
    question = ask(
        case=case, by=world.reviewer, organisation=declaration.organisation, text="Which wards use the kits?", due_on="2099-01-01"
    )
    assert Flag.objects.filter(rule="LIST").exists()
    return {
        "number": declaration.number, "customer": declaration.customer_id, "question": question.pk, "case": case.number,
    }  # fmt: skip


def secrets() -> list[str]:
    """Everything that screening knows and the distributor does not."""
    words = [source.title for source in ListSource.objects.all()] + [source.pk for source in ListSource.objects.all() if len(source.pk) > 4]
    for finding in Finding.objects.all():
        words += [finding.entry_name, finding.entry_id, str(finding.score), f"{finding.score:.2f}", finding.pk, finding.fingerprint]
        words += [finding.explanation["entry"]["citation"], finding.explanation["entry"]["policy"]]
    words += [run.pk for run in ScreeningRun.objects.all()] + [case.number for case in Case.objects.all()]
    return [*filter(None, words), "Possible match", "Likeness to", "id-91", "Entity List"]


def pages(found: dict[str, str]) -> dict[str, str]:
    """Every address of a distributor, with the arguments of this one's objects."""
    known = {
        "pk": found["customer"],
        "key": found["customer"],
        "number": found["number"],
        "kind": "json",
        "position": "1",
        "form": "csv",
        "group": "goods",
        "period": "2026-10",
    }
    made = {}
    for pattern in urlpatterns:
        name = f"distributors:{pattern.name}"
        wanted = {key: known[key] for key in pattern.pattern.converters}
        if pattern.name == "question":
            wanted = {"pk": found["question"]}
        try:
            made[name] = reverse(name, kwargs=wanted)
        except NoReverseMatch as error:  # pragma: no cover - a new kind of argument: say which
            raise AssertionError(name) from error
    return made


@pytest.mark.parametrize("who", ["filer", "signatory", "distributor_admin"])
def test_no_page_and_no_file_names_the_list_the_entry_or_the_score(found: dict[str, str], world: World, who: str) -> None:
    client = client_of(world.people[who])
    opened = 0
    for name, address in pages(found).items():
        for language in ("en", "zh-hans"):
            answer = client.get(address, headers={"accept-language": language})
            body = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8", "replace")
            assert [word for word in secrets() if word in body] == [], name
            assert not re.search(r"\b0\.[789]\d", body), name
            opened += answer.status_code == 200
    assert opened >= 12


def test_a_hit_reads_like_a_wait(found: dict[str, str], world: World) -> None:
    client = client_of(world.filer)
    address = reverse("distributors:customer", args=[found["customer"]])
    other = world.customer(native_name="杭州临江贸易有限公司", latin_name="Hangzhou Linjiang Trading", uscc="", lei="")
    waiting = reverse("distributors:customer", args=[other.pk])

    def pill(url: str) -> list[str]:
        return re.findall(r'<span class="pill[^>]*>.*?</span>', client.get(url).content.decode())[:1]

    assert pill(address) == pill(waiting)
    assert "Waiting for compliance" in pill(address)[0]


def test_nothing_that_a_distributor_sees_tells_a_finding_from_an_old_list(found: dict[str, str], world: World) -> None:
    """What is said of the customer itself: the same with a finding, with a list that changed, and screened anew."""
    client = client_of(world.filer)
    address = reverse("distributors:customer", args=[found["customer"]])

    def body() -> str:
        return re.sub(r"\b[A-Za-z0-9]{64}\b", "token", client.get(address).content.decode()).partition('id="d-h"')[0]

    hit = body()
    import_file(source=ListSource.objects.get(pk="us_csl"), content=as_json([*rows(41), HIT]), by=None)
    assert body() == hit
    work(*LISTS)
    assert Finding.objects.filter(party__customers=found["customer"]).exists()
    assert body() == hit
    rescreen(Case.objects.get().declaration.customer.party_id)  # type: ignore[union-attr]
    assert body() == hit
