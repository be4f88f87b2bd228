"""The kit in a real browser: accessible in both themes and two widths, silent under the policy, usable without scripts."""

from typing import Any

import pytest

from tests.axe import assert_accessible, violations

pytestmark = pytest.mark.browser
PAGES = ["/", "/kit/", "/kit/queue/", "/kit/confirm/", "/account/login/", "/account/password/reset/"]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_page_has_no_accessibility_violation(watched: Any, path: str, theme: str, width: int) -> None:
    page = watched.open(path, theme=theme, width=width)
    assert_accessible(page)


@pytest.mark.parametrize("path", PAGES)
def test_page_never_scrolls_sideways_on_a_phone(watched: Any, path: str) -> None:
    page = watched.open(path, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_axe_helper_sees_a_missing_label(watched: Any) -> None:
    page = watched.open("/kit/")
    page.evaluate("document.querySelector('label[for=id_name]').remove()")
    assert any("id_name" in line for line in violations(page))


def test_a_refused_form_puts_focus_on_its_summary_and_links_lead_to_fields(watched: Any) -> None:
    watched.expected_status.add(422)
    page = watched.open("/kit/")
    page.fill("#id_note", "kept")
    page.click("main button.btn-primary")
    page.wait_for_selector(".error-summary")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert page.input_value("#id_note") == "kept"
    assert page.title().startswith("Error:")
    page.click(".error-summary a[href='#id_kind_0']")
    assert page.evaluate("document.activeElement.id") == "id_kind_0"
    described = page.get_attribute("#id_name", "aria-describedby")
    assert described is not None
    assert page.get_attribute("#id_name", "aria-invalid") == "true"
    for name in described.split():
        assert page.query_selector(f"#{name}") is not None
    assert_accessible(page)


def test_the_summary_takes_focus_without_a_script_too(watched: Any) -> None:
    watched.expected_status.add(422)
    page = watched.open("/kit/", script=False)
    page.click("main button.btn-primary")
    page.wait_for_selector(".error-summary")
    assert page.locator(".error-summary[autofocus]").count() == 1


def test_theme_changes_at_once_and_stays(watched: Any) -> None:
    page = watched.open("/")
    page.click("summary")
    page.click("button[value=dark]")
    page.wait_for_selector("html[data-bs-theme=dark]")
    page.reload()
    assert page.get_attribute("html", "data-bs-theme") == "dark"


def test_theme_and_language_change_without_a_script(watched: Any) -> None:
    page = watched.open("/?about=1", script=False)
    page.click("summary")
    page.click("button[value=dark]")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    page.click("button[value='zh-hans']")
    assert page.get_attribute("html", "lang") == "zh-hans"
    assert page.url.endswith("/?about=1")


def test_escape_closes_a_menu_and_returns_focus(watched: Any) -> None:
    page = watched.open("/")
    page.click("summary")
    page.keyboard.press("Escape")
    assert page.locator("details.menu[open]").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_keys_move_through_the_list_and_stay_out_of_fields(watched: Any) -> None:
    page = watched.open("/kit/queue/")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#two"
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#one"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("ja")
    assert page.input_value("#q") == "ja"


def test_keys_can_be_switched_off_and_stay_off(watched: Any) -> None:
    page = watched.open("/kit/queue/")
    page.click("[data-keys-toggle]")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.getAttribute('href')") is None
    page.reload()
    assert page.text_content("[data-keys-toggle]") == "Switch keys on"


@pytest.mark.parametrize(("path", "status"), [("/nothing/here/", 404), ("/kit/fail/", 500)])
def test_error_pages_are_whole_and_accessible(watched: Any, path: str, status: int) -> None:
    watched.expected_status.add(status)
    page = watched.open(path)
    assert page.locator("main h1").count() == 1
    assert_accessible(page)


def test_the_queue_shows_one_pane_at_a_time_on_a_phone(watched: Any) -> None:
    page = watched.open("/kit/queue/", width=390)
    assert not page.locator(".pane-list").is_visible()
    assert page.locator(".pane-case").is_visible()
