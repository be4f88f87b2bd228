"""Verification and the regulators' pages in a real browser: accessible, silent under the policy, usable without scripts.

The browser's requests are answered inside the test, so that the rows of the test need not be committed.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.axe import assert_accessible
from tests.desk import Desk
from tests.world import client_of

from .conftest import Issued

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture
def desk(chrome: Any, issued: Issued) -> Desk:
    """A fresh desk."""
    return Desk(chrome)


def sound(desk: Desk, page: Any, width: int) -> None:
    """Accessible, without a sideways scroll, and with nothing for the browser to complain about."""
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert desk.complaints == []
    page.context.close()


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_verification_pages_are_sound(issued: Issued, desk: Desk, tmp_path: Path, width: int, theme: str) -> None:
    number, code = issued.attestation.number, issued.attestation.code
    sound(desk, desk.open("/verify/", width=width, theme=theme), width)
    sound(desk, desk.open(f"/verify/{number}/?code={code}", width=width, theme=theme), width)
    page = desk.open("/verify/", width=width, theme=theme)
    page.click("text=Look it up")
    page.wait_for_selector(".error-summary")
    sound(desk, page, width)
    for name, content in (("good.pdf", issued.pdf), ("altered.pdf", issued.pdf + b"%%more")):
        file = tmp_path / name
        file.write_bytes(content)
        desk.file = content
        page = desk.open("/verify/", width=width, theme=theme)
        page.set_input_files("input[type=file]", str(file))
        page.click("text=Check this file")
        page.wait_for_selector(".verdict")
        sound(desk, page, width)


def test_a_file_can_be_checked_without_scripts(issued: Issued, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "EUC.pdf"
    file.write_bytes(issued.pdf)
    desk.file = issued.pdf
    page = desk.open("/verify/", script=False)
    page.set_input_files("input[type=file]", str(file))
    page.click("text=Check this file")
    page.wait_for_selector(".verdict.is-ok")


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_regulators_pages_are_sound(issued: Issued, desk: Desk, width: int, theme: str) -> None:
    desk.client = client_of(issued.world.regulator)
    for path in ("/r/", "/r/?q=nobody", f"/r/{issued.attestation.number}/", "/r/lookups/"):
        sound(desk, desk.open(path, width=width, theme=theme), width)
