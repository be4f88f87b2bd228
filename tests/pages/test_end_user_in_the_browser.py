"""The end user's page in a real browser: a phone, no script, no cookie, both themes, both languages."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from certifications.declarations.models_enduser import EndUserAnswer
from tests.axe import assert_accessible
from tests.declarations.end_users import asked, link, scanned
from tests.declarations.test_kinds import begun, several, stock
from tests.declarations.test_own_words import LU, both_asked, users
from tests.desk import Desk
from tests.world import World, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
LOOKS = [("light", 390), ("dark", 390), ("light", 1280), ("dark", 1280)]


def test_an_end_user_confirms_on_a_phone_without_a_script(world: World, chrome: Any) -> None:
    asked(world, world.signed())
    desk = Desk(chrome, Client(enforce_csrf_checks=True))
    page = desk.open(link(), width=390, script=False)
    page.click("text=中文")
    page.wait_for_selector("html[lang=zh-hans]")
    page.fill("#confirmed-name", "沈怡然")
    page.click("form:has(#confirmed-name) button")
    page.wait_for_selector(".error-summary")
    assert page.locator(".wrong").count() == 2
    page.fill("#confirmed-role", "遗传科主任")
    page.check("#confirmed-ticked")
    page.click("form:has(#confirmed-name) button")
    page.wait_for_selector(".verdict.is-ok")
    assert EndUserAnswer.objects.get().name == "沈怡然"
    assert page.context.cookies() == []
    assert desk.complaints == []
    again = desk.open(link(), width=390, script=False)
    assert "This link was used" in again.content()


def test_a_question_about_one_undertaking_without_a_script(world: World, chrome: Any) -> None:
    asked(world, world.signed())
    desk = Desk(chrome, Client(enforce_csrf_checks=True))
    page = desk.open(link(), width=390, script=False)
    page.click("summary:has-text('I cannot agree to an undertaking')")
    page.click("summary:has-text('I cannot agree to undertaking 4')")
    page.fill("#question_4", "Our ethics board does not allow visits by third parties.")
    page.fill("#questioned-name", "Shen Yiran")
    page.click("text=Send the questions")
    page.wait_for_selector(".verdict.is-note")
    assert EndUserAnswer.objects.get().objections.get().clauses == [4]


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_its_pages_are_accessible_quiet_and_fit(world: World, chrome: Any, theme: str, width: int, tmp_path: Path) -> None:
    declaration = world.signed()
    asked(world, declaration)
    paths = [("", link()), ("", link() + "?lang=zh-hans"), ("", "/confirm/guessed/")]
    scanned(world, declaration)
    own = f"/d/declarations/{declaration.number}/"
    paths += [("filer", own), ("filer", own + "end-user/"), ("signatory", own + "end-user/"), ("filer", "/d/declarations/")]
    paths += [("reviewer", f"/c/declarations/{declaration.number}/"), ("reviewer", f"/c/declarations/{declaration.number}/end-user/")]
    of_several = world.signed(begun(world, several(world)))
    both_asked(world, of_several)
    waiting = scanned(world, of_several, content=b"%PDF-1.7 another", end_user=users(of_several)[1])
    stocked = begun(world, stock(world))
    paths += [
        ("", link(LU["email"])),
        ("filer", f"/d/declarations/{of_several.number}/"),
        ("filer", f"/d/declarations/{stocked.number}/end-user/"),
    ]
    for user in users(of_several):
        paths += [("filer", f"/d/declarations/{of_several.number}/end-user/?end_user={user}")]
    paths += [("signatory", f"/d/declarations/{waiting.statement.declaration.number}/end-user/")]
    paths += [("reviewer", f"/c/declarations/{of_several.number}/"), ("reviewer", f"/c/declarations/{of_several.number}/end-user/")]
    for who, path in paths:
        desk = Desk(chrome, client_of(world.people[who]) if who else Client(enforce_csrf_checks=True))
        page = desk.open(path, width=width, theme=theme)
        assert page.locator("h1").count() == 1, path
        assert_accessible(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
        assert [said for said in desk.complaints if "status of 404" not in said] == [], path
        page.context.close()
