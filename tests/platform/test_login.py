"""A login that PostgreSQL's guards do not bind is refused at the start, on /readyz and by the deploy check."""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client

from portal import checks, roles
from portal.env import Misconfigured


@pytest.fixture
def login(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """Connect as another login for one test."""
    before = dict(connection.settings_dict)

    def become(url: str) -> None:
        parts = urlsplit(os.environ[url])
        connection.close()
        connection.settings_dict |= {"USER": parts.username or "", "PASSWORD": parts.password or ""}

    with django_db_blocker.unblock():
        yield become
        connection.close()
    connection.settings_dict.update(before)


@pytest.mark.parametrize(("url", "found"), [("DATABASE_OWNER_URL", "owner"), ("DATABASE_ADMIN_URL", "superuser"), ("DATABASE_URL", "")])
def test_a_login_that_the_guards_do_not_bind_is_refused(login: Any, settings: Any, url: str, found: str) -> None:
    login(url)
    assert roles.too_strong() == found
    settings.PORTAL_DEMO = False
    if not found:
        roles.check_at_start()
        return
    assert [one.id for one in checks.bound_login(None)] == ["portal.E005"]
    assert Client().get("/readyz").json()["failed"][0] == "database"
    with pytest.raises(Misconfigured, match="portal_app"):
        roles.check_at_start()
    settings.PORTAL_DEMO = True
    roles.check_at_start()
