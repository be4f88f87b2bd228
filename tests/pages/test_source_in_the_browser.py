"""The text of a source in its sandboxed frame: nothing of it runs, links of the form find their words, the theme reaches it."""

from typing import Any

import pytest

from tests.axe import assert_accessible
from tests.flags.cases import captured
from tests.visits import Visit
from tests.world import World, client_of

from .test_confirming_notices import NOTICE

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=alert(1)><base href='https://elsewhere.example/'>"


@pytest.fixture
def framed(world: World, visit: Visit) -> Any:
    """(the page of a notice to be confirmed, its frame), the notice with markup of a stranger's and longer than the frame."""
    document = captured(world, NOTICE + HOSTILE + "\n附件内容。" * 200)
    visit.become(world.reviewer)
    page = visit.open(f"/c/evidence/{document.number}/")
    return page, page.frame(name="source")


def test_its_answer_alone_may_be_framed_and_by_us_alone(world: World) -> None:
    client, document = client_of(world.reviewer), captured(world, NOTICE + HOSTILE)
    page, text = (client.get(f"/c/evidence/{document.number}/{end}") for end in ("", "text/"))
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    assert text["X-Frame-Options"] == "SAMEORIGIN"
    assert {part.strip() for part in text["Content-Security-Policy"].split(";") if part.strip()} == {
        "default-src 'none'", "style-src 'self'", "font-src 'self'", "frame-ancestors 'self'", "base-uri 'none'", "form-action 'none'",
        "sandbox allow-same-origin",
    }  # fmt: skip
    assert 'sandbox="allow-same-origin"' in page.content.decode()
    body = text.content.decode()
    assert "&lt;script&gt;" in body
    assert "<script" not in body
    assert "<img" not in body
    assert HOSTILE not in page.content.decode()
    assert "no-store" in text["Cache-Control"]


def test_whoever_may_not_see_the_document_gets_no_text_and_an_unread_one_has_none(world: World) -> None:
    document = captured(world, NOTICE)
    for who, status in (("auditor", 200), ("filer", 404), ("sales", 404), ("regulator", 404)):
        assert client_of(world.people[who]).get(f"/c/evidence/{document.number}/text/").status_code == status, who
    document.text = ""
    document.save()
    assert client_of(world.reviewer).get(f"/c/evidence/{document.number}/text/").status_code == 404


def test_a_link_of_the_form_shows_its_words_in_the_frame_and_keeps_what_was_typed(framed: Any) -> None:
    page, inner = framed
    page.locator("details:not([open])").evaluate_all("all => all.forEach(one => one.open = true)")
    page.fill("#id_line-0-buyer", "typed by hand")
    page.locator("a[target=source][href$='#src-items-0-model']").first.click()
    mark = inner.locator("#src-items-0-model")
    mark.wait_for()
    assert mark.inner_text() == "CI-2440-100"
    assert inner.evaluate("document.querySelector(':target').id") == "src-items-0-model"
    frame, place = (page.locator("iframe[name=source]").bounding_box(), mark.bounding_box())
    assert frame["y"] <= place["y"] <= frame["y"] + frame["height"], "the words stand within the frame"
    assert 0 <= place["y"] < 900, "and the frame within the window"
    assert page.input_value("#id_line-0-buyer") == "typed by hand"


def test_nothing_of_a_stranger_runs_and_the_theme_reaches_it(framed: Any) -> None:
    page, inner = framed
    assert inner.title().startswith("Text of the source")
    assert inner.locator("pre").inner_text().count("<script>") == 1
    assert inner.locator("script, img, base").count() == 0
    ground = "getComputedStyle(document.body).backgroundColor"
    before = inner.evaluate(ground)
    dark = before != "rgb(255, 255, 255)"
    if not page.locator("button[name=theme]").first.is_visible():
        page.locator("details.menu:has(button[name=theme]) > summary").click()
    page.locator(f"button[name=theme][value={'light' if dark else 'dark'}]").first.click()
    page.wait_for_function("document.documentElement.dataset.bsTheme !== undefined")
    page.wait_for_timeout(100)
    assert inner.evaluate(ground) != before
    assert_accessible(page)
