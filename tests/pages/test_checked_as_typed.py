"""A number or a division is checked while the form is filled in: by the rules at submit, in the page's language, never in the way."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.test import Client

from certifications.ledger.days import civil_today
from certifications.letters.rules import LetterData, letter_problems
from certifications.pages.checked import CHECKED, said_of
from certifications.parties.models import Customer
from certifications.people import limits
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
CHECK = "/d/customers/check/"
GOOD, WRONG, SHORT = "12330200MA2GX00010", "12330200MA2GX00011", "1233"


def said(world: World, language: str = "en", who: str = "filer", **sent: str) -> str:
    answer = client_of(world.people[who]).post(CHECK, sent, headers={"accept-language": language})
    assert answer.status_code == 200
    return re.sub(r"<[^>]+>", "", answer.content.decode()).strip()


def test_a_code_of_the_wrong_length_is_said_in_both_languages(world: World) -> None:
    assert said(world, uscc=SHORT) == "A unified social credit code has 18 characters; this has 4."
    assert "18" in said(world, "zh-hans", uscc=SHORT)
    assert "characters" not in said(world, "zh-hans", uscc=SHORT)


@pytest.mark.parametrize("field", ["uscc", "buyer_uscc"])
def test_a_check_character_that_does_not_fit_warns_and_a_right_one_is_said_to_fit(world: World, field: str) -> None:
    kinds = {said_of("uscc", code).kind for code in (GOOD, WRONG)}  # type: ignore[union-attr]
    assert kinds == {"ok", "wait"}
    assert {said(world, **{field: code}) for code in (GOOD, WRONG)} == {
        "The check character fits.", "The check character of this code does not fit. Compare it with the licence; it is kept as typed.",
    }  # fmt: skip


def test_a_legal_entity_identifier_and_a_division_are_checked(world: World) -> None:
    assert "check digits" in said(world, lei="5493001KJTIIGC8Y1R13")
    assert said(world, lei="5493001KJTIIGC8Y1R12") == "The check character fits."
    assert "330200" in said(world, division="宁波", country="CN")
    assert "No division has this name" in said(world, division="Atlantis", country="CN")
    assert said(world, division="330200", country="CH") == "Division codes are for China alone; leave this empty."


def test_an_empty_field_and_one_that_is_no_field_are_met_with_silence(world: World) -> None:
    assert said(world, uscc=" ") == said(world, colour="blue") == said(world) == ""


def test_what_is_said_at_submit_is_what_was_said_while_typing(world: World) -> None:
    typed = {
        "form_key": "01HZZZZZZZZZZZZZZZZZZZZZZ9", "native_name": "绍兴稽山口腔医院", "kind": "end_user", "uscc": SHORT, "lei": "123",
        "address": "延安路 7 号", "country": "CN", "division": "330600", "line_of_business": "dental hospital",
    }  # fmt: skip
    answer = client_of(world.filer).post("/d/customers/new/", typed)
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert errors["uscc"] == [said(world, uscc=SHORT)]
    assert errors["lei"] == [said(world, lei="123")]


def test_the_fields_ask_and_the_sentence_has_its_place(world: World) -> None:
    body = client_of(world.filer).get("/d/customers/new/").content.decode()
    for name in ("uscc", "lei", "division"):
        field = re.search(rf'<input[^>]*name="{name}"[^>]*>', body)
        assert field
        assert f'hx-post="{CHECK}"' in field[0]
        assert f'hx-target="#id_{name}_said"' in field[0]
        assert re.search(rf'aria-describedby="[^"]*id_{name}_said"', field[0])
        assert f'<div id="id_{name}_said" aria-live="polite"></div>' in body
    assert set(CHECKED) >= {"uscc", "lei"}


def test_nothing_is_kept_and_who_may_not_register_is_told_nothing(world: World) -> None:
    said(world, uscc=GOOD)
    assert not Customer.objects.exists()
    assert client_of(world.reviewer).post(CHECK, {"uscc": GOOD}).status_code == 404
    assert client_of(world.filer).get(CHECK).status_code == 405


def test_another_country_has_the_division_looked_at_again(world: World) -> None:
    body = client_of(world.filer).get("/d/customers/new/").content.decode()
    field = re.search(r'<input[^>]*name="division"[^>]*>', body)
    assert field
    assert 'hx-trigger="change, change from:#id_country"' in field[0]
    assert 'id="id_country"' in body


def test_a_letter_says_at_submit_what_was_said_while_typing(world: World) -> None:
    data = LetterData("宁波江南医院", "", SHORT, "P-1", ("x",), "CH", "", civil_today() + dt.timedelta(days=9), "en")
    assert [one.message for one in letter_problems(data, civil_today()) if one.field == "buyer_uscc"] == [said(world, buyer_uscc=SHORT)]


def test_whose_session_ended_gets_no_page_into_the_form(client: Client) -> None:
    answer = client.post(CHECK, {"uscc": GOOD}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.post(CHECK, {"uscc": GOOD}).status_code == 302


def test_one_person_asks_so_often_a_minute(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: 1_800_000_000.0))
    client = client_of(world.filer)
    codes = [client.post(CHECK, {"uscc": GOOD}).status_code for _n in range(121)]
    assert codes == [200] * 120 + [429]
