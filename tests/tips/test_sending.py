"""A tip is sent by nobody: no address, no hour, no session, no name of a file; a receipt code is all that leads back to it."""

import datetime as dt
import json
import random
import re
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from redis import Redis

from certifications.files.models import Blob
from certifications.ledger.days import civil_today
from certifications.ledger.ids import ALPHABET
from certifications.ledger.models import Event
from certifications.mail.models import Mail
from certifications.pages.public import views_tips
from certifications.people import limits
from certifications.people.models import SecurityEvent
from certifications.tips import actions
from certifications.tips.models import Tip, TipFile, TipMessage
from certifications.tips.queries import by_receipt
from certifications.tips.rules import TipData, receipt_code, receipt_hash
from portal.logs import QUIET
from tests.files import hostile
from tests.tips.sending import TIP, WHAT, code_in, form_key, kept, named, send
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
ADDRESS = "203.0.113.77"


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    """A request leaves its language behind; no other test shall find it."""
    with translation.override("en"):
        yield


@pytest.fixture
def reader(world: World) -> Any:
    return named(world)


def look(code: str, client: Client | None = None, **more: str) -> HttpResponse:
    return (client or Client()).post("/channel/tip/again/", {"code": code, **more})


def test_a_tip_is_kept_by_the_day_with_its_files_made_anew(reader: Any) -> None:
    answer = send(files=[("IMG_2391 of Zhao Wen.jpg", hostile.photo()), ("报告-赵文.pdf", hostile.pdf()), ("x.png", hostile.png())])
    assert answer.status_code == 200
    tip = Tip.objects.get()
    assert (tip.what, tip.seller, tip.received_on, tip.status) == (WHAT, TIP["seller"], civil_today(), "waiting")
    assert [file.media_type for file in tip.files.all()] == ["image/jpeg", "application/pdf", "image/png"]
    whole = b"".join(bytes(file.content) for file in tip.files.all())
    assert [secret for secret in hostile.SECRETS if secret in whole] == []
    assert tip.receipt_hash == receipt_hash(code_in(answer))
    assert f'wrap-any">{code_in(answer)}<' in answer.content.decode(), "whole on a phone: what runs out of the page is not written down"


def test_nothing_that_is_kept_holds_an_address_a_name_of_a_file_or_a_moment(reader: Any, capsys: pytest.CaptureFixture[str]) -> None:
    before = Event.objects.count(), SecurityEvent.objects.count(), Session.objects.count(), Mail.objects.count(), Blob.objects.count()
    client = Client(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT="Zhao's own browser", HTTP_X_FORWARDED_FOR=ADDRESS)
    code = code_in(send(client, files=[("of Zhao Wen.jpg", hostile.photo())]))
    look(code, client)
    look(code, client, text="It was on the third floor.")
    after = Event.objects.count(), SecurityEvent.objects.count(), Session.objects.count(), Mail.objects.count(), Blob.objects.count()
    assert after == before
    # No column that could hold a moment, and no key that holds one.
    kinds = {field.get_internal_type() for model in (Tip, TipFile, TipMessage) for field in model._meta.fields}
    assert kinds & {"DateTimeField", "TimeField", "GenericIPAddressField", "ULIDField"} == set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE ANY (%s)', [[f"%{ADDRESS}%", "%Zhao%", f"%{code}%"]])
            assert cursor.fetchone() == (0,), table
    store = Redis.from_url(django_settings.CACHES["default"]["LOCATION"])
    assert not any(ADDRESS.encode() in key or ADDRESS.encode() in (store.get(key) or b"") for key in store.keys("*"))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [line for line in lines if "tip" in str(line.get("route", "")) or ADDRESS in str(line)] == []


def test_the_pages_of_tips_leave_no_line_and_the_others_do(reader: Any, capsys: pytest.CaptureFixture[str]) -> None:
    Client().get("/channel/check/")
    Client().get("/channel/tip/")
    Client().get("/channel/tip/again/")
    assert {"channel:tip", "channel:tip-again"} <= QUIET
    routes = [json.loads(line)["route"] for line in capsys.readouterr().out.splitlines() if '"route"' in line]
    assert routes == ["channel:check"]


def test_who_is_signed_in_is_not_known_there(world: World, reader: Any) -> None:
    client = client_of(world.filer)
    key = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    held = Session.objects.get(pk=key).session_data
    page = client.get("/channel/tip/").content.decode()
    assert world.filer.name not in page
    answer = send(client)
    assert django_settings.SESSION_COOKIE_NAME not in answer.cookies
    assert Session.objects.get(pk=key).session_data == held
    assert "seen" not in client.session


