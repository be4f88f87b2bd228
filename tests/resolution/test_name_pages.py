"""The pages where a person says whose name it is, and what a distributor sees of it: nothing."""

import datetime as dt

import pytest

from certifications.resolution.models import NameAnswer, ReportedName
from tests.world import World, client_of

from .test_names import LIKE, QINGLAN, WORDS, answered, matched

pytestmark = pytest.mark.django_db


def test_a_person_answers_over_the_pages_and_goes_on_to_the_next(world: World) -> None:
    matched(world, seller=LIKE)
    matched(world, seller="深圳市青岚科学仪器", project_no="X-2")
    client = client_of(world.reviewer)
    listing = client.get("/c/evidence/names/").content.decode()
    first, second = (ReportedName.objects.get(name=name) for name in (LIKE, "深圳市青岚科学仪器"))
    assert f"/c/evidence/names/{first.pk}/" in listing
    address = f"/c/evidence/names/{first.pk}/"
    page = client.get(address)
    assert {"On record", "As written outside"} <= {part for part in ("On record", "As written outside") if part in page.content.decode()}
    sent = {**page.context["form"].initial, "answer": "same", **WORDS}
    unchosen = client.post(address, {name: text for name, text in sent.items() if name != "answer"}).content.decode()
    assert 'href="#id_answer_0"' in unchosen and unchosen.count('id="id_answer_0"') == 1, "the summary leads to the choice"
    refused = client.post(address, {**sent, "explanation": "so"})
    assert refused.status_code == 422
    assert client.post(address, sent).headers["Location"] == f"/c/evidence/names/{second.pk}/"
    assert LIKE in client.get("/c/evidence/names/csv/?state=bound").content.decode()
    held = NameAnswer.objects.get()
    assert client.post(address, {"withdraw": "1", "answer": held.pk, "withdrawn_reason": "It was another firm."}).status_code == 302
    assert "It was another firm." in client.get(address).content.decode()
    assert client_of(world.auditor).get(address).status_code == 200
    assert client_of(world.auditor).post(address, sent).status_code == 200, "no answer of an auditor's"
    assert NameAnswer.objects.count() == 1
    for who in ("filer", "sales"):
        assert client_of(world.people[who]).get(address).status_code == 404


def test_no_page_of_a_distributor_changes_by_an_answer(world: World) -> None:
    mine = world.customer(uscc="", lei="")
    addresses = ("/d/customers/", f"/d/customers/{mine.pk}/")
    before = [len(client_of(world.filer).get(address).content) for address in addresses]
    matched(world, seller=QINGLAN, buyer="宁波江南人民医院", happened_on=dt.date.today())
    answered(world, "same", mine.party, role="buyer")
    assert [len(client_of(world.filer).get(address).content) for address in addresses] == before
