"""Lists of a distributor: searched, narrowed and sorted by the address, paged by rows, and saved as they stand."""

import re
from decimal import Decimal
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import _sorted
from certifications.attestations import actions
from certifications.declarations.data import LineData
from certifications.declarations.models import STAGES, Declaration
from certifications.pages.compliance.forms_lists import NominationsForm
from certifications.pages.distributors.forms_lists import AttestationsForm, DeclarationsForm
from certifications.pages.uploading.forms import UploadsForm
from certifications.parties.actions import edit_customer
from certifications.parties.models import Customer
from certifications.parties.queries import data_of
from certifications.people import limits
from certifications.screening.actions import screen_many
from portal import lists
from tests.attestations.conftest import Issued, release
from tests.authority import Authority
from tests.flow.steps import LISTS, dated_list, work
from tests.parties.rights import entered, party
from tests.screening.samples import row
from tests.uploads.files import HEAD, HOSPITAL, MATERNITY, csv
from tests.uploads.steps import sent
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
CHINESE = {"headers": {"accept-language": "zh-hans"}}
NAMES = (
    ("宁波江南医院", "Ningbo Jiangnan Hospital"),
    ("杭州临江检测站", "Beacon Testing Station"),
    ("绍兴稽山学院", "Zither Academy"),
)


def page(client: Client, address: str, **more: Any) -> str:
    answer = client.get(address, **more)
    assert answer.status_code == 200, address
    return unescape(answer.content.decode())


def shown(body: str) -> list[str]:
    """The customers of the table, in its order, by the name that the page shows first."""
    table = body.partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.sub("<[^>]+>", "", cell) for cell in re.findall(r'<tr><td><a href="/d/customers/[^"]+">(.*?)</a>', table)]


def link(body: str, words: str) -> str:
    found = re.search(rf'<a [^>]*?href="([^"]+)"[^>]*>{words}<', body)
    assert found, words
    return found[1]


def file_of(body: str) -> str:
    """The address of the list as CSV."""
    found = re.search(r'<a [^>]*?href="([^"]+)"[^>]*><svg[^>]*><use[^>]*></svg>CSV<', body)
    assert found
    return found[1]


@pytest.fixture
def three(world: World) -> list[Customer]:
    return [world.customer(native_name=native, latin_name=latin, uscc="", lei="") for native, latin in NAMES]


@pytest.mark.usefixtures("three")
def test_customers_stand_by_the_name_that_the_page_shows(world: World) -> None:
    client = client_of(world.filer)
    assert shown(page(client, "/d/customers/?sort=name")) == ["Beacon Testing Station", "Ningbo Jiangnan Hospital", "Zither Academy"]
    # By pinyin: hang, ning, shao; by their characters they would stand otherwise.
    assert shown(page(client, "/d/customers/?sort=name", **CHINESE)) == ["杭州临江检测站", "宁波江南医院", "绍兴稽山学院"]
    assert shown(page(client, "/d/customers/?sort=-name"))[0] == "Zither Academy"


def test_a_heading_says_how_the_table_is_sorted_and_turns_it_round(world: World, three: list[Customer]) -> None:
    client = client_of(world.filer)
    body = page(client, "/d/customers/")
    assert re.search(r'<th[^>]*aria-sort="descending"><a href="/d/customers/\?sort=registered">Registered<', body)
    assert len(re.findall("aria-sort", body)) == 1
    assert shown(page(client, link(body, "Registered"))) == [latin for _native, latin in NAMES]
    by_name = page(client, link(body, "Name"))
    assert re.search(r'aria-sort="ascending"><a href="/d/customers/\?sort=-name">Name<', by_name)
    assert len(three) == 3


def test_the_stages_by_which_declarations_are_sorted_are_all_of_them() -> None:
    assert list(STAGES) == Declaration.Status.values


def test_a_customer_that_is_renamed_changes_its_place(world: World, three: list[Customer]) -> None:
    data = data_of(three[2])
    edit_customer(customer=three[2], by=world.filer, data=type(data)(**{**vars(data), "latin_name": "Academy of the Zither"}))
    assert shown(page(client_of(world.filer), "/d/customers/?sort=name"))[0] == "Academy of the Zither"


