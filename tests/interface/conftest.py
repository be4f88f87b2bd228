"""A server of the kit's gallery and a browser that fails a test on any console message, page error or failed request."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from django.test.utils import override_settings

from tests.browser import Watched

HERE = Path(__file__).parent


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


@pytest.fixture
def watched(chrome: Any, kit_server: str) -> Iterator[Watched]:
    """Pages of the gallery; the browser's complaints fail the test."""
    one = Watched(chrome, kit_server)
    yield one
    one.close()
    assert one.complaints == []
