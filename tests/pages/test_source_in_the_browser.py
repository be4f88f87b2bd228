"""The text of a source in its sandboxed frame: nothing of it runs, links of the form find their words, the theme reaches it."""

from typing import Any

import pytest
from django.conf import settings

from certifications.evidence.models import EvidenceDocument
from certifications.pages.compliance.proposals import Excerpt, text_place
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
    # A sandboxed page that asks for isolation need not be shown in a tab of its own; everything else is as on every page.
    assert text["Cross-Origin-Opener-Policy"] == "unsafe-none"
    for name in ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy", "Cache-Control"):
        assert text[name] == page[name], name
    assert 'sandbox="allow-same-origin"' in page.content.decode()
    body = text.content.decode()
    assert "&lt;script&gt;" in body
    assert "<script" not in body
    assert "<img" not in body
    for words in ("onerror=alert(1)", "四、主要标的信息", '<pre class="source"'):
        assert words in body, words
        assert words not in page.content.decode(), "the page itself holds nothing of it"


def test_whoever_may_not_see_the_document_gets_no_text_and_an_unread_one_has_none(world: World) -> None:
    document = captured(world, NOTICE)
    for who, status in (("auditor", 200), ("filer", 404), ("sales", 404), ("regulator", 404)):
        assert client_of(world.people[who]).get(f"/c/evidence/{document.number}/text/").status_code == status, who
    document.text = ""
    document.save()
    assert client_of(world.reviewer).get(f"/c/evidence/{document.number}/text/").status_code == 404


def test_the_frame_is_as_high_as_the_text_is_long() -> None:
    rooms = [Excerpt.of(EvidenceDocument(text=text, proposal={})).room for text in ("甲\n" * 8, "甲\n" * 9, "甲" * 40 * 18, "甲\n" * 400)]
    assert rooms == ["is-short", "is-middle", "", ""]
    assert Excerpt.of(EvidenceDocument(text="甲" * 30_000, proposal={})).is_cut


def test_what_stands_beyond_the_excerpt_is_linked_in_the_whole() -> None:
    fields = {"near": {"start": 0, "end": 1}, "far": {"start": 250_000, "end": 250_001}, "none": {"start": 9, "end": None}}
    document = EvidenceDocument(number="EV-2026-000001", text="甲" * 250_001, proposal={"fields": fields})
    places = [text_place(document, name, Excerpt.of(document).length) for name in fields]
    where = "/c/evidence/EV-2026-000001/text/"
    assert places == [f"{where}#src-near", f"{where}?whole=1#src-far", ""]


def unsealed(visit: Visit, url: str) -> Any:
    """The text in a tab of its own without its policy, under which no tool could look at it either."""

    def answer(route: Any) -> None:
        real = route.fetch()
        route.fulfill(response=real, headers={name: value for name, value in real.headers.items() if name != "content-security-policy"})

    visit.page.route(url, answer)
    return visit.open(url.removeprefix(visit.base))


def shown_link(page: Any, name: str) -> Any:
    """The form's link to a place, in a part that is open."""
    page.locator("details:not([open]):has(a[target=source])").evaluate_all("all => all.forEach(one => one.open = true)")
    return page.locator(f"a[target=source][href$='#src-{name}']").first


def test_a_link_of_the_form_shows_its_words_in_the_frame_and_leaves_the_page_where_it_is(framed: Any) -> None:
    page, inner = framed
    page.fill("#id_line-0-buyer", "typed by hand")
    inner.evaluate("scrollTo(0, document.body.scrollHeight)")
    link = shown_link(page, "items-0-model")
    link.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    link.click()
    mark = inner.locator("#src-items-0-model.is-shown")
    mark.wait_for()
    assert mark.inner_text() == "CI-2440-100"
    assert page.text_content("#live") == "CI-2440-100", "said to whoever does not see it"
    frame, place = (page.locator("iframe[name=source]").bounding_box(), mark.bounding_box())
    assert frame["y"] <= place["y"] <= frame["y"] + frame["height"], "the words stand within the frame"
    assert frame["y"] > -1, "and the frame within the window, which"
    assert frame["y"] + frame["height"] < 901
    if page.viewport_size["width"] > 900:
        assert page.evaluate("scrollY") == before, "stays where it was"
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    shown_link(page, "buyer").click()
    if page.viewport_size["width"] > 900:
        assert page.evaluate("scrollY") == 0, "at the top of the page too, while the words are in sight"
    assert inner.locator(".is-shown").all_inner_texts() == ["库尔勒市公安局"]
    assert page.input_value("#id_line-0-buyer") == "typed by hand"