def test_every_row_stands_on_one_page_there_and_back(world: World, three: list[Customer], monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that are the same are told apart by their own key: none is lost between two pages, none stands on both."""
    monkeypatch.setattr("certifications.pages.distributors.views_customers.page_of", paged(2))
    for number in range(4):
        world.customer(native_name=f"同名{number}号", latin_name="One Name", uscc="", lei="")
    client, seen, address = client_of(world.filer), [], "/d/customers/?sort=name"
    pages = []
    while address:
        body = page(client, address)
        seen += re.findall(r'<tr><td><a href="/d/customers/([^/"]+)/"', body)
        pages.append(shown(body))
        found = re.search(r'<a href="([^"]+)" rel="next"', body)
        address = found[1] if found else ""
    assert len(seen) == len(set(seen)) == 7
    assert len(pages) == 4
    back = re.search(r'<a href="([^"]+)" rel="prev"', body)
    assert back
    body = page(client, back[1])
    assert shown(body) == pages[2]
    assert shown(page(client, link(body, "Back to the start"))) == pages[0]


def paged(per_page: int) -> Any:
    def page_of(*args: Any, **kwargs: Any) -> lists.Listed:
        return lists.page_of(*args, **kwargs, per_page=per_page)

    return page_of


def test_the_row_that_a_page_begins_after_is_looked_for_among_ones_own(world: World, three: list[Customer]) -> None:
    theirs = world.customer(by="stranger", native_name="", latin_name="Middle of the Alphabet", uscc="", lei="")
    client = client_of(world.filer)
    assert shown(page(client, f"/d/customers/?sort=name&after={theirs.pk}")) == shown(page(client, "/d/customers/?sort=name"))
    assert shown(page(client, f"/d/customers/?sort=name&after={three[1].pk}")) == ["Ningbo Jiangnan Hospital", "Zither Academy"]
    for junk in ("'", "%00", "x" * 300, "01HZ"):
        assert client.get(f"/d/customers/?after={junk}&before={junk}").status_code in {200, 400}


def test_customers_are_narrowed_by_screening_kind_and_day_and_the_page_says_by_what(world: World, three: list[Customer]) -> None:
    dated_list(40)
    work(*LISTS)
    screen_many([three[0].party_id])
    client = client_of(world.filer)
    assert shown(page(client, "/d/customers/?screened=clear")) == ["Ningbo Jiangnan Hospital"]
    assert "Ningbo Jiangnan Hospital" not in shown(page(client, "/d/customers/?screened=waiting"))
    assert len(shown(page(client, "/d/customers/?kind=end_user"))) == 3
    body = page(client, "/d/customers/?kind=reseller&q=Ningbo&since=2020-01-01&sort=name")
    assert shown(body) == []
    assert "No customer of yours fits" in body
    for words in ("Kind: <b>Reseller</b>", "Name or code: <b>Ningbo</b>", "Registered from: <b>1 January 2020</b>"):
        assert words in body, words
    assert link(body, "Clear filters") == "/d/customers/?sort=name"
    assert shown(page(client, "/d/customers/?until=2020-01-01")) == []


def test_a_hit_is_narrowed_like_a_wait(world: World, three: list[Customer]) -> None:
    dated_list(40, row(91, name="Zither Academy"))
    work(*LISTS)
    screen_many([one.party_id for one in three])
    body = page(client_of(world.filer), "/d/customers/?screened=waiting")
    assert shown(body) == ["Zither Academy"]
    assert "match" not in body.lower()


@pytest.mark.usefixtures("three")
def test_what_cannot_be_read_is_said_and_narrows_nothing(world: World) -> None:
    body = page(client_of(world.filer), "/d/customers/?since=yesterday&kind=friend&sort=colour&screened=x")
    assert len(shown(body)) == 3
    assert "Write a day as year-month-day" in body


def test_the_file_follows_search_filters_and_order(world: World, three: list[Customer]) -> None:
    client = client_of(world.filer)
    body = page(client, "/d/customers/?sort=name&kind=end_user&q=ing")
    lines = client.get(file_of(body)).content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["杭州临江检测站", "宁波江南医院"]
    assert len(three) == 3


def declared(world: World, three: list[Customer]) -> list[str]:
    return [world.draft(one, lines=(LineData(world.kit.pk, Decimal(2)),)).number for one in three]


def numbers(body: str) -> list[str]:
    return re.findall(r'<tr><td><a class="id" href="/d/declarations/([^/"]+)/"', body)


def test_declarations_are_sorted_by_end_user_stage_and_day(world: World, three: list[Customer]) -> None:
    first, second, third = declared(world, three)
    client = client_of(world.filer)
    assert numbers(page(client, "/d/declarations/")) == [third, second, first]
    assert numbers(page(client, "/d/declarations/?sort=name")) == [second, first, third]
    assert numbers(page(client, "/d/declarations/?sort=prepared")) == [first, second, third]
    client.post(f"/d/declarations/{first}/withdraw/", {"reason": "mistake", "text": ""})
    assert numbers(page(client, "/d/declarations/?sort=-stage"))[0] == first
    assert numbers(page(client, "/d/declarations/?status=withdrawn")) == [first]
    assert numbers(page(client, "/d/declarations/?kind=stockist")) == []
    body = page(client, "/d/declarations/?kind=single&sort=name&status=draft")
    assert numbers(body) == [second, third]
    file = client.get(file_of(body)).content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in file[1:]] == [second, third]


@pytest.mark.parametrize(
    "address",
    [
        "/d/customers/?sort=name", "/d/customers/?screened=waiting", "/d/customers/?q=Testing&sort=-name",
        "/d/declarations/?sort=name", "/d/declarations/?sort=stage&kind=single", "/d/declarations/?q=Testing",
    ],
)  # fmt: skip
def test_a_sorted_page_asks_as_often_for_many_rows_as_for_two(world: World, address: str) -> None:
    def one_more(number: int) -> None:
        made = world.customer(native_name=f"明州第{number}纺织品检测站", latin_name=f"Mingzhou Textile Testing {number}", uscc="")
        world.draft(made, lines=(LineData(world.kit.pk, Decimal(2)),))

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, address)
        return len(queries)

    client = client_of(world.filer)
    for number in range(2):
        one_more(number)
    asked()
    few = asked()
    for number in range(2, 8):
        one_more(number)
    assert asked() == few


def uploads(body: str) -> list[str]:
    return re.findall(r'<td class="id"><a href="/d/uploads/([^/"]+)/"', body)


def test_uploads_are_narrowed_and_sorted_and_saved(world: World) -> None:
    first = sent(world.filer, csv(HEAD, HOSPITAL), name="b customers.csv").number
    second = sent(world.filer, csv(HEAD, MATERNITY), name="a customers.csv", work=False).number
    client = client_of(world.filer)
    assert uploads(page(client, "/d/uploads/")) == [second, first]
    assert uploads(page(client, "/d/uploads/?sort=sent")) == [first, second]
    assert uploads(page(client, "/d/uploads/?sort=-file")) == [first, second]
    assert uploads(page(client, "/d/uploads/?state=received")) == [second]
    assert uploads(page(client, "/d/uploads/?kind=sales")) == []
    assert uploads(page(client, "/d/uploads/?q=b+cust")) == [first]
    assert uploads(page(client, f"/d/uploads/?who={world.filer.pk}")) == [second, first]
    body = page(client, "/d/uploads/?q=customers&sort=file")
    file = client.get(file_of(body)).content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in file[1:]] == [second, first]
    assert first not in client_of(world.stranger).get("/d/uploads/csv/").content.decode()


def test_attestations_are_sorted_and_saved_as_they_are_narrowed(issued: Issued) -> None:
    world, attested = issued.world, issued.attestation.number
    issued.say(status="valid")
    client = client_of(world.filer)
    body = page(client, "/d/attestations/?sort=until&status=valid")
    assert attested in body
    file = client.get(file_of(body)).content.decode("utf-8-sig")
    assert attested in file
    assert attested not in page(client, "/d/attestations/?status=revoked")
    assert attested not in client.get("/d/attestations/csv/?status=revoked").content.decode()
    assert attested not in client_of(world.stranger).get("/d/attestations/csv/").content.decode()


def test_attestations_stand_by_the_day_of_their_issue_and_not_by_their_random_number(
    issued: Issued, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest first, though the number drawn for it is below any other."""
    first, lowest = issued.attestation.number, "EUC-2026-000000"
    monkeypatch.setattr(actions, "new_number", lambda *_what: lowest)
    other = {"native_name": "绍兴稽山学院", "latin_name": "Zither Academy", "uscc": "", "lei": ""}
    assert release(issued.world, authority, customer=other).number == lowest
    client = client_of(issued.world.filer)
    for address, above, below in (("", lowest, first), ("?sort=issued", first, lowest), ("?sort=-number", lowest, first)):
        body = page(client, f"/d/attestations/{address}")
        assert body.index(above) < body.index(below), address
    assert AttestationsForm.sorts[0].key == "released_at"


def test_nothing_sorts_by_a_random_number() -> None:
    for form in (AttestationsForm, DeclarationsForm, NominationsForm, UploadsForm):
        assert "number" not in {sort.key for sort in form.sorts if isinstance(sort.key, str)}, form


def test_rights_and_months_are_saved(world: World) -> None:
    client = client_of(world.filer)
    rights = client.get("/d/rights/csv/").content.decode("utf-8-sig").splitlines()
    assert len(rights) > 1
    number = rights[1].split(",")[0]
    assert f"/d/rights/{number}/" in page(client, "/d/rights/")
    assert number not in client_of(world.stranger).get("/d/rights/csv/").content.decode()
    assert client.get("/d/reports/csv/").content.decode("utf-8-sig").splitlines()[0] == "Month,Status,Due"


def test_the_file_of_rights_names_none_that_is_not_in_it(world: World) -> None:
    """A right between the manufacturer's and one's own belongs to somebody else, and so does its number."""
    above = entered(party("上海临澜贸易有限公司"))
    mine = entered(world.qinglan.party, parent=above)
    below = entered(party("合肥下游仪器有限公司"), parent=mine)
    file = client_of(world.filer).get("/d/rights/csv/").content.decode("utf-8-sig")
    lines = {line.split(",")[0]: line for line in file.splitlines()[1:]}
    assert len(lines) == len(file.splitlines()) - 1
    assert above.number not in file
    assert lines[below.number].count(mine.number) == 1


def some(world: World, count: int) -> list[Customer]:
    return [world.customer(native_name=f"北仑第{n}检测站", latin_name=f"Beilun Station {n}", uscc="", lei="") for n in range(count)]


def test_going_back_past_many_that_do_not_belong_leads_further_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "BATCH", 2)
    monkeypatch.setattr(lists, "MOST_LOOKED_AT", 2)
    made = some(world, 6)
    dated_list(40)
    work(*LISTS)
    screen_many([made[0].party_id])
    client = client_of(world.filer)
    body = page(client, f"/d/customers/?sort=registered&screened=clear&before={made[5].pk}")
    assert shown(body) == []
    body = page(client, link(body, "Look further back"))
    assert shown(body) == []
    assert "Look further<" not in body
    assert shown(page(client, link(body, "Look further back"))) == ["Beilun Station 0"]


