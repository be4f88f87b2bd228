"""A real browser in front of Django's own test client: the rows of a test need not be committed for the pages to show them."""

from contextvars import copy_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.contrib.staticfiles.finders import find
from django.test import Client

BASE = "http://localhost"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class Desk:
    """A browser whose every request goes to Django's own test client."""

    def __init__(self, browser: Any, client: Client | None = None) -> None:
        self.browser = browser
        self.client = client or Client(enforce_csrf_checks=True)
        # Django keeps a database connection per context; without the test's own one its rows would not be seen.
        self.context = copy_context()
        self.file = b""
        self.complaints: list[str] = []

    def _answer(self, route: Any) -> None:
        request = route.request
        where = urlsplit(request.url)
        if where.path.startswith("/static/"):
            found = find(where.path.removeprefix("/static/"))
            if found:
                route.fulfill(
                    body=Path(str(found)).read_bytes(), content_type=TYPES.get(Path(str(found)).suffix, "application/octet-stream")
                )
            else:
                route.fulfill(status=404)
            return
        path = f"{where.path}?{where.query}" if where.query else where.path
        # What the browser says of where it comes from: the forms' protection reads it, and a page's policy may blank it.
        said = {name: request.headers[name] for name in ("origin", "referer") if name in request.headers}
        if request.method == "POST":
            kind = request.headers["content-type"]
            body = request.post_data_buffer or b""
            if self.file and kind.startswith("multipart/"):
                # Chromium hands out the form without the bytes of its file.
                start = body.index(b"application/pdf\r\n\r\n") + len(b"application/pdf\r\n\r\n")
                body = body[:start] + self.file + body[body.index(b"\r\n--", start) :]
            answer = self.context.copy().run(self.client.generic, "POST", path, body, kind, headers=said, SERVER_NAME="localhost")
        else:
            answer = self.context.copy().run(self.client.get, path, headers=said, SERVER_NAME="localhost")
        if answer.status_code in {301, 302, 303}:
            # Playwright sends a fulfilled redirect to the network, where nobody answers; the browser is sent on by itself.
            route.fulfill(status=200, content_type="text/html", headers={"Refresh": f"0;url={answer.headers['Location']}"}, body="")
            return
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    def open(self, path: str, *, width: int = 1280, theme: str = "light", script: bool = True) -> Any:
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, java_script_enabled=script, reduced_motion="reduce"
        )
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text) if "status of 422" not in message.text else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.route("**/*", self._answer)
        page.goto(BASE + path, wait_until="load")
        return page
