"""An invited person makes the account in a real browser: the link's page posts, in both languages, and keeps its token."""

from typing import Any

import pytest
from django.test import Client

from certifications.people.actions import invite
from certifications.people.models import User
from tests.desk import BASE, Desk
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.browser]


def link(world: World) -> str:
    """The address that the mail of an invitation holds."""
    _made, token = invite(
        by=world.distributor_admin, organisation=world.qinglan, email="zhou.min@qinglan.example", roles=["filer"], language="en"
    )
    return f"/welcome/{token}/"


def test_an_invited_person_chooses_language_and_theme_and_makes_the_account(world: World, chrome: Any) -> None:
    desk, where = Desk(chrome), link(world)
    page = desk.open(where, script=False)
    page.click("button:has-text('中文')")
    page.wait_for_selector("html[lang=zh-hans]")
    assert page.url == BASE + where
    page.click("summary:has(.icon)")
    page.click("button[value=dark]")
    page.wait_for_selector("html[data-bs-theme=dark]")
    page.fill("[name=name]", "Zhou Min")
    page.fill("[name=password]", "a long and quiet river")
    page.click("main button.btn-primary")
    page.wait_for_url(BASE + "/account/login/")
    assert desk.complaints == []
    assert User.objects.get(email="zhou.min@qinglan.example").roles == {"filer"}


def test_the_token_is_told_to_no_other_site(world: World) -> None:
    assert Client().get(link(world)).headers["Referrer-Policy"] == "same-origin"