def test_narrowing_by_screening_is_counted_like_a_search_and_its_file_has_an_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_LOOKED_AT_FOR_A_FILE", 3)
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: 1_800_000_000.0))
    monkeypatch.setattr(lists, "BATCH", 2)
    some(world, 5)
    client = client_of(world.filer)
    file = client.get("/d/customers/export/?screened=waiting&sort=registered").content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in file[1:4]] == [f"Beilun Station {n}" for n in range(3)]
    assert len(file) == 5
    assert "There are more lines" in file[4]
    codes = [client.get("/d/customers/?screened=waiting").status_code for _n in range(61)]
    assert codes[:60] == [200] * 60
    assert codes[60] == 429
    assert client.get("/d/customers/").status_code == 200


def test_a_customer_that_the_release_before_writes_has_a_place(world: World) -> None:
    """It knows nothing of the columns: the database fills them."""
    made = some(world, 1)[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, column_default FROM information_schema.columns"
            " WHERE table_name = 'certifications_customer' AND column_name LIKE '%%_order' ORDER BY 1"
        )
        assert [(name, default.split("::")[0]) for name, default in cursor.fetchall()] == [("latin_order", "''"), ("native_order", "''")]
    assert made.pk


def test_the_lists_are_measured_on_a_distributor_that_has_no_other_rows(world: World, three: list[Customer]) -> None:
    filer = _sorted.filer()
    assert _sorted.filer() == filer
    client = Client()
    client.force_login(filer, backend="allauth.account.auth_backends.AuthenticationBackend")
    for address in _sorted.orders():
        assert client.get(address).status_code == 200, address
    assert not Customer.objects.filter(organisation=filer.organisation).exists()