def test_without_a_script_the_link_finds_its_words_too(world: World, chrome: Any, base: str) -> None:
    document = captured(world, NOTICE)
    client = client_of(world.reviewer)
    context = chrome.new_context(java_script_enabled=False)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base}])
    page = context.new_page()
    page.goto(f"{base}/c/evidence/{document.number}/", wait_until="load")
    page.locator("a[target=source][href$='#src-buyer']").first.click()
    page.frame(name="source").wait_for_url("**/text/#src-buyer")
    assert page.url.endswith(f"/c/evidence/{document.number}/")
    assert page.frame(name="source").locator("#src-buyer:target").inner_text() == "库尔勒市公安局"
    context.close()


def test_the_whole_of_a_long_text_is_shown_beside_what_was_typed(world: World, visit: Visit) -> None:
    document = captured(world, NOTICE + "附件内容。" * 6000)
    visit.become(world.reviewer)
    page = visit.open(f"/c/evidence/{document.number}/")
    page.fill("#id_line-0-buyer", "typed by hand")
    inner = page.frame(name="source")
    inner.locator("a", has_text="Show the whole text").click()
    inner.wait_for_url("**/text/?whole=1")
    inner.wait_for_load_state()
    shown_link(page, "buyer").click()
    inner.locator("#src-buyer.is-shown").wait_for()
    assert inner.url.endswith("?whole=1"), "looking at a place leaves the whole where it is"
    assert inner.locator("pre").inner_text().count("附件内容。") == 6000
    assert page.input_value("#id_line-0-buyer") == "typed by hand"
    with page.expect_popup() as alone:
        page.locator("a[target=_blank]", has_text="in a tab of its own").click()
    alone.value.wait_for_load_state()
    assert alone.value.locator("pre").inner_text().count("附件内容。") == 6000


def test_a_frame_that_cannot_be_shown_says_why_and_the_form_is_sent_after_signing_in_anew(framed: Any, visit: Visit, world: World) -> None:
    page, _inner = framed
    assert not page.locator("[data-frame-lost]").is_visible()
    page.fill("#id_line-0-happened_on", "2026-06-11")
    visit.context.clear_cookies()
    page.evaluate("document.querySelector('iframe[name=source]').src += '?whole=1'")
    page.locator("[data-frame-lost]").wait_for()
    assert "sign in in another tab" in page.locator("[data-frame-lost]").inner_text()
    # The browser's own words for a sign-in page that may stand in no frame, which come in their own time.
    for _ in range(50):
        page.wait_for_timeout(100)
        if visit.complaints:
            break
    assert visit.complaints
    assert all("frame" in complaint.lower() for complaint in visit.complaints), visit.complaints
    visit.become(world.reviewer)
    page.locator("[data-frame-lost] a").click()
    page.locator("[data-frame-lost]").wait_for(state="hidden")
    visit.complaints.clear()
    with page.expect_navigation():
        page.locator("button", has_text="Confirm these lines").click()
    assert EvidenceDocument.objects.get().status == "confirmed", "what was typed was sent with the new token"


def test_keys_pressed_over_the_text_are_the_pages(framed: Any) -> None:
    page, inner = framed
    inner.locator("pre").click()
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()


def test_of_several_fields_with_the_same_words_each_is_found(world: World, visit: Visit) -> None:
    document = captured(world, NOTICE)
    fields = document.proposal["fields"]
    for name in ("project_no", "region"):
        fields[name] = fields["buyer"]
    document.save()
    visit.become(world.reviewer)
    page = visit.open(f"/c/evidence/{document.number}/")
    inner = page.frame(name="source")
    for name in ("project_no", "buyer", "region"):
        inner.evaluate("document.querySelector('.is-shown')?.classList.remove('is-shown')")
        shown_link(page, name).click()
        assert inner.locator(".span-mark.is-shown").inner_text() == "库尔勒市公安局", name
        assert page.locator("#live span[lang=zh-Hans]").inner_text() == "库尔勒市公安局"


def test_nothing_of_a_stranger_runs_and_the_theme_reaches_it(framed: Any, visit: Visit) -> None:
    page, inner = framed
    assert inner.title().startswith("Text of the source")
    assert inner.locator("pre").inner_text().count("<script>") == 1
    assert inner.locator("script, img, base").count() == 0
    ground = "getComputedStyle(document.body).backgroundColor"
    before = inner.evaluate(ground)
    dark = before != "rgb(255, 255, 255)"
    page.locator("details.menu:has(button[name=theme]) > summary").click()
    page.locator(f"button[name=theme][value={'light' if dark else 'dark'}]").first.click()
    inner.locator(f"html[data-bs-theme={'light' if dark else 'dark'}]").wait_for(state="attached")
    assert inner.evaluate(ground) != before
    assert_accessible(page)
    assert_accessible(unsealed(visit, inner.url))
