"""The pages of an upload in a browser: both themes, both widths, both languages; clean, accessible, and as good without a script."""

from typing import Any

import pytest

from certifications.flow.uploads import KINDS, go_on
from certifications.uploads import actions
from tests.axe import assert_accessible
from tests.flow.steps import work
from tests.visits import Visit
from tests.world import World

from .files import HEAD, HOSPITAL, MATERNITY, csv, customers
from .steps import committed, now, sent

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
BAD = (*MATERNITY[:4], "Atlantis", *MATERNITY[5:])
LIKE = ("宁波市江南醫院", "", "", "宁波市 2 号", "CN", "330200", "Hospital")


def looked_at(visit: Visit, address: str) -> Any:
    page = visit.open(address)
    assert page.locator("h1").count() == 1
    assert_accessible(page)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{address} scrolls sideways"
    return page


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_of_an_upload_is_clean_and_accessible(visit: Visit, world: World, language: str) -> None:
    world.customer()
    mixed = sent(world.filer, csv(("2026年10月客户表",), HEAD, *customers(6), BAD, LIKE, (*BAD[:5], "江北区", BAD[6])))
    done = committed(sent(world.filer, csv(HEAD, *customers(3, start=40))), world.filer)
    bound = committed(
        sent(world.filer, csv(HEAD, (*HOSPITAL[:1], "", "12330200MA2GX00010", *HOSPITAL[3:]), *customers(1, start=60))),
        world.filer,
        "ready",
    )
    asked = sent(world.filer, csv((*HEAD[:3], "门牌", *HEAD[4:]), HOSPITAL))
    unread = sent(world.filer, csv(HEAD))
    moving = sent(world.filer, csv(HEAD, *customers(2, start=80)), work=False)
    visit.become(world.filer)
    visit.context.add_cookies([{"name": "django_language", "value": language, "url": visit.base}])
    first = mixed.problems.first()
    assert first is not None
    for address in (
        "", "new/", "columns/customers/", f"{mixed.number}/", f"{mixed.number}/?group={first.field}.{first.code}", f"{mixed.number}/rows/", f"{mixed.number}/cancel/",
        f"{done.number}/", f"{done.number}/undo/", f"{bound.number}/undo/", f"{asked.number}/columns/", f"{unread.number}/", f"{moving.number}/",
    ):  # fmt: skip
        looked_at(visit, f"/d/uploads/{address}")


def test_progress_moves_by_itself_and_survives_closing_the_page(visits: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = sent(world.filer, csv(HEAD, *customers(5)), work=False)
    one = visits()
    one.become(world.filer)
    page = one.open(f"/d/uploads/{upload.number}/")
    assert page.locator("progress").count() == 1
    go_on(upload.pk)
    page.wait_for_selector("text=Preview every row", timeout=15_000)
    assert "5 ready" in page.locator("h1").inner_text()
    actions.commit(upload=now(upload), kind=KINDS["customers"], by=world.filer, mode="all")
    page.close()
    work("upload")
    again = one.context.new_page()
    again.goto(f"{one.base}/d/uploads/{upload.number}/")
    assert "created 5" in again.locator("h1").inner_text()


def test_the_whole_way_without_a_script(chrome: Any, base: str, world: World, tmp_path: Any) -> None:
    file = tmp_path / "客户.csv"
    file.write_bytes(csv(HEAD, HOSPITAL, BAD, encoding="gbk"))
    visit = Visit(chrome, base, "light", 1280)
    visit.context.close()
    visit.context = chrome.new_context(java_script_enabled=False)
    visit.page = visit.context.new_page()
    visit.become(world.filer)
    page = visit.open("/d/uploads/new/")
    page.check("input[name=kind][value=customers]")
    page.set_input_files("input[type=file]", file)
    page.click("text=Send the file")
    work("upload")
    page.goto(page.url)
    page.fill("input.cell", "中国")
    page.click("td button:has-text('Save')")
    assert "2 ready" in page.locator("h1").inner_text()
    page.check("input[name=mode][value=all]")
    page.click("button:has-text('Commit')")
    work("upload")
    page.goto(page.url)
    assert "created 2" in page.locator("h1").inner_text()
    visit.context.close()
