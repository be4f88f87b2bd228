"""Databases, the cast, and running processes for the tests.

`./dev test` starts the servers and migrates one database as its owner; here each worker of the suite takes a copy of
it, and connects as the application does: a role that owns nothing.
"""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from psycopg import sql

from portal.health import forget
from tests.browser import launch
from tests.visits import base, visit, visits  # noqa: F401 - fixtures for every folder
from tests.world import World, make_world

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
DATABASE = f"test_{WORKER}"


def _admin(statement: sql.Composed) -> None:
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as connection:
        connection.execute(statement)


def fresh_database(name: str = DATABASE) -> None:
    """A copy of the migrated database under `name`, in place of whatever had that name."""
    for connection in connections.all():
        connection.close()
    _admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    _admin(sql.SQL("CREATE DATABASE {} TEMPLATE portal OWNER portal_owner STRATEGY FILE_COPY").format(sql.Identifier(name)))
    _admin(sql.SQL("GRANT CONNECT ON DATABASE {} TO portal_app, portal_signer").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's: the application's role may not create databases."""
    if "DATABASE_ADMIN_URL" not in os.environ:
        pytest.exit("Run the suite through ./dev test: it starts the servers that the tests need.", 2)
    with django_db_blocker.unblock():
        fresh_database()
        connections["default"].settings_dict["NAME"] = DATABASE
        settings.DATABASES["default"]["NAME"] = DATABASE
    yield
    with django_db_blocker.unblock():
        for connection in connections.all():
            connection.close()


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
def _own_files(tmp_path: Any, settings: Any) -> None:
    """Files of a test lie in its own folder."""
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def world(db: None) -> World:
    """The cast, the catalogue, the lists and both distributors on the register (tests/world.py)."""
    return make_world()
