"""A server of the kit's gallery and a browser that fails a test on any console message, page error or failed request."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from django.test.utils import override_settings

HERE = Path(__file__).parent
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium() -> str | None:
    """The system's Chromium, or None where Playwright brought its own."""
    found = [p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome") if Path(p).exists()]
    return found[0] if found else None


@pytest.fixture(scope="session")
def kit_server() -> Iterator[str]:
    """The portal with the gallery beside it; answers strangers, so it needs no database."""
    templates = [{**settings.TEMPLATES[0], "DIRS": [HERE / "templates", *settings.TEMPLATES[0]["DIRS"]]}]
    with override_settings(ROOT_URLCONF="tests.interface.urls", TEMPLATES=templates, ALLOWED_HOSTS=["*"]):
        thread = LiveServerThread("localhost", StaticFilesHandler, connections_override={})
        thread.daemon = True
        thread.start()
        thread.is_ready.wait()
        if thread.error:
            raise thread.error
        try:
            yield f"http://localhost:{thread.port}"
        finally:
            thread.terminate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for the session."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only the browser tests need it

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield launched
        launched.close()


class Watched:
    """Opens pages and remembers everything the browser complained about."""

    def __init__(self, browser: Any, base: str) -> None:
        self.browser, self.base = browser, base
        self.complaints: list[str] = []
        self.expected_status: set[int] = set()
        self._contexts: list[Any] = []

    def open(self, path: str, *, width: int = 1280, theme: str = "light", script: bool = True, cookies: Any = ()) -> Any:
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, java_script_enabled=script, reduced_motion="reduce"
        )
        context.add_cookies([{"url": self.base, **cookie} for cookie in cookies])
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url} {request.failure}"))
        page.goto(self.base + path, wait_until="load")
        return page

    def _console(self, message: Any) -> None:
        text = message.text
        if any(f"status of {status}" in text for status in self.expected_status):
            return
        self.complaints.append(f"console {message.type}: {text}")

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def watched(browser: Any, kit_server: str) -> Iterator[Watched]:
    """Pages of the gallery; the browser's complaints fail the test."""
    one = Watched(browser, kit_server)
    yield one
    one.close()
    assert one.complaints == []
