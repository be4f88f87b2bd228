"""Chromium for the tests, and pages that remember everything the browser complained about.

Knows nothing of the portal: who signs in, and how, is the caller's.
"""

import os
from pathlib import Path
from typing import Any

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium() -> str | None:
    """The system's Chromium, or None where Playwright brought its own."""
    found = [p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome") if Path(p).exists()]
    return found[0] if found else None


def launch(playwright: Any) -> Any:
    """Chromium without the renderer's font settings: with them it has no font for its own windows, and aborts."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FONTCONFIG")}
    return playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS, env=environment)


class Watched:
    """Opens pages and remembers everything the browser complained about."""

    def __init__(self, browser: Any, base: str) -> None:
        self.browser, self.base = browser, base
        self.complaints: list[str] = []
        self.expected_status: set[int] = set()
        # A navigation that turns into a download is "aborted" for the page.
        self.downloads: set[str] = set()
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
        page.on("requestfailed", self._failed)
        page.goto(self.base + path, wait_until="load")
        return page

    def _failed(self, request: Any) -> None:
        if request.url.endswith("/favicon.svg") and request.failure == "net::ERR_ABORTED":
            # The next navigation came before the tab's icon: the browser's own haste, and nothing of the page's.
            return
        if not any(request.url.endswith(end) for end in self.downloads):
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _console(self, message: Any) -> None:
        text = message.text
        if any(f"status of {status}" in text for status in self.expected_status):
            return
        self.complaints.append(f"console {message.type}: {text}")

    def close(self) -> None:
        for context in self._contexts:
            context.close()
