"""Running processes and a browser that fails a test on any console message, page error or failed request."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import Watched
from tests.conftest import DATABASE, point_at

from .running import Running


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Running]:
    """The whole portal; one for the session, so that the tests of this folder share it."""
    made = Running(tmp_path_factory.mktemp("running"))
    with django_db_blocker.unblock():
        made.start()
    yield made
    made.stop()


@pytest.fixture
def shared(running: Running, django_db_blocker: Any, settings: Any) -> Iterator[Running]:
    """The test's own process looks into the same database and files as the running ones; what it does is committed."""
    settings.FILES_DIR = running.folder / "files"
    settings.TRUST_DIR = running.folder / "trust"
    with django_db_blocker.unblock():
        point_at(running.database)
        yield running
        point_at(DATABASE)


@pytest.fixture
def watched(chrome: Any, running: Running) -> Iterator[Watched]:
    """Pages of the running portal; the browser's complaints fail the test."""
    one = Watched(chrome, running.url)
    yield one
    one.close()
    assert one.complaints == []
