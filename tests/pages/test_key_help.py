"""Every page with keys shows all of them in one way, and names no key that is not there or may not be used."""

import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils import translation

from portal.templatetags.keys import KEYS
from tests.world import World, client_of

TEMPLATES = Path(__file__).parents[2] / "templates"


def with_keys() -> list[Path]:
    return sorted(file for file in TEMPLATES.rglob("*.html") if "portal/keys.js" in file.read_text())


def test_every_page_that_loads_the_keys_shows_them() -> None:
    found = with_keys()
    assert len(found) >= 7
    for file in found:
        text = file.read_text()
        # The queue's stands in its right pane.
        shown = text + (TEMPLATES / "compliance" / "_case.html").read_text() if "_case.html" in text else text
        assert "{% key_help" in shown, file.name


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_help_names_every_key_in_the_line_and_whole_in_the_dialog(language: str) -> None:
    names = " ".join(f'"{name}"' for name in KEYS)
    with translation.override(language):
        shown = Template("{% load keys %}{% key_help " + names + " %}").render(Context())
    line, _tag, dialog = shown.partition("<dialog")
    for keys, short, _long in KEYS.values():
        for key in keys:
            assert f"<kbd>{key}</kbd>" in dialog
            assert (f"<kbd>{key}</kbd>" in line) or not short
    assert "<kbd>?</kbd>" in line
    assert ("next, previous" in shown) is (language == "en")


def test_who_may_not_decide_is_told_no_key_for_it() -> None:
    text = '{% load keys %}{% key_help "move" "assign" "outcome" "ask" "send" may_decide=False %}'
    assert re.findall(r"<dt>.*?</dt>", Template(text).render(Context()))[0] == "<dt><kbd>j</kbd> <kbd>k</kbd> </dt>"
    assert "<kbd>a</kbd>" not in Template(text).render(Context())


@pytest.mark.django_db
def test_the_list_of_names_has_the_help(world: World) -> None:
    page = client_of(world.reviewer).get(reverse("compliance:names")).content.decode()
    assert page.count("data-keys-help") == 1
    assert "<kbd>/</kbd>" in page
