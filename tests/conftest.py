"""Databases, the cast, and running processes for the tests.

`./dev test` starts the servers and migrates one database as its owner; here each worker of the suite takes a copy of
it, and connects as the application does: a role that owns nothing.
"""

import gc
import os
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.utils import translation
from psycopg import sql

from certifications.people import limits
from certifications.screening.stored import forget as forget_indexes
from portal.health import forget
from tests.browser import launch
from tests.codes import own_clock
from tests.visits import base, visit, visits  # noqa: F401 - fixtures for every folder
from tests.world import World, keep_world, make_world

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
DATABASE = f"test_{WORKER}"
# The same with the cast in it: to make the cast takes longer than most tests do.
CAST = f"cast_{WORKER}"
WITH_CAST = {"world", "shop", "issued"}


def _admin(statement: sql.Composed) -> None:
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as connection:
        connection.execute(statement)


def fresh_database(name: str = DATABASE, like: str = "portal") -> None:
    """A copy of the migrated database under `name`, in place of whatever had that name."""
    for connection in connections.all():
        connection.close()
    _admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    if like == CAST:
        # A thread of an earlier test may have left its connection open; nobody may look into what is being copied.
        _admin(sql.SQL("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = {}").format(sql.Literal(like)))
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER portal_owner STRATEGY FILE_COPY")
    _admin(copy.format(sql.Identifier(name), sql.Identifier(like)))
    _admin(sql.SQL("GRANT CONNECT ON DATABASE {} TO portal_app, portal_signer").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's: the application's role may not create databases."""
    if "DATABASE_ADMIN_URL" not in os.environ:
        pytest.exit("Run the suite through ./dev test: it starts the servers that the tests need.", 2)
    with django_db_blocker.unblock():
        fresh_database()
        fresh_database(CAST)
        point_at(CAST)
        keep_world()
        point_at(DATABASE)
    yield
    with django_db_blocker.unblock():
        for connection in connections.all():
            connection.close()


def point_at(database: str) -> None:
    """This process's connections lead there from now on."""
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = database


def pytest_collection_finish() -> None:
    """What is loaded by now stays: to look through it for garbage again and again costs an eighth of the suite."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Each test in the database that it wants: with the cast where one of its fixtures is the cast, else an empty one."""
    wanted = CAST if WITH_CAST & set(getattr(item, "fixturenames", ())) else DATABASE
    # Not before there are both, and not where a fixture of several tests chose a database of its own.
    if connections["default"].settings_dict["NAME"] in {DATABASE, CAST} - {wanted}:
        point_at(wanted)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Any]:
    """The one Chromium of a worker of the suite: a second Playwright in a process finds the first one's event loop and refuses."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = launch(playwright)
        yield launched
        launched.close()


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    """Limits and used codes of one test are no business of the next."""
    cache.clear()
    forget()


@pytest.fixture(autouse=True)
def _one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits count in windows of the clock: a test that began in one does not end in the next."""
    now = time.time()
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: now))


@pytest.fixture(autouse=True)
def _no_language() -> Iterator[None]:
    """A page leaves its language behind in the thread that made it."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _own_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """One-time codes wait for no clock, but where other processes check them."""
    if {"running", "shared"} & set(request.fixturenames):
        yield
    else:
        with own_clock():
            yield


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Any, settings: Any) -> None:
    """Files of a test lie in its own folder."""
    settings.FILES_DIR = tmp_path / "files"
    settings.INDEX_DIR = tmp_path / "indexes"
    forget_indexes()


@pytest.fixture
def world(db: None) -> World:
    """The cast, the catalogue, the lists and both distributors on the register (tests/world.py)."""
    return make_world()