def test_it_works_without_any_cookie_but_the_forms_own(reader: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/channel/tip/")
    assert set(client.cookies) == {"csrf"}
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    key = re.search(r'name="form_key" value="([^"]+)"', page.content.decode())
    assert token is not None
    assert key is not None
    answer = client.post("/channel/tip/", {**TIP, "form_key": key[1], "csrfmiddlewaretoken": token[1]})
    assert answer.status_code == 200
    assert client.post("/channel/tip/", {**TIP, "form_key": key[1]}).status_code == 403


def test_no_search_engine_keeps_the_pages(reader: Any) -> None:
    for answer in (Client().get("/channel/tip/"), Client().get("/channel/tip/again/"), send()):
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Cache-Control"] == "no-store"


def test_the_same_form_twice_is_one_tip_with_one_code_and_another_form_is_another(reader: Any) -> None:
    client = Client()
    key = form_key(client)
    one, two = send(client, form_key=key), send(client, form_key=key)
    assert code_in(one) == code_in(two)
    assert Tip.objects.count() == 1
    assert code_in(send(client, form_key=key, place="Another place")) != code_in(one)
    assert Tip.objects.count() == 2


def test_a_code_hangs_on_the_secret_and_on_every_word(settings: Any) -> None:
    data = TipData(WHAT)
    one = receipt_code("k" * 43, data, [])
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){4}", one)
    assert receipt_code("k" * 43, data, [b"x"]) != one
    assert receipt_code("l" * 43, data, []) != one
    settings.SECRET_KEY = "another"
    assert receipt_code("k" * 43, data, []) != one


def test_a_code_is_found_as_people_type_it_and_shown_once(reader: Any) -> None:
    tip, code = kept()
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " "), code.replace("0", "O").replace("1", "l")):
        assert by_receipt(typed) == tip
    assert code not in json.dumps([[str(value) for value in row] for row in Tip.objects.values_list()])
    assert look(code).status_code == 200


def test_a_thousand_guesses_find_nothing_and_are_stopped(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # In one window of the limit, also where the hour turns in the middle of the guesses.
    now = time.time()
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: now))
    kept()
    guess = random.Random(7)  # noqa: S311 - guesses, not secrets
    client = Client(REMOTE_ADDR=ADDRESS)
    codes = ["".join(guess.choices(ALPHABET, k=25)) for _ in range(1000)]
    assert not any(by_receipt(code) for code in codes)
    answers = [look(code, client).status_code for code in codes[:60]]
    assert (answers[:30], set(answers[30:])) == ([422] * 30, {429})


def test_an_unknown_code_and_one_that_is_none_say_so_and_nothing_typed_is_lost(reader: Any) -> None:
    answer = look("7" * 25)
    assert answer.status_code == 422
    assert "No tip has this receipt code." in answer.content.decode()
    assert "7" * 25 in answer.content.decode()
    assert "this has 3" in look("ABC").content.decode()


def test_whoever_has_the_code_reads_the_state_and_questions_and_answers(world: World, reader: Any) -> None:
    tip, code = kept()
    assert "waits to be worked on" in look(code).content.decode()
    actions.ask(tip=tip, by=reader, text="On which floor?")
    page = look(code).content.decode()
    assert "On which floor?" in page
    assert reader.name not in page
    assert "Somebody works on it" in page
    assert "Your answer is kept." in look(code, text="The third.").content.decode()
    look(code, text="The third.")
    assert list(tip.messages.values_list("text", "reader")) == [("On which floor?", reader.pk), ("The third.", None)]
    assert look(code, text=" ").status_code == 422
    actions.close(tip=tip, by=reader, outcome="no_use", reason="Nothing came of it.", words="Thank you for telling us.")
    page = look(code).content.decode()
    assert "Thank you for telling us." in page
    assert "Nothing came of it." not in page
    assert look(code, text="More").status_code == 422


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"what": ""}, "Say in a sentence or two what you saw."),
        ({"what": "x"}, "Say in a sentence or two what you saw."),
        ({"what": "x" * 4001}, "Shorten it to 4000 characters"),
        ({"seller": "x" * 301}, "Shorten it to 300 characters"),
        ({"website": "https://spam.example"}, "it is there to tell programs from people"),
        ({"form_key": "x" * 50}, "Shorten it to 43 characters"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_typed_is_lost(reader: Any, changes: dict[str, str], said: str) -> None:
    answer = send(**changes)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "Kashgar, in a storeroom" in answer.content.decode()
    assert Tip.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.svg", hostile.svg(), "a.svg: Only pictures (JPEG, PNG) and PDF files"),
        ("a.jpg", hostile.svg(), "Only pictures"),
        ("a.tif", hostile.tiff(1), "Only pictures"),
        ("a.jpg", b"", "The file is empty."),
        ("a.png", hostile.png_bomb(), "more than 50 million points"),
        ("a.jpg", hostile.photo()[:300], "cannot be read"),
        ("a.jpg", hostile.photo()[:3] + bytes(11 * 1024 * 1024), "larger than 10 MB"),
    ],
)
def test_a_file_that_cannot_be_made_anew_is_refused_with_a_sentence_and_nothing_is_kept(
    reader: Any, name: str, content: bytes, said: str
) -> None:
    answer = send(files=[("good.jpg", hostile.photo()), (name, content)])
    assert answer.status_code == 422
    body = answer.content.decode()
    assert said in body
    assert "Choose the files again" in body
    assert WHAT in body
    assert (Tip.objects.count(), TipFile.objects.count()) == (0, 0)


def test_files_of_more_than_the_page_takes_are_refused_whole(reader: Any) -> None:
    large = hostile.photo() + bytes(8 * 1024 * 1024)
    answer = send(files=[(f"{n}.jpg", large) for n in range(3)])
    assert answer.status_code == 422
    assert "more than 20 MB together" in answer.content.decode()
    assert WHAT in answer.content.decode()
    assert send(files=[("a.tif", hostile.tiff(30))]).status_code == 413
    assert Tip.objects.count() == 0


def test_twenty_attachments_are_refused_and_five_are_kept(reader: Any) -> None:
    assert send(files=[(f"{n}.jpg", hostile.photo()) for n in range(20)]).status_code == 400
    assert Tip.objects.count() == 0
    assert send(files=[(f"{n}.jpg", hostile.photo()) for n in range(5)]).status_code == 200
    assert TipFile.objects.count() == 5
    with pytest.raises(Exception, match="At most 5 files"):
        actions.receive(data=TipData(WHAT), files=[object()] * 6, code="x")  # type: ignore[list-item]


def test_the_eleventh_within_an_hour_waits(reader: Any) -> None:
    client = Client(REMOTE_ADDR=ADDRESS)
    codes = [send(client, what="", form_key="k").status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]
    assert Client(REMOTE_ADDR=ADDRESS).get("/channel/tip/").status_code == 200


def test_while_nobody_reads_tips_none_is_taken(world: World) -> None:
    assert "No tips can be sent now" in Client().get("/channel/tip/").content.decode()
    assert Client().post("/channel/tip/", {**TIP, "form_key": "k" * 43}).status_code == 422
    assert Tip.objects.count() == 0


def test_both_languages_by_the_address(reader: Any) -> None:
    assert "提供线索" in Client().get("/channel/tip/?lang=zh-hans").content.decode()
    assert 'action="/channel/tip/?lang=zh-hans"' in Client().get("/channel/tip/?lang=zh-hans").content.decode()
    assert "凭您的回执码" in Client(HTTP_ACCEPT_LANGUAGE="zh-hans").get("/channel/tip/again/").content.decode()


def test_that_something_came_is_on_record_on_a_later_day_alone(reader: Any) -> None:
    tip, _code = kept()
    actions.answer(tip=tip, text="And a fourth one.")
    assert actions.note_new() == 0
    tomorrow = civil_today() + dt.timedelta(days=1)
    assert actions.note_new(tomorrow) == 2
    assert actions.note_new(tomorrow) == 0
    told = list(Event.objects.filter(object_type="Tip", object_id=tip.pk).order_by("sequence").values_list("verb", "data"))
    day = civil_today().isoformat()
    assert told == [("tip.received", {"on": day, "files": 0}), ("tip.answered", {"on": day})]


def test_empty_forms_of_a_few_use_up_nobody_s_share(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_tips, "ALL_SENDS", 2)
    for n in range(5):
        assert send(Client(REMOTE_ADDR=f"198.51.100.{n}"), what="").status_code == 422
    assert [send(Client(REMOTE_ADDR=f"203.0.113.{n}")).status_code for n in range(3)] == [200, 200, 429]
    # Nor is it on record when: the hour of a tip is nowhere.
    assert not SecurityEvent.objects.filter(code="limit.reached").exists()


def test_a_network_of_one_household_is_one_client(reader: Any) -> None:
    said = [send(Client(REMOTE_ADDR=f"2001:db8:1:2::{n + 1}"), what="").status_code for n in range(11)]
    assert (set(said[:10]), said[10]) == ({422}, 429)
    assert send(Client(REMOTE_ADDR="2001:db8:1:3::1"), what="").status_code == 422
    assert not SecurityEvent.objects.filter(code="limit.reached").exists()


def test_a_form_whose_key_is_refused_leaves_no_line(reader: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert send(Client(enforce_csrf_checks=True)).status_code == 403
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")
    # Nor one that is refused before anybody asks whose address it is.
    assert Client().post("/channel/tip/", {"what": "a\x00b"}).status_code == 400
    assert capsys.readouterr().out == ""
    Client(enforce_csrf_checks=True).post("/account/login/", {})
    assert "form_key_refused" in capsys.readouterr().out


def test_files_past_what_may_be_kept_are_refused_and_the_words_are_not_lost(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_KEPT", 100)
    answer = send(files=[("door.png", hostile.png())])
    assert answer.status_code == 422
    assert "No more files can be kept at present." in answer.content.decode()
    assert "Kashgar, in a storeroom" in answer.content.decode()
    assert send().status_code == 200


def test_spam_is_erased_after_a_week(reader: Any) -> None:
    spam, other = kept()[0], kept(place="Another place")[0]
    actions.close(tip=spam, by=reader, outcome="spam", reason="An advertisement for pills.")
    actions.close(tip=other, by=reader, outcome="no_use", reason="Nobody could find the place.")
    week = dt.timedelta(days=7)
    assert actions.erase_old(civil_today() + week - dt.timedelta(days=1)) == 0
    assert actions.erase_old(civil_today() + week) == 1
    assert Tip.objects.get(status="erased").pk == spam.pk
